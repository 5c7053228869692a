import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { StoreError } from './errors.ts'
import { encodeTime, parseJson, parseTextList, parseTime } from './values.ts'

const cell = { table: 't', column: 'c' }

describe('values', () => {
  it('round-trips every time', () => {
    const years = { min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z') }
    fc.assert(
      fc.property(fc.date({ ...years, noInvalidDate: true }), (time) => {
        assert.deepEqual(parseTime(encodeTime(time), cell), time)
      }),
    )
  })

  it('refuses any text that is no time, list or JSON with its own error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const parse of [parseTime, parseTextList, parseJson]) {
          try {
            parse(text, cell)
          } catch (error) {
            assert.ok(error instanceof StoreError)
            assert.equal(error.reason, 'row-malformed')
          }
        }
      }),
    )
  })

  it('refuses a time in another form, and a list of something else', () => {
    for (const text of ['2026-11-21', '2026-11-21T10:00:00Z', '', 'now']) {
      assert.throws(() => parseTime(text, cell), { code: 'HF-S107' })
    }
    for (const text of ['{}', '[1]', '"a"', '[']) {
      assert.throws(() => parseTextList(text, cell), { reason: 'row-malformed' })
    }
  })
})
