import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { testAuthority, testExtension, testTime } from '../../test/certificates.ts'
import type { TestAuthority, TestIdentity } from '../../test/certificates.ts'
import { sequence } from '../x509/der-writer.ts'
import { createAllowList } from './allow-list.ts'
import { caAnchor } from './anchor.ts'
import { trustErrorCodes } from './errors.ts'
import { parsePeer } from './peer.ts'
import { createPolicy } from './policy.ts'
import type { Policy } from './policy.ts'
import { judgementFailed } from './refusal.ts'
import { refusalCatalogue } from './refusal-catalogue.ts'
import type { RefusalName } from './refusal-catalogue.ts'
import { publicRefusal, refuse, verdict } from './verdict.ts'
import type { Verdict } from './verdict.ts'

interface Given extends Partial<Omit<Policy, 'anchors'>> {
  /** The leaf first. */
  readonly presented: readonly TestIdentity[]
  readonly anchors?: readonly TestIdentity[]
  readonly at?: Date
}

function judge({ presented, anchors = [root], at = testTime, ...policy }: Given): Verdict {
  return judgeBytes(
    presented.map(({ certificate }) => certificate.der),
    { anchors, at, ...policy },
  )
}

function judgeBytes(
  presented: readonly Uint8Array[],
  { anchors = [root], at = testTime, ...policy }: Omit<Given, 'presented'> = {},
): Verdict {
  const defaults = { tlsType: 'MUTUAL', purpose: 'clientAuth', allowList: 'any-name' } as const
  const authorities = anchors.map(({ certificate }) => caAnchor(certificate))
  return verdict(
    createPolicy({ ...defaults, ...policy, anchors: authorities }),
    parsePeer(presented),
    { intermediates: [] },
    at,
  )
}

const root = testAuthority()
const middle = root.intermediate()
const leaf = root.issue()

/** What an authority issued, and itself, as a peer sends it. */
function below(authority: TestAuthority): Given {
  return { presented: [authority.issue(), authority] }
}

function descend(count: number): readonly TestAuthority[] {
  const authorities: TestAuthority[] = []
  for (let index = 0; index < count; index += 1) {
    authorities.push((authorities.at(-1) ?? root).intermediate({ subject: `CN=Level ${index}` }))
  }
  return authorities
}

function chainOf(levels: readonly TestAuthority[]): Given {
  const last = levels.at(-1)
  assert.ok(last)
  return { presented: [last.issue(), ...levels.toReversed()] }
}

const namesakes = Array.from({ length: 70 }, (_, index) =>
  testAuthority({ serialNumber: index + 100 }),
)
const withoutKeyIdentifier = root.issue({ extensions: { authorityKeyIdentifier: undefined } })

const pastEnd = new Date('2026-06-10T00:00:00Z')
const futureStart = new Date('2026-06-20T00:00:00Z')
const sha1 = { oid: '1.2.840.10045.4.1', name: 'ecdsa-with-SHA1', keyType: 'ec', digest: 'sha1' }
const sha224 = { ...sha1, oid: '1.2.840.10045.4.3.1', name: 'ecdsa-with-SHA224', digest: 'sha224' }
const rsaKey = (bits: number): TestIdentity['key'] =>
  generateKeyPairSync('rsa', { modulusLength: bits }).privateKey
const nameConstraints = testExtension('2.5.29.30', { critical: true, value: sequence() })
const unknownExtension = (critical: boolean): Uint8Array =>
  testExtension('1.3.6.1.4.1.99999.1', { critical, value: sequence() })
const [broken] = [leaf.certificate.der.subarray(0, -1)]
const listed = (name: string): Policy['allowList'] =>
  createAllowList([{ anchor: caAnchor(root.certificate).id, match: 'rdn-sequence', name }])
const usage = (...keyUsage: ('cRLSign' | 'keyCertSign' | 'keyEncipherment')[]): object => ({
  extensions: { keyUsage },
})

type Case = Given | (() => Verdict)

