import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testAuthority, testKey, testTime } from '../../test/certificates.ts'
import type { TestIdentity } from '../../test/certificates.ts'
import { createAllowList } from './allow-list.ts'
import { caAnchor, pinnedAnchor } from './anchor.ts'
import type { Anchor } from './anchor.ts'
import { parsePeer } from './peer.ts'
import { createPolicy, oneWayPolicy } from './policy.ts'
import type { Policy } from './policy.ts'
import { publicRefusal, noEvidence, verdict } from './verdict.ts'
import type { Verdict } from './verdict.ts'

const root = testAuthority()
const trusted = caAnchor(root.certificate)
const early = new Date('2026-07-01T00:00:00Z')
const past = {
  notBefore: new Date('2025-01-01T00:00:00Z'),
  notAfter: new Date('2026-01-01T00:00:00Z'),
}

describe('verdict()', () => {
  it('reports every fault, worst first', () => {
    const between = root.intermediate({ ...past, extensions: { keyUsage: ['cRLSign'] } })
    const leaf = between.issue({
      ...past,
      extensions: { extendedKeyUsage: ['serverAuth'], keyUsage: ['keyEncipherment'] },
    })
    const { outcome, faults } = judge([leaf, between], { allowList: createAllowList([]) })
    assert.equal(outcome, 'refuse')
    assert.deepEqual(names({ faults }), [
      'issuer-may-not-sign',
      'issuer-expired',
      'certificate-expired',
      'purpose-not-allowed',
      'key-usage-not-allowed',
      'name-not-allowed',
    ])
  })

  it('tells of the path that comes closest', () => {
    // Cross-signed: one issuer leads to the anchor but has expired, the other leads nowhere.
    const key = testKey()
    const known = root.intermediate({ key, ...past })
    const stray = testAuthority({ subject: 'CN=Elsewhere' }).intermediate({ key })
    const { anchor, faults, path } = judge([known.issue(), stray, known])
    assert.equal(anchor, trusted)
    assert.deepEqual(names({ faults }), ['issuer-expired'])
    assert.deepEqual(path?.[1]?.der, known.certificate.der)
    assert.equal(path.length, 3)
  })

  it('takes the cross-signed path that holds when another one does not', () => {
    const key = testKey()
    const expired = root.intermediate({ key, ...past })
    const sound = root.intermediate({ key })
    assert.equal(judge([sound.issue(), expired, sound]).outcome, 'accept')
  })

  it('needs the issuer that was not sent, and accepts when evidence has it', () => {
    const between = root.intermediate({ subject: 'CN=Between' })
    const leaf = between.issue()
    const { faults, needs } = judge([leaf])
    assert.deepEqual(names({ faults }), ['issuer-unknown'])
    assert.deepEqual(needs, [{ kind: 'issuer-certificate', subject: 'CN=Between' }])
    const peer = parsePeer([leaf.certificate.der])
    const evidence = { intermediates: [between.certificate] }
    const accepted = verdict(policy({}), peer, evidence, testTime)
    assert.equal(accepted.outcome, 'accept')
    assert.deepEqual(accepted.needs, [])
  })

  it('does not need the same issuer twice', () => {
    const stranger = testAuthority({ subject: 'CN=Elsewhere' })
    const [one, other] = [1, 2].map((serialNumber) =>
      stranger.intermediate({ key: stranger.key, subject: 'CN=Between', serialNumber }),
    )
    assert.ok(one && other)
    assert.deepEqual(judge([one.issue(), one, other]).needs, [
      { kind: 'issuer-certificate', subject: 'CN=Elsewhere' },
    ])
  })

  it('holds until the end of the last second of the shortest validity', () => {
    const between = root.intermediate({ notAfter: early })
    const chain = [between.issue(), between]
    const end = new Date(early.getTime() + 999)
    assert.deepEqual(judge(chain).validUntil, end)
    assert.equal(judge(chain, {}, end).outcome, 'accept')
    const over = judge(chain, {}, new Date(end.getTime() + 1))
    assert.deepEqual(names(over), ['issuer-expired'])
  })

  it('refuses an expired anchor', () => {
    const old = testAuthority(past)
    const refused = judge([old.issue()], { anchors: [caAnchor(old.certificate)] })
    assert.deepEqual(names(refused), ['issuer-expired'])
  })

  it('accepts an intermediate as the anchor, without its root', () => {
    const between = root.intermediate()
    const anchor = caAnchor(between.certificate)
    const accepted = judge([between.issue()], { anchors: [anchor] })
    assert.equal(accepted.outcome, 'accept')
    assert.equal(accepted.anchor, anchor)
    assert.deepEqual(names(judge([root.issue()], { anchors: [anchor] })), ['issuer-unknown'])
  })

  it('refuses everybody when a policy made by hand has no anchors', () => {
    const empty: Policy = { ...policy({}), anchors: [] }
    const peer = parsePeer([root.issue().certificate.der])
    assert.equal(verdict(empty, peer, noEvidence, testTime).outcome, 'refuse')
  })

  it('accepts anybody where the policy is ONE_WAY, and vouches for nobody', () => {
    for (const presented of [[], [root.issue().certificate.der]]) {
      const accepted = verdict(oneWayPolicy, parsePeer(presented), noEvidence, testTime)
      assert.equal(accepted.outcome, 'accept')
      assert.equal(accepted.anchor, undefined)
    }
  })

  it('warns of what it lets pass', () => {
    const bare = root.issue({ extensions: { extendedKeyUsage: undefined } })
    const { outcome, warnings } = judge([bare])
    assert.equal(outcome, 'accept')
    assert.deepEqual(
      warnings.map(({ reason }) => reason),
      ['purpose-absent'],
    )
  })

  it('says of a server which names its certificate has', () => {
    const refused = judge([root.issue()], { purpose: 'serverAuth', serverName: 'other.example' })
    assert.match(refused.faults[0]?.what ?? '', /"other\.example".*leaf\.example/)
    const accepted = judge([root.issue()], { purpose: 'serverAuth', serverName: 'leaf.example' })
    assert.equal(accepted.outcome, 'accept')
  })
})

