import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { testAuthority, testExtension, testTime } from '../../test/certificates.ts'
import type {
  TestAuthority,
  TestCertificateOptions,
  TestIdentity,
} from '../../test/certificates.ts'
import { sequence } from '../x509/der-writer.ts'
import { encodeName } from '../x509/name.ts'
import { createAllowList } from './allow-list.ts'
import { caAnchor, pinnedAnchor } from './anchor.ts'
import { trustErrorCodes } from './errors.ts'
import { parsePeer } from './peer.ts'
import type { ConnectionFacts } from './peer.ts'
import { createPolicy, oneWayPolicy } from './policy.ts'
import type { Policy } from './policy.ts'
import { refusalCatalogue } from './refusal-catalogue.ts'
import { noEvidence, publicRefusal, verdict } from './verdict.ts'
import type { Verdict } from './verdict.ts'

interface Given extends Partial<Policy> {
  /** The leaf first. */
  readonly chain: readonly TestIdentity[]
  readonly facts?: ConnectionFacts
}

function judge({ chain, facts, ...changes }: Given): Verdict {
  const policy = createPolicy({
    tlsType: 'MUTUAL',
    purpose: 'clientAuth',
    anchors: [trusted],
    allowList: 'any-name',
    ...changes,
  })
  const presented = chain.map(({ certificate }) => certificate.der)
  return verdict(policy, parsePeer(presented, facts), noEvidence, testTime)
}

const namesOf = ({ faults }: Verdict): readonly string[] => faults.map(({ name }) => name)

const root = testAuthority()
const trusted = caAnchor(root.certificate)
const beforeNow = new Date(testTime.getTime() - 1000)
const afterNow = new Date(testTime.getTime() + 1)
const hidden: ConnectionFacts = { sessionResumed: false, chainComplete: false }
const resumed: ConnectionFacts = { sessionResumed: true, chainComplete: true }
const unknownExtension = testExtension('1.3.6.1.4.1.99999.1', { value: sequence() })

const leaf = (options: TestCertificateOptions = {}): Given => ({ chain: [root.issue(options)] })
const below = (...levels: readonly TestAuthority[]): Given => ({
  chain: [(levels.at(-1) ?? root).issue(), ...levels.toReversed()],
})
const through = (options: TestCertificateOptions): Given => below(root.intermediate(options))
const listing = (name: string, anchor = trusted): Policy['allowList'] =>
  createAllowList([{ anchor: anchor.id, match: 'rdn-sequence', name }])

function descend(count: number): readonly TestAuthority[] {
  const levels: TestAuthority[] = []
  for (let level = 0; level < count; level += 1) {
    levels.push((levels.at(-1) ?? root).intermediate({ subject: `CN=Level ${level}` }))
  }
  return levels
}

function limitedTo(pathLength: number): Given {
  const limited = root.intermediate({ extensions: { basicConstraints: { ca: true, pathLength } } })
  return below(limited, limited.intermediate({ subject: 'CN=Lower' }))
}