/** Each reason with what it is given for, and the nearest thing that is accepted. */
const reasons: readonly (readonly [RefusalName, { refused: Case; accepted: Case }])[] = [
  ['no-certificate', { refused: { presented: [] }, accepted: { presented: [leaf] } }],
  [
    'certificate-malformed',
    { refused: () => judgeBytes([broken]), accepted: () => judgeBytes([leaf.certificate.der]) },
  ],
  [
    'issuer-key-mismatch',
    { refused: { presented: [testAuthority().issue()] }, accepted: { presented: [leaf] } },
  ],
  [
    'self-signed-untrusted',
    {
      refused: { presented: [selfSigned()] },
      accepted: { presented: [root.issue({ subject: 'CN=alone' })] },
    },
  ],
  [
    'issuer-unknown',
    { refused: { presented: [middle.issue()] }, accepted: { presented: [middle.issue(), middle] } },
  ],
  ['path-too-long', { refused: chainOf(descend(7)), accepted: chainOf(descend(6)) }],
  [
    'path-search-exhausted',
    {
      refused: { presented: [withoutKeyIdentifier], anchors: [...namesakes, root] },
      accepted: { presented: [withoutKeyIdentifier], anchors: [...namesakes.slice(0, 60), root] },
    },
  ],
  [
    'signature-algorithm-weak',
    {
      refused: { presented: [root.issue({ signatureAlgorithm: { ...sha1, keyType: 'ec' } })] },
      accepted: { presented: [leaf] },
    },
  ],
  [
    'signature-algorithm-unsupported',
    {
      refused: { presented: [root.issue({ signatureAlgorithm: { ...sha224, keyType: 'ec' } })] },
      accepted: { presented: [leaf] },
    },
  ],
  [
    'key-weak',
    {
      refused: { presented: [root.issue({ key: rsaKey(1024) })] },
      accepted: { presented: [root.issue({ key: rsaKey(2048) })] },
    },
  ],
  [
    'issuer-not-a-ca',
    {
      refused: below(root.intermediate({ extensions: { basicConstraints: { ca: false } } })),
      accepted: below(root.intermediate({ extensions: { basicConstraints: { ca: true } } })),
    },
  ],
  [
    'issuer-may-not-sign',
    {
      refused: below(root.intermediate(usage('cRLSign'))),
      accepted: below(root.intermediate(usage('keyCertSign'))),
    },
  ],
  [
    'path-length-exceeded',
    { refused: limitedTo(0), accepted: limitedTo(1) },
  ],
  [
    'issuer-purpose-not-allowed',
    {
      refused: below(root.intermediate({ extensions: { extendedKeyUsage: ['serverAuth'] } })),
      accepted: below(root.intermediate({ extensions: { extendedKeyUsage: ['clientAuth'] } })),
    },
  ],
  [
    'constraint-unsupported',
    {
      refused: below(root.intermediate({ extraExtensions: [nameConstraints] })),
      accepted: below(root.intermediate()),
    },
  ],
  [
    'critical-extension-unknown',
    {
      refused: { presented: [root.issue({ extraExtensions: [unknownExtension(true)] })] },
      accepted: { presented: [root.issue({ extraExtensions: [unknownExtension(false)] })] },
    },
  ],
  [
    'version-unsupported',
    { refused: { presented: [root.issue({ version: 1 })] }, accepted: { presented: [leaf] } },
  ],
  [
    'issuer-expired',
    {
      refused: below(root.intermediate({ notAfter: pastEnd })),
      accepted: below(root.intermediate({ notAfter: testTime })),
    },
  ],
  [
    'issuer-not-yet-valid',
    {
      refused: below(root.intermediate({ notBefore: futureStart })),
      accepted: below(root.intermediate({ notBefore: testTime })),
    },
  ],
  [
    'certificate-expired',
    {
      refused: { presented: [root.issue({ notAfter: pastEnd })] },
      accepted: { presented: [root.issue({ notAfter: testTime })] },
    },
  ],
  [
    'certificate-not-yet-valid',
    {
      refused: { presented: [root.issue({ notBefore: futureStart })] },
      accepted: { presented: [root.issue({ notBefore: testTime })] },
    },
  ],
  [
    'purpose-not-allowed',
    {
      refused: { presented: [root.issue({ extensions: { extendedKeyUsage: ['serverAuth'] } })] },
      accepted: { presented: [root.issue({ extensions: { extendedKeyUsage: ['clientAuth'] } })] },
    },
  ],
  [
    'key-usage-not-allowed',
    {
      refused: { presented: [root.issue(usage('keyEncipherment'))] },
      accepted: { presented: [root.issue({ extensions: { keyUsage: undefined } })] },
    },
  ],
  [
    'server-name-mismatch',
    {
      refused: { presented: [leaf], purpose: 'serverAuth', serverName: 'other.example' },
      accepted: { presented: [leaf], purpose: 'serverAuth', serverName: 'leaf.example' },
    },
  ],
  [
    'name-not-allowed',
    {
      refused: { presented: [leaf], allowList: listed('CN=other,O=Test') },
      accepted: { presented: [leaf], allowList: listed('CN=leaf,O=Test') },
    },
  ],
]

