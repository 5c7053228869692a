import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describePeriod, describeSpan, expiresSoon } from './describe-time.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const notBefore = new Date('2026-06-01T00:00:00Z')
const notAfter = new Date('2026-08-30T00:00:00Z')
const period = { notBefore, notAfter }

test('describePeriod() says when a certificate begins, ends or ended', () => {
  assert.equal(
    describePeriod(period, new Date(notBefore.getTime() - 3 * dayMs)),
    'begins in 3 days',
  )
  assert.equal(
    describePeriod(period, new Date(notAfter.getTime() - 12 * dayMs)),
    'expires in 12 days',
  )
  assert.equal(
    describePeriod(period, new Date(notAfter.getTime() + 3 * hourMs)),
    'expired 3 hours ago',
  )
})

test('describeSpan() never rounds up', () => {
  const cases: readonly (readonly [number, string])[] = [
    [2 * dayMs, '2 days'],
    [2 * dayMs - 1, '47 hours'],
    [2 * hourMs - 1, '119 minutes'],
    [60_000, '1 minute'],
    [59_999, '0 minutes'],
  ]
  for (const [ms, text] of cases) assert.equal(describeSpan(ms), text)
})

test('expiresSoon() is true in the last third of a short life, and 30 days before the end of a long one', () => {
  assert.equal(expiresSoon(period, new Date(notAfter.getTime() - 29 * dayMs)), true)
  assert.equal(expiresSoon(period, new Date(notAfter.getTime() - 31 * dayMs)), false)
  const day = { notBefore, notAfter: new Date(notBefore.getTime() + dayMs) }
  assert.equal(expiresSoon(day, new Date(notBefore.getTime() + 12 * hourMs)), false)
  assert.equal(expiresSoon(day, new Date(notBefore.getTime() + 20 * hourMs)), true)
  assert.equal(expiresSoon(day, new Date(notBefore.getTime() + 25 * hourMs)), false)
})