describe('verdict() at the boundary of a rule accepts', () => {
  const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const strangers = Array.from({ length: 60 }, () => caAnchor(testAuthority().certificate))
  const accepted: readonly (readonly [string, Given])[] = [
    ['a path of eight certificates', below(...descend(6))],
    [
      'one anchor among sixty others of its name, without a key identifier to tell them apart',
      {
        ...leaf({ extensions: { authorityKeyIdentifier: undefined } }),
        anchors: [...strangers, trusted],
      },
    ],
    ['an RSA key of 2048 bits', leaf({ key: rsaKey })],
    [
      'an issuer that may sign nothing but certificates',
      through({ extensions: { keyUsage: ['keyCertSign'] } }),
    ],
    ['as many intermediates as a path length allows', limitedTo(1)],
    [
      'an issuer for this purpose only',
      through({ extensions: { extendedKeyUsage: ['clientAuth'] } }),
    ],
    ['an unknown extension that is not critical', leaf({ extraExtensions: [unknownExtension] })],
    ['an issuer in the last second of its validity', through({ notAfter: testTime })],
    ['an issuer in the first instant of its validity', through({ notBefore: testTime })],
    ['a leaf in the last second of its validity', leaf({ notAfter: testTime })],
    ['a leaf in the first instant of its validity', leaf({ notBefore: testTime })],
    ['a leaf for this purpose only', leaf({ extensions: { extendedKeyUsage: ['clientAuth'] } })],
    ['a leaf without a purpose', leaf({ extensions: { extendedKeyUsage: undefined } })],
    ['a leaf without a key usage', leaf({ extensions: { keyUsage: undefined } })],
    ['a leaf that needs no chain where the runtime hides it', { ...leaf(), facts: hidden }],
    ['a name on the list', { ...leaf(), allowList: listing('CN=leaf,O=Test') }],
  ]
  for (const [what, given] of accepted) {
    it(what, () => {
      const judged = judge(given)
      assert.deepEqual(namesOf(judged), [])
      assert.equal(judged.outcome, 'accept')
      assert.equal(judged.anchor, trusted)
    })
  }
})

describe('verdict() just beyond the boundary refuses', () => {
  const refused: readonly (readonly [string, string, Given])[] = [
    ['a path of nine certificates', 'path-too-long', below(...descend(7))],
    ['one intermediate too many', 'path-length-exceeded', limitedTo(0)],
    ['a leaf a second after its end', 'certificate-expired', leaf({ notAfter: beforeNow })],
    [
      'a leaf before its beginning',
      'certificate-not-yet-valid',
      leaf({ notBefore: new Date(afterNow.getTime() + 999) }),
    ],
    ['an issuer a second after its end', 'issuer-expired', through({ notAfter: beforeNow })],
    [
      'a leaf for the other side',
      'purpose-not-allowed',
      { ...leaf({ extensions: { extendedKeyUsage: ['clientAuth'] } }), purpose: 'serverAuth' },
    ],
    [
      'a missing intermediate that the runtime may have hidden',
      'chain-hidden',
      { chain: [root.intermediate().issue()], facts: hidden },
    ],
    [
      'a signature of another key, hidden chain or not',
      'issuer-key-mismatch',
      { chain: [testAuthority().issue()], facts: hidden },
    ],
    [
      'a subject without a name where names count',
      'name-not-allowed',
      { ...leaf({ subject: encodeName([]) }), allowList: listing('CN=leaf,O=Test') },
    ],
    [
      'a common name for a server name',
      'server-name-mismatch',
      { ...leaf({ subject: 'CN=web.example' }), purpose: 'serverAuth', serverName: 'web.example' },
    ],
  ]
  for (const [what, name, given] of refused) {
    it(`${what}: ${name}`, () => {
      const judged = judge(given)
      assert.equal(judged.outcome, 'refuse')
      assert.deepEqual(namesOf(judged), [name])
    })
  }

  it('a resumed session, with all else that is wrong', () => {
    assert.deepEqual(namesOf(judge({ chain: [], facts: resumed })), [
      'no-certificate',
      'session-resumed',
    ])
    assert.deepEqual(namesOf(judge({ ...leaf({ notAfter: beforeNow }), facts: resumed })), [
      'session-resumed',
      'certificate-expired',
    ])
  })
})

