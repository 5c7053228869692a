import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import type { TestContext } from 'node:test'
import { systemClock } from './clock.ts'

const start = Date.parse('2026-06-15T12:00:00Z')
const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs

describe('systemClock.schedule()', () => {
  it('calls once, not before its time', (t) => {
    mockTime(t)
    const fn = mock.fn()
    systemClock.schedule(new Date(start + 1000), fn)
    t.mock.timers.tick(999)
    assert.equal(fn.mock.callCount(), 0)
    t.mock.timers.tick(1)
    assert.equal(fn.mock.callCount(), 1)
    t.mock.timers.tick(dayMs)
    assert.equal(fn.mock.callCount(), 1)
  })

  it('waits longer than setTimeout can (24.8 days)', (t) => {
    mockTime(t)
    const fn = mock.fn()
    systemClock.schedule(new Date(start + 400 * dayMs), fn)
    tickHours(t, 400 * 24 - 1)
    t.mock.timers.tick(hourMs - 1)
    assert.equal(fn.mock.callCount(), 0)
    t.mock.timers.tick(1)
    assert.equal(fn.mock.callCount(), 1)
  })

  it('calls soon when the time has passed', (t) => {
    mockTime(t)
    const fn = mock.fn()
    systemClock.schedule(new Date(start - dayMs), fn)
    assert.equal(fn.mock.callCount(), 0)
    t.mock.timers.tick(1)
    assert.equal(fn.mock.callCount(), 1)
  })

  it('waits on when the clock was set back', (t) => {
    mockTime(t)
    const fn = mock.fn()
    systemClock.schedule(new Date(start + 1000), fn)
    t.mock.timers.setTime(start - 5000)
    t.mock.timers.tick(1000)
    assert.equal(fn.mock.callCount(), 0)
    t.mock.timers.tick(5000)
    assert.equal(fn.mock.callCount(), 1)
  })

  it('does not call after cancel, however often that is called', (t) => {
    mockTime(t)
    const fn = mock.fn()
    const cancel = systemClock.schedule(new Date(start + 40 * dayMs), fn)
    tickHours(t, 30 * 24)
    cancel()
    cancel()
    tickHours(t, 20 * 24)
    assert.equal(fn.mock.callCount(), 0)
  })
})

describe('systemClock.now()', () => {
  it('is the time of the machine', (t) => {
    mockTime(t)
    assert.equal(systemClock.now().getTime(), start)
  })
})

function mockTime(t: TestContext): void {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: start })
}

// An hour at a time: the mock fires what a callback arms only at the next tick.
function tickHours(t: TestContext, hours: number): void {
  for (let hour = 0; hour < hours; hour += 1) t.mock.timers.tick(hourMs)
}
