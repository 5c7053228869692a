import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { goldenCertificate, start } from './authority-fixture.test.ts'
import type { AuthorityIssuer } from './issuer.ts'
import { dayMs } from './limits.ts'
import { profiles } from './profiles.ts'
import { planValidity } from './validity.ts'
import type { Validity } from './validity.ts'

const intermediate = goldenCertificate('workshop/client_c_intermediate_ca.crt')
const root = goldenCertificate('workshop/client_c_root_ca.crt')

const issuer: AuthorityIssuer = {
  id: 'a',
  label: 'a',
  kind: 'imported',
  certificate: intermediate,
  chain: [root],
  hasKey: true,
  createdAt: start,
}

function plan(now: Date, lifetimeDays?: number): Validity {
  return planValidity({ now, profile: profiles.server, lifetimeDays }, issuer)
}

describe('planValidity', () => {
  it('starts five minutes ago and ends after the lifetime, in whole seconds', () => {
    const now = new Date(Math.floor(start.getTime() / 1000) * 1000)
    const validity = plan(new Date(now.getTime() + 789), 30)
    assert.equal(validity.notBefore.getTime(), now.getTime() - 300_000)
    assert.equal(validity.notAfter.getTime(), now.getTime() + 30 * dayMs)
    assert.equal(validity.clamped, undefined)
  })

  it("never starts before its issuer's first second", () => {
    const now = new Date(intermediate.notBefore.getTime() + 60_000)
    assert.deepEqual(plan(now).notBefore, intermediate.notBefore)
  })

  it("never ends after its issuer's last second, and says that it was cut", () => {
    const now = new Date(intermediate.notAfter.getTime() - 10 * dayMs)
    const validity = plan(now)
    assert.deepEqual(validity.notAfter, intermediate.notAfter)
    assert.deepEqual(validity.clamped, {
      requested: new Date(now.getTime() + 90 * dayMs),
      granted: intermediate.notAfter,
    })
  })

  it('ends with the root where that ends first', () => {
    const shortRoot = { ...root, notAfter: new Date(start.getTime() + 5 * dayMs) }
    const { notAfter } = planValidity(
      { now: start, profile: profiles.server },
      { ...issuer, chain: [shortRoot] },
    )
    assert.deepEqual(notAfter, shortRoot.notAfter)
  })

  it('refuses an issuer that expired, counting its last second as valid', () => {
    const last = intermediate.notAfter.getTime()
    assert.doesNotThrow(() => plan(new Date(last - 1000)))
    assert.throws(() => plan(new Date(last + 1000)), { reason: 'issuer-expired' })
  })

  it('refuses an issuer whose time has not come', () => {
    const first = intermediate.notBefore.getTime()
    assert.doesNotThrow(() => plan(new Date(first)))
    assert.throws(() => plan(new Date(first - 1)), { reason: 'issuer-not-yet-valid' })
  })

  it('refuses lifetimes beyond the profile, and those that are none', () => {
    assert.doesNotThrow(() => plan(start, 90))
    for (const days of [90.01, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e-9]) {
      assert.throws(() => plan(start, days), { reason: 'lifetime-not-allowed' }, String(days))
    }
  })
})