describe('verdict() with a pinned anchor', () => {
  const key = testKey()
  const own = testAuthority({
    key,
    subject: 'CN=pinned',
    extensions: {
      basicConstraints: undefined,
      keyUsage: ['digitalSignature'],
      subjectAltNames: [{ type: 'dns', value: 'pinned.example' }],
    },
  })
  const pin = pinnedAnchor(own.certificate)

  it('accepts that certificate, self-signed or not', () => {
    const issued = testAuthority({ subject: 'CN=Elsewhere' }).issue()
    assert.equal(judge([own], { anchors: [pin] }).anchor, pin)
    assert.equal(judge([own], { anchors: [pin] }).outcome, 'accept')
    const anchors = [pinnedAnchor(issued.certificate)]
    assert.equal(judge([issued], { anchors }).outcome, 'accept')
  })

  it('refuses a renewed one with the same key and name', () => {
    const renewed = testAuthority({ key, subject: 'CN=pinned', serialNumber: 2 })
    const refused = judge([renewed], { anchors: [pin] })
    assert.equal(refused.outcome, 'refuse')
    assert.equal(refused.anchor, undefined)
  })

  it('vouches for nothing that it signed', () => {
    const ca = testAuthority()
    const anchors = [pinnedAnchor(ca.certificate)]
    assert.deepEqual(names(judge([ca.issue()], { anchors })), ['issuer-unknown'])
    assert.deepEqual(names(judge([ca.issue(), ca], { anchors })), ['issuer-unknown'])
  })

  it('checks dates, purpose, server name and allow-list all the same', () => {
    const expired = root.issue(past)
    assert.deepEqual(names(judge([expired], { anchors: [pinnedAnchor(expired.certificate)] })), [
      'certificate-expired',
    ])
    const server = root.issue({ extensions: { extendedKeyUsage: ['serverAuth'] } })
    assert.deepEqual(names(judge([server], { anchors: [pinnedAnchor(server.certificate)] })), [
      'purpose-not-allowed',
    ])
    const serverName = 'other.example'
    assert.deepEqual(names(judge([own], { anchors: [pin], purpose: 'serverAuth', serverName })), [
      'server-name-mismatch',
    ])
    assert.deepEqual(names(judge([own], { anchors: [pin], allowList: createAllowList([]) })), [
      'name-not-allowed',
    ])
    const allowList = listing(pin, 'CN=pinned')
    assert.equal(judge([own], { anchors: [pin], allowList }).outcome, 'accept')
  })

  it('takes the path to an authority when the pinned certificate is not allowed', () => {
    const leaf = root.issue({ subject: 'CN=both' })
    const anchors = [pinnedAnchor(leaf.certificate), trusted]
    const accepted = judge([leaf], { anchors, allowList: listing(trusted, 'CN=both') })
    assert.equal(accepted.outcome, 'accept')
    assert.equal(accepted.anchor, trusted)
  })
})

