import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testAuthority, testKey, testTime } from '../../test/certificates.ts'
import type { TestAuthority } from '../../test/certificates.ts'
import { golden } from '../../test/fixtures.ts'
import type { Certificate } from './certificate.ts'
import { parseCertificates } from './certificate.ts'
import type { PathFaultReason } from './certificate-faults.ts'
import { findPaths, pathLimits } from './find-paths.ts'
import type { PathAttempt, PathSearch } from './find-paths.ts'

type Given = Pick<PathSearch, 'leaf'> & Partial<PathSearch>

function search(given: Given): readonly PathAttempt[] {
  return [
    ...findPaths({ intermediates: [], roots: [], purpose: 'clientAuth', at: testTime, ...given }),
  ]
}

/** The first path without faults, as the caller of findPaths() takes it. */
function accepted(given: Given): PathAttempt | undefined {
  return search(given).find(({ faults, root: found }) => faults.length === 0 && found !== undefined)
}

function reasonsOf(given: Given): readonly PathFaultReason[] {
  assert.equal(accepted(given), undefined)
  return [...new Set(search(given).flatMap(({ faults }) => faults.map(({ reason }) => reason)))]
}

/** `count` authorities, each below the one before. */
function descend(from: TestAuthority, count: number): readonly TestAuthority[] {
  const authorities: TestAuthority[] = []
  let last = from
  for (let index = 0; index < count; index += 1) {
    last = last.intermediate({ subject: `CN=Level ${index}` })
    authorities.push(last)
  }
  return authorities
}

const certificates = (of: readonly { readonly certificate: Certificate }[]): Certificate[] =>
  of.map(({ certificate }) => certificate)

const root = testAuthority()
const middle = root.intermediate()
const leaf = middle.issue()
const chain = {
  leaf: leaf.certificate,
  intermediates: [middle.certificate],
  roots: [root.certificate],
}

