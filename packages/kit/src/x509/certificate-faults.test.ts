import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { testAuthority, testExtension, testTime } from '../../test/certificates.ts'
import type { TestAuthority, TestCertificateOptions } from '../../test/certificates.ts'
import { golden } from '../../test/fixtures.ts'
import { parsePrivateKey } from './keys.ts'
import type { Certificate } from './certificate.ts'
import {
  bitString,
  implicit,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
} from './der-writer.ts'
import { findPaths } from './find-paths.ts'
import type { PathAttempt, PathSearch } from './find-paths.ts'
import { extensionOids, purposeOids } from './oids.ts'

const second = 1000

/** What the first way to a root, or the last way that did not get there, is refused for. */
function attemptOf(given: Partial<PathSearch> & { readonly leaf: Certificate }): PathAttempt {
  const attempts = [
    ...findPaths({ intermediates: [], roots: [], purpose: 'clientAuth', at: testTime, ...given }),
  ]
  const attempt = attempts.find(({ root }) => root !== undefined) ?? attempts.at(-1)
  assert.ok(attempt)
  return attempt
}

function faultsOf(given: Partial<PathSearch> & { readonly leaf: Certificate }): readonly string[] {
  return attemptOf(given).faults.map(({ reason }) => reason)
}

/** The faults of a leaf of the authority, straight below it. */
function leafFaultsOf(
  options: TestCertificateOptions,
  use: Partial<PathSearch> = {},
): readonly string[] {
  const root = testAuthority()
  return faultsOf({ leaf: root.issue(options).certificate, roots: [root.certificate], ...use })
}

/** The faults of a sound leaf below an intermediate with these options. */
function issuerFaultsOf(
  options: TestCertificateOptions,
  use: Partial<PathSearch> = {},
): readonly string[] {
  const root = testAuthority()
  return chainFaults(root, root.intermediate(options), use)
}

function chainFaults(
  root: TestAuthority,
  middle: TestAuthority,
  use: Partial<PathSearch> = {},
): readonly string[] {
  return faultsOf({
    leaf: middle.issue().certificate,
    intermediates: [middle.certificate],
    roots: [root.certificate],
    ...use,
  })
}

function rootFaultsOf(options: TestCertificateOptions): readonly string[] {
  const root = testAuthority(options)
  return faultsOf({ leaf: root.issue().certificate, roots: [root.certificate] })
}

describe('validity', () => {
  const from = new Date('2026-06-10T00:00:00Z')
  const until = new Date('2026-06-20T00:00:00Z')
  const validity = { notBefore: from, notAfter: until }
  const at = (date: Date, offsetMs: number): { readonly at: Date } => ({
    at: new Date(date.getTime() + offsetMs),
  })

  it('holds from the first instant of notBefore to the last of the second notAfter', () => {
    for (const use of [at(from, 0), at(until, 0), at(until, 999)]) {
      assert.deepEqual(leafFaultsOf(validity, use), [])
    }
    assert.deepEqual(leafFaultsOf(validity, at(from, -1)), ['certificate-not-yet-valid'])
    assert.deepEqual(leafFaultsOf(validity, at(until, second)), ['certificate-expired'])
  })

  it('counts for an intermediate and for the root as well', () => {
    assert.deepEqual(issuerFaultsOf(validity, at(until, 999)), [])
    assert.deepEqual(issuerFaultsOf(validity, at(until, second)), ['issuer-expired'])
    assert.deepEqual(issuerFaultsOf(validity, at(from, -1)), ['issuer-not-yet-valid'])
    assert.deepEqual(rootFaultsOf({ notAfter: from }), ['issuer-expired'])
    assert.deepEqual(rootFaultsOf({ notBefore: until }), ['issuer-not-yet-valid'])
  })
})

