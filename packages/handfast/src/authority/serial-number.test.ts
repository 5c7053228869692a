import assert from 'node:assert/strict'
import { it } from 'node:test'
import { newSerialNumber } from './serial-number.ts'

it('newSerialNumber makes 16 octets, positive, without a leading zero, and never the same', () => {
  const made = Array.from({ length: 1000 }, () => newSerialNumber())
  for (const serial of made) {
    assert.equal(serial.length, 16)
    assert.equal((serial[0] ?? 0) & 0xc0, 0x40)
  }
  assert.equal(new Set(made.map((serial) => Buffer.from(serial).toString('hex'))).size, 1000)
})
