import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testAuthority } from '../../test/certificates.ts'
import { caAnchor } from './anchor.ts'
import { createPolicy, oneWayPolicy } from './policy.ts'
import type { Policy } from './policy.ts'

const mutual: Policy = {
  tlsType: 'MUTUAL',
  purpose: 'clientAuth',
  anchors: [],
  allowList: 'any-name',
}

describe('createPolicy()', () => {
  it('refuses MUTUAL without anchors', () => {
    assert.throws(() => createPolicy(mutual), { name: 'TrustError', code: 'HF-T002' })
  })

  it('takes MUTUAL with an anchor, and ONE_WAY without', () => {
    const anchored = { ...mutual, anchors: [caAnchor(testAuthority().certificate)] }
    assert.equal(createPolicy(anchored), anchored)
    assert.equal(createPolicy(oneWayPolicy), oneWayPolicy)
  })
})
