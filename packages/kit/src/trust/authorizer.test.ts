import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testAuthority, testTime } from '../../test/certificates.ts'
import { createAllowList } from './allow-list.ts'
import { caAnchor } from './anchor.ts'
import { policyAuthorizer } from './authorizer.ts'
import { parsePeer } from './peer.ts'
import type { Policy } from './policy.ts'

const root = testAuthority()
const leaf = root.issue()
const peer = parsePeer([leaf.certificate.der])
const open: Policy = {
  tlsType: 'MUTUAL',
  purpose: 'clientAuth',
  anchors: [caAnchor(root.certificate)],
  allowList: 'any-name',
}

describe('policyAuthorizer()', () => {
  it('judges by the policy and the time of the moment', async () => {
    let policy = open
    let at = testTime
    const authorizer = policyAuthorizer(() => policy, { now: () => at })
    const outcome = async (): Promise<string> => (await authorizer.authorize(peer)).outcome
    assert.equal(await outcome(), 'accept')
    policy = { ...open, allowList: createAllowList([]) }
    assert.equal(await outcome(), 'refuse')
    policy = open
    at = new Date(leaf.certificate.notAfter.getTime() + 1000)
    assert.equal(await outcome(), 'refuse')
  })
})