describe('findPaths()', () => {
  it('finds root, intermediate and leaf, and how long they hold', () => {
    const [first] = search(chain)
    assert.deepEqual(first?.path, [leaf.certificate, middle.certificate, root.certificate])
    assert.equal(first.root, root.certificate)
    assert.deepEqual(first.faults, [])
    assert.deepEqual(first.warnings, [])
    assert.equal(first.validUntil.getTime(), leaf.certificate.notAfter.getTime() + 999)
  })

  it('holds until the shortest validity on the path ends', () => {
    const short = root.intermediate({ notAfter: new Date('2026-07-01T00:00:00Z') })
    const below = short.issue()
    const path = accepted({ ...chain, leaf: below.certificate, intermediates: [short.certificate] })
    assert.equal(path?.validUntil.toISOString(), '2026-07-01T00:00:00.999Z')
  })

  it('does not depend on the order of the intermediates, and passes over strangers and doubles', () => {
    const levels = descend(root, 4)
    const end = levels.at(-1)?.issue()
    assert.ok(end)
    const others = [testAuthority({ subject: 'CN=Stranger' }), root, root, ...levels]
    const intermediates = certificates([...others.toReversed(), ...levels])
    assert.equal(accepted({ ...chain, leaf: end.certificate, intermediates })?.path.length, 6)
  })

  it('ends at the first trusted certificate, be it an intermediate', () => {
    const path = accepted({ ...chain, intermediates: [], roots: [middle.certificate] })
    assert.deepEqual(path?.path, [leaf.certificate, middle.certificate])
  })

  it('is issuer-unknown without the intermediate, and without the root', () => {
    assert.deepEqual(reasonsOf({ ...chain, intermediates: [] }), ['issuer-unknown'])
    assert.deepEqual(reasonsOf({ ...chain, roots: [] }), ['issuer-unknown'])
  })

  it('does not trust a root because the peer sent it', () => {
    const intermediates = [middle.certificate, root.certificate]
    assert.deepEqual(reasonsOf({ ...chain, intermediates, roots: [] }), ['issuer-unknown'])
  })

  it("is issuer-key-mismatch where another key has the issuer's name", () => {
    const impostor = testAuthority({ extensions: { authorityKeyIdentifier: undefined } })
    const forged = impostor.issue()
    assert.deepEqual(reasonsOf({ leaf: forged.certificate, roots: [root.certificate] }), [
      'issuer-key-mismatch',
    ])
    const [attempt] = search({ leaf: forged.certificate, roots: [root.certificate] })
    assert.deepEqual(attempt?.path, [forged.certificate])
    assert.equal(attempt.root, undefined)
  })

  it("passes over a trusted impostor's name to the key that signed", () => {
    const namesake = testAuthority()
    const path = accepted({ ...chain, roots: [namesake.certificate, root.certificate] })
    assert.equal(path?.root, root.certificate)
  })

  it('is self-signed-untrusted for a leaf of its own, and not when it is trusted', () => {
    const extensions = {
      basicConstraints: { ca: true },
      keyUsage: ['digitalSignature', 'keyCertSign'],
    } as const
    const { certificate: own } = testAuthority({ subject: 'CN=alone', extensions })
    assert.deepEqual(reasonsOf({ leaf: own, roots: [root.certificate] }), ['self-signed-untrusted'])
    assert.ok(accepted({ leaf: own, roots: [own] }))
  })

  it('finds the trusted way of a cross-signed intermediate', () => {
    const other = testAuthority({ subject: 'CN=Other Root' })
    const crossed = other.intermediate({ key: middle.key })
    const intermediates = [middle.certificate, crossed.certificate]
    const path = accepted({ ...chain, intermediates, roots: [other.certificate] })
    assert.deepEqual(path?.path, [leaf.certificate, crossed.certificate, other.certificate])
  })

  it('goes back from an expired cross-signature to the one that holds, and tells both', () => {
    const other = testAuthority({ subject: 'CN=Other Root' })
    const expired = other.intermediate({
      key: middle.key,
      notAfter: new Date('2026-06-10T00:00:00Z'),
    })
    const given = {
      ...chain,
      intermediates: [expired.certificate, middle.certificate],
      roots: [other.certificate, root.certificate],
    }
    assert.equal(accepted(given)?.root, root.certificate)
    const faults = search(given).flatMap((attempt) => attempt.faults)
    assert.deepEqual(
      faults.map(({ reason, certificate }) => [reason, certificate]),
      [['issuer-expired', expired.certificate]],
    )
  })

  it('tries a certificate that is valid before one that is not, and a root before its copy', () => {
    const expired = root.intermediate({
      key: middle.key,
      notAfter: new Date('2026-06-10T00:00:00Z'),
    })
    const intermediates = certificates([expired, root, middle])
    const [first] = search({ ...chain, intermediates })
    assert.deepEqual(first?.path, [leaf.certificate, middle.certificate, root.certificate])
  })

  it('ends in circles of cross-signed authorities', () => {
    const [keyA, keyB] = [testKey(), testKey()]
    const a = testAuthority({ subject: 'CN=A', key: keyA })
    const b = testAuthority({ subject: 'CN=B', key: keyB })
    const aByB = b.intermediate({ subject: 'CN=A', key: keyA })
    const bByA = a.intermediate({ subject: 'CN=B', key: keyB })
    const end = a.issue()
    const given = { leaf: end.certificate, intermediates: certificates([a, b, aByB, bByA]) }
    assert.ok(reasonsOf(given).includes('issuer-unknown'))
    assert.ok(search(given).length < 10)
    assert.equal(accepted({ ...given, roots: [b.certificate] })?.path.length, 3)
  })

  it('accepts eight certificates and refuses nine', () => {
    for (const [count, fits] of [
      [6, true],
      [7, false],
    ] as const) {
      const levels = descend(root, count)
      const end = levels.at(-1)?.issue()
      assert.ok(end)
      const given = { ...chain, leaf: end.certificate, intermediates: certificates(levels) }
      if (fits) assert.equal(accepted(given)?.path.length, pathLimits.maxPathLength)
      else assert.deepEqual(reasonsOf(given), ['path-too-long'])
    }
  })

  it('accepts as many intermediates as it is told, self-issued ones not counted', () => {
    const levels = descend(root, 2)
    const [top, low] = levels
    assert.ok(top && low)
    const direct = { ...chain, leaf: root.issue().certificate }
    assert.ok(accepted({ ...direct, maxIntermediates: 0 }))
    assert.deepEqual(reasonsOf({ ...chain, maxIntermediates: 0 }), ['path-too-long'])
    assert.ok(accepted({ ...chain, maxIntermediates: 1 }))
    const long = { ...chain, leaf: low.issue().certificate, intermediates: certificates(levels) }
    assert.deepEqual(reasonsOf({ ...long, maxIntermediates: 1 }), ['path-too-long'])
    assert.ok(accepted({ ...long, maxIntermediates: 2 }))
    const rolled = top.intermediate({ subject: top.certificate.subject })
    const intermediates = certificates([top, rolled])
    const given = { ...chain, leaf: rolled.issue().certificate, intermediates }
    assert.ok(accepted({ ...given, maxIntermediates: 1 }))
  })

  it('ends within its budget among 1,000 issuers of one name', () => {
    const end = middle.issue()
    // The certificate of one authority, and 1,000 others of its name.
    const key = testKey()
    const namesakes = Array.from({ length: 1000 }, (_, index) =>
      testAuthority({
        subject: 'CN=Test Intermediate,O=Test',
        key: index % 100 === 0 ? testKey() : key,
        serialNumber: index + 1,
      }),
    )
    const started = performance.now()
    const attempts = search({
      leaf: end.certificate,
      intermediates: certificates(namesakes),
      roots: [],
    })
    assert.ok(performance.now() - started < 2000)
    assert.equal(attempts.at(-1)?.faults[0]?.reason, 'path-search-exhausted')
    assert.ok(attempts.length <= pathLimits.maxSteps)
  })

  it('ends within its budget where no signature is worth checking', () => {
    const { certificate: namesake } = testAuthority({ subject: 'CN=Test Intermediate,O=Test' })
    const unknown = {
      oid: '1.2.840.10045.4.3.1',
      name: 'ecdsa-with-SHA224',
      keyType: 'ec',
      digest: 'sha224',
    } as const
    const end = middle.issue({ signatureAlgorithm: unknown })
    const intermediates = Array.from({ length: 1000 }, () => ({ ...namesake }))
    const attempts = search({ leaf: end.certificate, intermediates })
    assert.equal(attempts.length, pathLimits.maxSteps + 1)
    assert.equal(attempts.at(-1)?.faults[0]?.reason, 'path-search-exhausted')
  })

  it('ends within its budget where every signature is valid', () => {
    const keys = Array.from({ length: 8 }, testKey)
    const name = 'CN=Test Root,O=Test'
    const mesh = keys.flatMap((key) => {
      const authority = testAuthority({ subject: name, key })
      return keys.map((other) => authority.intermediate({ subject: name, key: other }))
    })
    const started = performance.now()
    const end = testAuthority({ subject: name, ...(keys[0] && { key: keys[0] }) }).issue()
    const attempts = search({ leaf: end.certificate, intermediates: certificates(mesh) })
    assert.ok(performance.now() - started < 2000)
    assert.equal(attempts.at(-1)?.faults[0]?.reason, 'path-search-exhausted')
  })

  it('finds the right issuer among 1,000 by its key identifier, whatever the order', () => {
    const namesakes = Array.from({ length: 1000 }, (_, index) =>
      testAuthority({
        subject: 'CN=Test Intermediate,O=Test',
        key: leaf.key,
        serialNumber: index + 1,
      }),
    )
    const intermediates = [...certificates(namesakes), middle.certificate]
    assert.equal(accepted({ ...chain, intermediates })?.root, root.certificate)
  })

  it('does not need key identifiers, and does not believe them', () => {
    const bare = { authorityKeyIdentifier: undefined }
    const plain = root.issue({ extensions: bare })
    assert.ok(accepted({ ...chain, leaf: plain.certificate }))
    const liar = testAuthority({ subject: 'CN=Liar' })
    const lying = root.issue({
      extensions: {
        authorityKeyIdentifier: liar.certificate.extensions.subjectKeyIdentifier?.keyIdentifier,
      },
    })
    assert.ok(
      accepted({ ...chain, leaf: lying.certificate, roots: [root.certificate, liar.certificate] }),
    )
  })

  it('compares issuer names without case, and still by key', () => {
    const shouting = testAuthority({ subject: 'CN=TEST  ROOT,O=test', key: root.key })
    assert.ok(accepted({ ...chain, roots: [shouting.certificate] }))
    const homoglyph = testAuthority({ subject: 'CN=T\u0435st Root,O=Test', key: root.key })
    assert.deepEqual(reasonsOf({ ...chain, roots: [homoglyph.certificate] }), ['issuer-unknown'])
  })
})

