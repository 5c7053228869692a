import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { testAuthority, testExtension, testTime } from '../../test/certificates.ts'
import type {
  TestAuthority,
  TestCertificateOptions,
  TestIdentity,
} from '../../test/certificates.ts'
import { nameConstraints, policyConstraints } from '../../test/constraints.ts'
import type { TestSubtree } from '../../test/constraints.ts'
import { implicit } from '../x509/der-writer.ts'
import type { GeneralName } from '../x509/general-name.ts'
import { createAllowList } from './allow-list.ts'
import { caAnchor } from './anchor.ts'
import { parsePeer } from './peer.ts'
import type { ConnectionFacts } from './peer.ts'
import { createPolicy } from './policy.ts'
import type { Policy } from './policy.ts'
import { refusalCatalogue } from './refusal-catalogue.ts'
import type { RefusalName } from './refusal-catalogue.ts'
import { judgementFailed } from './refusal.ts'
import { noEvidence, publicRefusal, refuse, verdict } from './verdict.ts'
import type { Evidence, Verdict } from './verdict.ts'

const registeredId = { type: 'other', tag: 0x88, der: implicit(8, Uint8Array.of(0x2a)) } as const
const dnsName = (value: string): TestSubtree & GeneralName => ({ type: 'dns', value })

const root = testAuthority()
const earlier = { notBefore: new Date('2025-01-01T00:00:00Z') }
const expired = { ...earlier, notAfter: new Date('2026-06-15T11:59:58Z') }
const notYet = { notBefore: new Date('2026-06-15T12:00:01Z') }
const sha1 = { oid: '1.2.840.10045.4.1', name: 'ecdsa-with-SHA1', digest: 'sha1' }
const unknownAlgorithm = { oid: '1.2.3.4', name: '1.2.3.4', digest: 'sha256' }

/** Every name of the catalogue, and what brings it about: the type leaves no name out. */
const cases: Readonly<Record<Exclude<RefusalName, 'not-accepted'>, () => Verdict>> = {
  'no-certificate': () => verdict(policy(), parsePeer([]), noEvidence, testTime),
  'certificate-malformed': () =>
    verdict(policy(), parsePeer([Uint8Array.of(0x30, 0x00)]), noEvidence, testTime),
  'session-resumed': () =>
    judge([root.issue()], { facts: { sessionResumed: true, chainComplete: true } }),
  'judgement-failed': () => refuse([judgementFailed(new Error('the store is gone'))]),
  'chain-hidden': () =>
    judge([root.intermediate().issue()], {
      facts: { sessionResumed: false, chainComplete: false },
    }),
  'issuer-key-mismatch': () => judge([testAuthority().issue()]),
  'self-signed-untrusted': () => judge([selfSigned()]),
  'issuer-unknown': () => judge([testAuthority({ subject: 'CN=Stranger' }).issue()]),
  'path-too-long': () => judge(deepChain(8)),
  'path-search-exhausted': () =>
    judge([testAuthority({ subject: 'CN=Twin' }).issue()], {
      evidence: {
        intermediates: Array.from(
          { length: 65 },
          () => testAuthority({ subject: 'CN=Twin' }).certificate,
        ),
      },
    }),
  'signature-algorithm-weak': () => judge([root.issue({ signatureAlgorithm: sha1 })]),
  'signature-algorithm-unsupported': () =>
    judge([root.issue({ signatureAlgorithm: unknownAlgorithm })]),
  'key-weak': () =>
    judge([root.issue({ key: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey })]),
  'issuer-not-a-ca': () => through({ extensions: { basicConstraints: undefined } }),
  'issuer-may-not-sign': () => through({ extensions: { keyUsage: ['cRLSign'] } }),
  'path-length-exceeded': () => {
    const strict = testAuthority({ extensions: { basicConstraints: { ca: true, pathLength: 0 } } })
    const between = strict.intermediate()
    return judge([between.issue(), between], { anchor: strict })
  },
  'issuer-purpose-not-allowed': () => through({ extensions: { extendedKeyUsage: ['serverAuth'] } }),
  'constraint-unsupported': () =>
    constrained(nameConstraints({ permitted: [registeredId] }), [registeredId]),
  'name-constraint-violated': () =>
    constrained(nameConstraints({ excluded: [dnsName('example')] }), [dnsName('leaf.example')]),
  'constraint-malformed': () =>
    constrained(nameConstraints({ excluded: [dnsName('test')] }, { critical: false }), [
      dnsName('leaf.example'),
    ]),
  'name-comparisons-exhausted': () =>
    constrained(
      nameConstraints({ excluded: Array.from({ length: 1024 }, () => dnsName('test')) }),
      Array.from({ length: 100 }, (_, index) => dnsName(`host-${index}.example`)),
    ),
  'policy-missing': () =>
    through({ extraExtensions: [policyConstraints({ requireExplicitPolicy: 0 })] }),
  'form-not-allowed': () => through({ extensions: { authorityKeyIdentifier: undefined } }),
  'critical-extension-unknown': () =>
    judge([
      root.issue({
        extraExtensions: [
          testExtension('1.2.3.4', { critical: true, value: Uint8Array.of(0x05, 0x00) }),
        ],
      }),
    ]),
  'version-unsupported': () => judge([root.issue({ version: 1 })]),
  'issuer-expired': () => through(expired),
  'issuer-not-yet-valid': () => through(notYet),
  'certificate-expired': () => judge([root.issue(expired)]),
  'certificate-not-yet-valid': () => judge([root.issue(notYet)]),
  'purpose-not-allowed': () =>
    judge([root.issue({ extensions: { extendedKeyUsage: ['serverAuth'] } })]),
  'key-usage-not-allowed': () =>
    judge([root.issue({ extensions: { keyUsage: ['keyEncipherment'] } })]),
  'server-name-mismatch': () =>
    judge([root.issue()], { policy: { purpose: 'serverAuth', serverName: 'other.example' } }),
  'name-not-allowed': () => judge([root.issue()], { policy: { allowList: createAllowList([]) } }),
}