describe('verdict()', () => {
  it('tells of the path with the fewest faults among those that reach an anchor', () => {
    const past = { notAfter: beforeNow }
    const worse = root.intermediate({ ...past, extensions: { keyUsage: ['cRLSign'] } })
    const { key } = worse
    const better = root.intermediate({ ...past, key })
    for (const chain of [
      [worse.issue(), worse, better],
      [worse.issue(), better, worse],
    ]) {
      assert.deepEqual(namesOf(judge({ chain })), ['issuer-expired'])
    }
  })

  it('of a pinned certificate ends with its last second', () => {
    const own = root.issue({ notAfter: new Date('2026-07-01T00:00:00Z') })
    const judged = judge({ chain: [own], anchors: [pinnedAnchor(own.certificate)] })
    assert.equal(judged.validUntil?.toISOString(), '2026-07-01T00:00:00.999Z')
  })

  it('accepts what cannot be read where the policy is ONE_WAY', () => {
    const peer = parsePeer([Uint8Array.of(1)])
    assert.equal(verdict(oneWayPolicy, peer, noEvidence, testTime).outcome, 'accept')
  })

  it('finds the right one of 2,000 anchors with 2,000 entries', () => {
    const authorities = Array.from({ length: 2000 }, (_, index) =>
      testAuthority({ subject: `CN=Root ${index}` }),
    )
    const anchors = authorities.map(({ certificate }) => caAnchor(certificate))
    const subjectOf = (index: number): string => `CN=member ${index},O=Test`
    const allowList = createAllowList(
      anchors.map(({ id }, index) => ({
        anchor: id,
        match: 'rdn-sequence',
        name: subjectOf(index),
      })),
    )
    for (const index of [0, 999, 1999]) {
      const authority = authorities[index]
      assert.ok(authority)
      const own = authority.issue({ subject: subjectOf(index) })
      const judged = judge({ chain: [own], anchors, allowList })
      assert.equal(judged.outcome, 'accept')
      assert.equal(judged.anchor, anchors[index])
      const other = authority.issue({ subject: subjectOf(index === 0 ? 1 : 0) })
      assert.deepEqual(namesOf(judge({ chain: [other], anchors, allowList })), ['name-not-allowed'])
    }
  })
})

describe('publicRefusal() is no oracle', () => {
  const allowList = listing('CN=listed')
  const told = (given: Given): string => publicRefusal(judge({ allowList, ...given })).code

  it('for a peer that no anchor signed for, whatever else is wrong', () => {
    const stranger = testAuthority({ subject: 'CN=Stranger' })
    const namesake = testAuthority()
    const worse: readonly TestCertificateOptions[] = [
      { subject: 'CN=listed' },
      { subject: 'CN=unlisted' },
      { notAfter: beforeNow },
      { notBefore: new Date('2026-07-01T00:00:00Z') },
      { extensions: { extendedKeyUsage: ['serverAuth'] } },
      { extensions: { keyUsage: ['keyEncipherment'] } },
      { extraExtensions: [testExtension('1.2.3.4', { critical: true, value: sequence() })] },
      { version: 1 },
    ]
    for (const options of worse) {
      for (const authority of [stranger, namesake]) {
        const own = authority.issue(options)
        assert.equal(told({ chain: [own] }), 'HF-T100')
        assert.equal(told({ chain: [own, authority] }), 'HF-T100')
        assert.equal(told({ chain: [own], facts: hidden }), 'HF-T100')
        assert.equal(told({ chain: [own], facts: resumed }), 'HF-T100')
      }
    }
  })

  it('for a member that signs names with its own certificate to find out which are listed', () => {
    const member = root.intermediate({ extensions: { basicConstraints: undefined } })
    const codes = ['CN=listed', 'CN=unlisted'].map((subject) =>
      told({ chain: [member.issue({ subject }), member] }),
    )
    assert.deepEqual(codes, ['HF-T120', 'HF-T120'])
  })

  it('but says to a vouched peer what it can put right', () => {
    assert.equal(told(leaf({ subject: 'CN=unlisted' })), 'HF-T104')
    assert.equal(told(leaf({ subject: 'CN=listed', notAfter: beforeNow })), 'HF-T132')
    assert.equal(told({ chain: [] }), 'HF-T101')
  })
})

describe('refusalCatalogue', () => {
  it('has no code that an error has', () => {
    const codes = Object.values(refusalCatalogue).map(({ code }) => code)
    const errors: readonly string[] = Object.values(trustErrorCodes)
    assert.deepEqual(
      codes.filter((code) => errors.includes(code)),
      [],
    )
    for (const code of errors) assert.match(code, /^HF-T0\d\d$/)
  })
})