describe('findPaths() on certificates of openssl', () => {
  const read = (file: string): readonly Certificate[] => parseCertificates(golden(file))
  const dayAfter = (date: Date | undefined): Date => new Date((date?.getTime() ?? 0) + 86_400_000)

  const chains: readonly (readonly [string, string, string, PathSearch['purpose']])[] = [
    [
      'workshop/client_b_chain.crt',
      'workshop/client_c_root_ca.crt',
      'a chain with intermediate',
      'clientAuth',
    ],
    [
      'one-name/client-certificate.crt',
      'one-name/ca-certificate.crt',
      "a leaf with its issuer's name",
      'clientAuth',
    ],
    [
      'one-name/server-certificate.crt',
      'one-name/ca-certificate.crt',
      "a leaf with its issuer's name",
      'serverAuth',
    ],
    [
      'certificates/rsa-intermediate.crt',
      'certificates/ec-root.crt',
      'an RSA key below an EC key',
      'clientAuth',
    ],
  ]
  for (const [file, rootFile, what, purpose] of chains) {
    it(`reaches ${rootFile} from ${file}: ${what}`, () => {
      const [end, ...intermediates] = read(file)
      assert.ok(end)
      const given = {
        leaf: end,
        intermediates,
        roots: read(rootFile),
        purpose,
        at: dayAfter(end.notBefore),
      }
      // An intermediate in a leaf's place does not sign handshakes; its path is what counts here.
      const attempt = search(given).find(({ root: found }) => found !== undefined)
      const faults = attempt?.faults.map(({ reason }) => reason)
      assert.deepEqual(faults, file.startsWith('certificates') ? ['key-usage-not-allowed'] : [])
    })
  }

  it("does not reach another organisation's root", () => {
    const [end, ...intermediates] = read('workshop/client_b_chain.crt')
    assert.ok(end)
    const roots = read('workshop/client_b_root_ca.crt')
    const at = dayAfter(end.notBefore)
    assert.deepEqual(reasonsOf({ leaf: end, intermediates, roots, at }), ['issuer-unknown'])
  })
})