/** Those that stop a search before it reaches the anchor: the peer is not vouched for. */
const unreached: ReadonlySet<string> = new Set([
  'no-certificate',
  'certificate-malformed',
  'judgement-failed',
  'chain-hidden',
  'issuer-key-mismatch',
  'self-signed-untrusted',
  'issuer-unknown',
  'path-too-long',
  'path-search-exhausted',
  'signature-algorithm-weak',
  'signature-algorithm-unsupported',
])

describe('verdict()', () => {
  it('accepts the certificate that every case below spoils', () => {
    const between = root.intermediate()
    for (const chain of [[root.issue()], [between.issue(), between]]) {
      const accepted = judge(chain)
      assert.equal(accepted.outcome, 'accept')
      assert.deepEqual(accepted.faults, [])
      assert.equal(accepted.anchor?.certificate, root.certificate)
    }
  })

  for (const [name, bringAbout] of Object.entries(cases)) {
    it(`refuses with ${name}, and that alone`, () => {
      const { outcome, faults, anchor } = bringAbout()
      assert.equal(outcome, 'refuse')
      assert.deepEqual([...new Set(faults.map((fault) => fault.name))], [name])
      assert.equal(anchor === undefined, unreached.has(name))
    })
  }
})

describe('publicRefusal()', () => {
  for (const [name, bringAbout] of Object.entries(cases)) {
    it(`tells a peer refused with ${name} no more than it may know`, () => {
      const refused = bringAbout()
      const [fault] = refused.faults
      assert.ok(fault)
      const { seenBy } = refusalCatalogue[fault.name]
      const told = seenBy === 'anyone' || (seenBy === 'vouched' && refused.anchor !== undefined)
      const { code } = told ? fault : refusalCatalogue['not-accepted']
      assert.deepEqual(publicRefusal(refused), { code, title: titleOf(code) })
    })
  }

  it('tells of a fault that follows one which only the operator may see', () => {
    const refused = judge([root.issue(expired)], {
      facts: { sessionResumed: true, chainComplete: true },
    })
    assert.deepEqual(
      refused.faults.map(({ name }) => name),
      ['session-resumed', 'certificate-expired'],
    )
    assert.equal(publicRefusal(refused).code, 'HF-T132')
  })

  it('is not-accepted where no fault is known', () => {
    assert.equal(publicRefusal(refuse([])).code, 'HF-T100')
  })
})

describe('refusalCatalogue', () => {
  const entries = Object.entries(refusalCatalogue)

  it('gives every name a code of its own', () => {
    assert.equal(new Set(entries.map(([, { code }]) => code)).size, entries.length)
    for (const [, { code }] of entries) assert.match(code, /^HF-T1\d\d$/)
  })

  it('says what, why and what to do for every name', () => {
    for (const [name, { title, why, fix }] of entries) {
      for (const text of [title, why, fix]) assert.ok(text.length > 10, name)
    }
  })

  it('shows those who are vouched for by nobody nothing but that they sent no certificate', () => {
    const visible = entries.filter(([, { seenBy }]) => seenBy === 'anyone').map(([name]) => name)
    assert.deepEqual(visible, ['not-accepted', 'no-certificate'])
  })
})

interface JudgeOptions {
  readonly anchor?: TestAuthority
  readonly policy?: Partial<Policy>
  readonly facts?: ConnectionFacts
  readonly evidence?: Evidence
}

function judge(chain: readonly TestIdentity[], options: JudgeOptions = {}): Verdict {
  const { anchor = root, facts, evidence = noEvidence } = options
  const peer = parsePeer(
    chain.map(({ certificate }) => certificate.der),
    facts,
  )
  const anchors = [caAnchor(anchor.certificate)]
  return verdict(policy({ anchors, ...options.policy }), peer, evidence, testTime)
}

function policy(changes: Partial<Policy> = {}): Policy {
  return createPolicy({
    tlsType: 'MUTUAL',
    purpose: 'clientAuth',
    anchors: [caAnchor(root.certificate)],
    allowList: 'any-name',
    ...changes,
  })
}

function through(options: TestCertificateOptions): Verdict {
  const between = root.intermediate(options)
  return judge([between.issue(), between])
}

function constrained(constraints: Uint8Array, subjectAltNames: readonly GeneralName[]): Verdict {
  const between = root.intermediate({ extraExtensions: [constraints] })
  return judge([between.issue({ extensions: { subjectAltNames } }), between])
}

function deepChain(intermediates: number): readonly TestIdentity[] {
  const chain: TestAuthority[] = []
  for (let depth = 0; depth < intermediates; depth += 1) {
    chain.unshift((chain[0] ?? root).intermediate({ subject: `CN=Depth ${depth}` }))
  }
  const [lowest = root] = chain
  return [lowest.issue(), ...chain]
}

function selfSigned(): TestIdentity {
  return testAuthority({
    subject: 'CN=Stranger',
    extensions: { basicConstraints: undefined, keyUsage: ['digitalSignature'] },
  })
}

function titleOf(code: string): string | undefined {
  return Object.values(refusalCatalogue).find((entry) => entry.code === code)?.title
}
