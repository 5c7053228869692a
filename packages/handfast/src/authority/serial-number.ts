import { randomBytes } from 'node:crypto'
import { limits } from './limits.ts'

/**
 * 126 random bits in 16 octets. The top bits are fixed to 01: never negative, never zero, always of one length.
 * @see RFC 5280 §4.1.2.2
 */
export function newSerialNumber(): Uint8Array {
  const bytes = randomBytes(limits.serialBytes)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes
}
