import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readSingle } from './der-reader.ts'
import { element } from './der-writer.ts'
import {
  decodeReason,
  decodeReasonFlags,
  encodeReason,
  encodeReasonFlags,
  revocationReasons,
  scopedReasons,
} from './revocation-reason.ts'

describe('decodeReason()', () => {
  it('reads what encodeReason() writes, with the codes of RFC 5280 §5.3.1', () => {
    for (const reason of revocationReasons)
      assert.equal(decodeReason(readSingle(encodeReason(reason))), reason)
    assert.deepEqual(
      revocationReasons.map((reason) => encodeReason(reason)[2]),
      [0, 1, 2, 3, 4, 5, 6, 8, 9, 10],
    )
  })

  it('reads codes that are defined nowhere as unspecified, and refuses what is no code', () => {
    const read = (...octets: number[]): unknown =>
      decodeReason(readSingle(element(0x0a, Uint8Array.from(octets))))
    for (const code of [7, 11, 127]) assert.equal(read(code), 'unspecified')
    for (const octets of [[], [0x80], [0, 1]])
      assert.throws(() => read(...octets), { reason: 'der-malformed' })
  })
})

describe('decodeReasonFlags()', () => {
  it('reads what encodeReasonFlags() writes', () => {
    for (const reasons of [scopedReasons, ...scopedReasons.map((reason) => [reason])]) {
      assert.deepEqual(
        decodeReasonFlags(readSingle(element(3, encodeReasonFlags(reasons)))),
        reasons,
      )
    }
  })
})
