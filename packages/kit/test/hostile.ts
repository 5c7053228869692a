import assert from 'node:assert/strict'
import { X509Error } from '../src/x509/errors.ts'

/** Every shorter beginning of `bytes`, and every copy of it with one bit turned over. */
export function* damagedCopies(bytes: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < bytes.length; length += 1) yield bytes.subarray(0, length)
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const copy = Uint8Array.from(bytes)
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
    yield copy
  }
}

/** What `parse` returned, or undefined when it threw the parser's own error; any other error fails the test. */
export function parsedOrRefused<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    assert.ok(error instanceof X509Error, `not a parser's error: ${String(error)}`)
    return undefined
  }
}