describe('verdict() with pooled anchors', () => {
  const a = testAuthority({ subject: 'CN=A' })
  const b = testAuthority({ subject: 'CN=B' })
  const [anchorA, anchorB] = [caAnchor(a.certificate), caAnchor(b.certificate)]
  const anchors = [anchorA, anchorB]
  const subject = 'CN=member,O=A'

  it('admits a name from the anchor of its entry only', () => {
    const rules = { anchors, allowList: listing(anchorA, subject) }
    assert.equal(judge([a.issue({ subject })], rules).outcome, 'accept')
    const refused = judge([b.issue({ subject })], rules)
    assert.deepEqual(names(refused), ['name-not-allowed'])
    assert.equal(
      refused.faults[0]?.evidence['nearMiss'],
      'the same name is listed, but for another anchor',
    )
  })

  it('refuses the same subject from an authority that calls itself A', () => {
    const impostor = testAuthority({ subject: 'CN=A' })
    const rules = { anchors, allowList: listing(anchorA, subject) }
    const refused = judge([impostor.issue({ subject }), impostor], rules)
    assert.deepEqual(names(refused), ['issuer-key-mismatch'])
    assert.equal(publicRefusal(refused).code, 'HF-T100')
  })

  it('accepts when only the second of several valid paths has the name listed', () => {
    const key = testKey()
    const [byA, byB] = [a, b].map((ca) => ca.intermediate({ key, subject: 'CN=Between' }))
    assert.ok(byA && byB)
    const chain = [byA.issue({ subject }), byA, byB]
    for (const anchor of anchors) {
      const accepted = judge(chain, { anchors, allowList: listing(anchor, subject) })
      assert.equal(accepted.outcome, 'accept')
      assert.equal(accepted.anchor, anchor)
    }
  })
})

describe('publicRefusal()', () => {
  it('tells an unlisted peer of an unknown authority what it tells a listed one', () => {
    const stranger = testAuthority({ subject: 'CN=Elsewhere' })
    const allowList = listing(trusted, 'CN=listed')
    const told = ['CN=listed', 'CN=unlisted'].map((subject) =>
      publicRefusal(judge([stranger.issue({ subject })], { allowList })),
    )
    assert.deepEqual(told[0], told[1])
    assert.equal(told[0]?.code, 'HF-T100')
  })

  it('tells a peer that an anchor vouches for that it is not listed', () => {
    const refused = judge([root.issue()], { allowList: createAllowList([]) })
    assert.equal(publicRefusal(refused).code, 'HF-T104')
  })
})

function policy(changes: Partial<Policy>): Policy {
  return createPolicy({
    tlsType: 'MUTUAL',
    purpose: 'clientAuth',
    anchors: [trusted],
    allowList: 'any-name',
    ...changes,
  })
}

function judge(
  chain: readonly TestIdentity[],
  changes: Partial<Policy> = {},
  at: Date = testTime,
): Verdict {
  const peer = parsePeer(chain.map(({ certificate }) => certificate.der))
  return verdict(policy(changes), peer, noEvidence, at)
}

function listing(anchor: Anchor, name: string): Policy['allowList'] {
  return createAllowList([{ anchor: anchor.id, match: 'rdn-sequence', name }])
}

function names({ faults }: Pick<Verdict, 'faults'>): readonly string[] {
  return faults.map(({ name }) => name)
}
