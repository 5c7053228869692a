import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HandfastError } from './error.ts'

const identity = { code: 'HF-Z001', reason: 'no-such-thing' } as const

describe('HandfastError', () => {
  it('carries code, reason, details, hint and cause', () => {
    const cause = new Error('deeper')
    const error = new HandfastError(identity, 'Cannot do it: no such thing', {
      cause,
      details: { line: 3 },
      hint: 'Make one',
    })
    assert.equal(error.code, 'HF-Z001')
    assert.equal(error.reason, 'no-such-thing')
    assert.deepEqual(error.details, { line: 3 })
    assert.equal(error.hint, 'Make one')
    assert.equal(error.cause, cause)
    assert.ok(error instanceof Error)
  })

  it('has no cause, hint or details unless they were given', () => {
    const error = new HandfastError(identity, 'Cannot do it: no such thing')
    assert.equal('cause' in error, false)
    assert.equal(error.hint, undefined)
    assert.deepEqual(error.details, {})
  })
})