describe('basic constraints and key usage', () => {
  it('an issuer has cA and keyCertSign', () => {
    assert.deepEqual(issuerFaultsOf({}), [])
    assert.deepEqual(issuerFaultsOf({ extensions: { basicConstraints: undefined } }), [
      'issuer-not-a-ca',
    ])
    assert.deepEqual(issuerFaultsOf({ extensions: { basicConstraints: { ca: false } } }), [
      'issuer-not-a-ca',
    ])
    assert.deepEqual(
      issuerFaultsOf({ extensions: { keyUsage: ['cRLSign', 'digitalSignature'] } }),
      ['issuer-may-not-sign'],
    )
    assert.deepEqual(rootFaultsOf({ extensions: { basicConstraints: undefined } }), [
      'issuer-not-a-ca',
    ])
    assert.deepEqual(rootFaultsOf({ extensions: { keyUsage: ['cRLSign'] } }), [
      'issuer-may-not-sign',
    ])
  })

  it('an issuer without key usage is a warning', () => {
    const root = testAuthority({ extensions: { keyUsage: undefined } })
    const attempt = attemptOf({ leaf: root.issue().certificate, roots: [root.certificate] })
    assert.deepEqual(attempt.faults, [])
    assert.deepEqual(
      attempt.warnings.map(({ reason }) => reason),
      ['key-usage-absent'],
    )
  })

  it('a leaf signs handshakes, and has keyCertSign only as a CA', () => {
    assert.deepEqual(leafFaultsOf({ extensions: { keyUsage: undefined } }), [])
    assert.deepEqual(leafFaultsOf({ extensions: { keyUsage: ['keyEncipherment'] } }), [
      'key-usage-not-allowed',
    ])
    const both = ['digitalSignature', 'keyCertSign'] as const
    assert.deepEqual(leafFaultsOf({ extensions: { keyUsage: both } }), ['key-usage-not-allowed'])
    assert.deepEqual(
      leafFaultsOf({ extensions: { keyUsage: both, basicConstraints: { ca: true } } }),
      [],
    )
  })

  it('a leaf has the usages that are asked for, digitalSignature without them', () => {
    const signing = {
      extensions: { keyUsage: ['keyCertSign'], basicConstraints: { ca: true } },
    } as const
    assert.deepEqual(leafFaultsOf(signing), ['key-usage-not-allowed'])
    assert.deepEqual(leafFaultsOf(signing, { keyUsages: [] }), [])
    assert.deepEqual(leafFaultsOf(signing, { keyUsages: ['keyCertSign'] }), [])
    assert.deepEqual(leafFaultsOf({}, { keyUsages: ['keyAgreement'] }), ['key-usage-not-allowed'])
  })

  it('a leaf that is a CA is a warning', () => {
    const root = testAuthority()
    const leaf = root.issue({ extensions: { basicConstraints: { ca: true } } })
    const attempt = attemptOf({ leaf: leaf.certificate, roots: [root.certificate] })
    assert.deepEqual(
      attempt.warnings.map(({ reason }) => reason),
      ['leaf-is-a-ca'],
    )
  })
})

describe('path length', () => {
  const pathLength = (value: number): TestCertificateOptions => ({
    extensions: { basicConstraints: { ca: true, pathLength: value } },
  })

  it('counts the intermediates below, not the leaf', () => {
    assert.deepEqual(rootFaultsOf(pathLength(0)), [])
    const root = testAuthority(pathLength(0))
    assert.deepEqual(chainFaults(root, root.intermediate()), ['path-length-exceeded'])
    const wider = testAuthority(pathLength(1))
    assert.deepEqual(chainFaults(wider, wider.intermediate()), [])
  })

  it('is not widened by an intermediate', () => {
    const root = testAuthority(pathLength(0))
    assert.deepEqual(chainFaults(root, root.intermediate(pathLength(5))), ['path-length-exceeded'])
  })

  it('does not count self-issued certificates', () => {
    const root = testAuthority(pathLength(0))
    const rolled = root.intermediate({ subject: root.certificate.subject })
    assert.deepEqual(chainFaults(root, rolled), [])
  })

  it('counts a leaf in no case, be it a CA', () => {
    const root = testAuthority(pathLength(0))
    const leaf = root.issue({ extensions: { basicConstraints: { ca: true } } })
    assert.deepEqual(faultsOf({ leaf: leaf.certificate, roots: [root.certificate] }), [])
  })
})

describe('purposes', () => {
  const only = (purpose: 'clientAuth' | 'serverAuth'): TestCertificateOptions => ({
    extensions: { extendedKeyUsage: [purpose] },
  })
  const server = { purpose: 'serverAuth' } as const

  it('a leaf has the purpose of its use', () => {
    assert.deepEqual(leafFaultsOf(only('clientAuth')), [])
    assert.deepEqual(leafFaultsOf(only('clientAuth'), server), ['purpose-not-allowed'])
    assert.deepEqual(leafFaultsOf(only('serverAuth'), server), [])
    assert.deepEqual(leafFaultsOf(only('serverAuth')), ['purpose-not-allowed'])
  })

  it('an issuer that has purposes has the one of the use: they nest', () => {
    assert.deepEqual(issuerFaultsOf(only('clientAuth')), [])
    assert.deepEqual(issuerFaultsOf(only('serverAuth')), ['issuer-purpose-not-allowed'])
    assert.deepEqual(rootFaultsOf(only('serverAuth')), ['issuer-purpose-not-allowed'])
  })

  it('none and any are warnings', () => {
    const root = testAuthority()
    const any = testExtension(extensionOids.extendedKeyUsage, {
      value: sequence(oid(purposeOids.anyExtendedKeyUsage)),
    })
    for (const [extraExtensions, reason] of [
      [[], 'purpose-absent'],
      [[any], 'purpose-any'],
    ] as const) {
      const leaf = root.issue({ extensions: { extendedKeyUsage: undefined }, extraExtensions })
      const attempt = attemptOf({ leaf: leaf.certificate, roots: [root.certificate] })
      assert.deepEqual(attempt.faults, [])
      assert.deepEqual(
        attempt.warnings.map((warning) => warning.reason),
        [reason],
      )
    }
  })
})

