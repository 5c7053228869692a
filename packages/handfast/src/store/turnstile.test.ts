import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Turnstile } from './turnstile.ts'

describe('Turnstile', { timeout: 10_000 }, () => {
  it('lets one in at a time, in order', async () => {
    const turnstile = new Turnstile()
    const order: number[] = []
    let inside = 0
    await Promise.all(
      [1, 2, 3].map(async (number) => {
        const leave = await turnstile.enter(5_000)
        inside += 1
        assert.equal(inside, 1)
        await Promise.resolve()
        order.push(number)
        inside -= 1
        leave?.()
        leave?.()
      }),
    )
    assert.deepEqual(order, [1, 2, 3])
  })

  it('sends away who waited too long, and lets the next one in', async () => {
    const turnstile = new Turnstile()
    const leave = await turnstile.enter(5_000)
    const impatient = turnstile.enter(1)
    const patient = turnstile.enter(5_000)
    assert.equal(turnstile.length, 2)
    assert.equal(await impatient, undefined)
    assert.equal(turnstile.length, 1)
    leave?.()
    assert.ok(await patient)
  })
})