/** What the guard, the runtime or a time limit finds; each is tested below. */
const othersFind = ['not-accepted', 'session-resumed', 'judgement-failed', 'chain-hidden'] as const

function selfSigned(): TestIdentity {
  const extensions = { basicConstraints: undefined, keyUsage: ['digitalSignature'] } as const
  return testAuthority({ subject: 'CN=alone', extensions })
}

function limitedTo(pathLength: number): Given {
  const limited = root.intermediate({ extensions: { basicConstraints: { ca: true, pathLength } } })
  const lower = limited.intermediate({ subject: 'CN=Lower' })
  return { presented: [lower.issue(), lower, limited] }
}

const run = (given: Case): Verdict => (typeof given === 'function' ? given() : judge(given))

describe('verdict() finds', () => {
  for (const [name, { refused, accepted }] of reasons) {
    it(`${name}, and accepts without it`, () => {
      const bad = run(refused)
      assert.equal(bad.outcome, 'refuse')
      assert.deepEqual(
        bad.faults.map((fault) => [fault.code, fault.name]),
        [[refusalCatalogue[name].code, name]],
      )
      const good = run(accepted)
      assert.deepEqual(
        good.faults.map((fault) => fault.name),
        [],
      )
      assert.equal(good.outcome, 'accept')
    })
  }

  it('session-resumed and chain-hidden, from the facts of the connection', () => {
    const policy = createPolicy({
      tlsType: 'MUTUAL',
      purpose: 'clientAuth',
      anchors: [caAnchor(root.certificate)],
      allowList: 'any-name',
    })
    const names = (
      presented: readonly TestIdentity[],
      facts: Parameters<typeof parsePeer>[1],
    ): readonly string[] => {
      const peer = parsePeer(
        presented.map(({ certificate }) => certificate.der),
        facts,
      )
      return verdict(policy, peer, { intermediates: [] }, testTime).faults.map(({ name }) => name)
    }
    const resumed = { sessionResumed: true, chainComplete: true }
    const hidden = { sessionResumed: false, chainComplete: false }
    assert.deepEqual(names([leaf], resumed), ['session-resumed'])
    assert.deepEqual(names([], resumed), ['no-certificate', 'session-resumed'])
    assert.deepEqual(names([middle.issue()], hidden), ['chain-hidden'])
    // A leaf that needs no intermediate is judged all the same.
    assert.deepEqual(names([leaf], hidden), [])
    assert.deepEqual(names([testAuthority().issue()], hidden), ['issuer-key-mismatch'])
  })
})

describe('judgementFailed()', () => {
  it('refuses, and keeps the cause for the operator', () => {
    const failed = judgementFailed(new Error('took 5 s'))
    assert.equal(failed.name, 'judgement-failed')
    assert.ok(failed.what.includes('took 5 s'))
    assert.deepEqual(publicRefusal(refuse([failed])), {
      code: refusalCatalogue['not-accepted'].code,
      title: refusalCatalogue['not-accepted'].title,
    })
  })
})

describe('refusalCatalogue', () => {
  it('has nothing that is not tested here', () => {
    const tested = [...reasons.map(([name]) => name), ...othersFind]
    assert.deepEqual(tested.toSorted(), Object.keys(refusalCatalogue).toSorted())
  })

  it('has codes of their own, of one form, apart from those of errors', () => {
    const codes = Object.values(refusalCatalogue).map(({ code }) => code)
    for (const code of codes) assert.match(code, /^HF-T\d{3}$/)
    const all = [...codes, ...Object.values(trustErrorCodes)]
    assert.equal(new Set(all).size, all.length)
  })

  it('says of each what, why and what to do', () => {
    for (const { title, why, fix } of Object.values(refusalCatalogue)) {
      for (const text of [title, why, fix]) assert.match(text, /^\S.*[^.\s]$/)
    }
  })
})