describe('extensions that are not understood', () => {
  const extra = (
    dotted: string,
    critical: boolean,
    value = nullValue(),
  ): TestCertificateOptions => ({
    extraExtensions: [testExtension(dotted, { critical, value })],
  })

  it('are refused when critical, wherever they stand', () => {
    for (const faultsWith of [leafFaultsOf, issuerFaultsOf, rootFaultsOf]) {
      assert.deepEqual(faultsWith(extra('1.2.3.4', false)), [])
      assert.deepEqual(faultsWith(extra('1.2.3.4', true)), ['critical-extension-unknown'])
    }
  })

  it('are refused when critical also where their form is checked', () => {
    const place = sequence(
      oid('1.3.6.1.5.5.7.48.1'),
      implicit(6, Buffer.from('http://ocsp.example')),
    )
    const infoAccess = '1.3.6.1.5.5.7.1.1'
    assert.deepEqual(leafFaultsOf(extra(infoAccess, false, sequence(place))), [])
    assert.deepEqual(leafFaultsOf(extra(infoAccess, true, sequence(place))), [
      'critical-extension-unknown',
    ])
  })
})

describe('serial number 0', () => {
  it('is refused, but on a root', () => {
    const zero = { serialNumber: 0 }
    assert.deepEqual(leafFaultsOf(zero), ['form-not-allowed'])
    assert.deepEqual(issuerFaultsOf(zero), ['form-not-allowed'])
    assert.deepEqual(rootFaultsOf(zero), [])
  })
})

describe('versions, keys and algorithms', () => {
  it('refuses versions 1 and 2, wherever they stand', () => {
    for (const version of [1, 2] as const) {
      assert.deepEqual(leafFaultsOf({ version }), ['version-unsupported'])
      assert.ok(issuerFaultsOf({ version }).includes('version-unsupported'))
      assert.ok(rootFaultsOf({ version }).includes('version-unsupported'))
    }
  })

  it('refuses RSA below 2048 bits, wherever it stands', () => {
    const key = parsePrivateKey(golden('keys/refused-rsa-1024.pem'))
    assert.deepEqual(leafFaultsOf({ key }), ['key-weak'])
    assert.deepEqual(rootFaultsOf({ key }), ['key-weak'])
    assert.deepEqual(leafFaultsOf({ key: parsePrivateKey(golden('keys/rsa-2048-pkcs8.pem')) }), [])
  })

  it('refuses keys of unknown types: key-weak, not issuer-key-mismatch', () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey
    const signatureAlgorithm = {
      oid: '1.2.840.10045.4.3.2',
      name: 'ecdsa-with-SHA256',
      keyType: 'ec',
      digest: 'sha256',
    } as const
    assert.deepEqual(leafFaultsOf({ key }), ['key-weak'])
    const root = testAuthority({ key, signatureAlgorithm })
    const leaf = root.issue({ signatureAlgorithm }).certificate
    const attempt = attemptOf({ leaf, roots: [root.certificate] })
    assert.deepEqual(
      attempt.faults.map(({ reason, certificate }) => [reason, certificate]),
      [['key-weak', root.certificate]],
    )
    assert.equal(attempt.root, undefined)
  })

  it('checks no signature with an RSA key over 8192 bits', () => {
    const modulus = integer(new Uint8Array(1025).fill(0xff))
    const algorithm = sequence(oid('1.2.840.113549.1.1.1'), nullValue())
    const publicKeyInfo = sequence(algorithm, bitString(sequence(modulus, integer(65_537))))
    assert.deepEqual(rootFaultsOf({ publicKeyInfo }), ['key-weak'])
    assert.deepEqual(leafFaultsOf({ publicKeyInfo }), ['key-weak'])
  })

  it('refuses SHA-1 and unknown signatures, and only below the root', () => {
    const key = parsePrivateKey(golden('keys/rsa-2048-pkcs8.pem'))
    const sha1 = {
      oid: '1.2.840.113549.1.1.5',
      name: 'sha1WithRSAEncryption',
      keyType: 'rsa',
      digest: 'sha1',
    } as const
    const pss = { ...sha1, oid: '1.2.840.113549.1.1.10', name: 'RSASSA-PSS' }
    const root = testAuthority({ key, signatureAlgorithm: sha1 })
    const roots = [root.certificate]
    assert.deepEqual(faultsOf({ leaf: root.issue().certificate, roots }), [])
    const weak = root.issue({ signatureAlgorithm: sha1 }).certificate
    assert.deepEqual(faultsOf({ leaf: weak, roots }), ['signature-algorithm-weak'])
    const unknown = root.issue({ signatureAlgorithm: pss }).certificate
    assert.deepEqual(faultsOf({ leaf: unknown, roots }), ['signature-algorithm-unsupported'])
  })
})

describe('several faults', () => {
  it('are told together', () => {
    const faults = leafFaultsOf({
      notAfter: new Date('2026-06-02T00:00:00Z'),
      extensions: { extendedKeyUsage: ['serverAuth'], keyUsage: ['keyAgreement'] },
      extraExtensions: [
        testExtension('1.2.3', { critical: true, value: octetString(Uint8Array.of()) }),
      ],
    })
    assert.deepEqual(faults, [
      'certificate-expired',
      'critical-extension-unknown',
      'purpose-not-allowed',
      'key-usage-not-allowed',
    ])
  })
})
