import type { X509Error } from './errors.ts'
import { malformedKeyStore } from './key-store.ts'

/** Reads what Java's DataOutputStream writes: big-endian numbers, texts and bytes behind their lengths. */
export class JksReader {
  readonly #bytes: Buffer
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** 32 bits, without a sign: what Java takes for negative is too large everywhere. */
  integer(): number {
    return this.take(4).readUInt32BE()
  }

  bytes(): Buffer {
    return this.take(this.integer())
  }

  text(): string {
    return decodeModifiedUtf8(this.take(this.take(2).readUInt16BE()))
  }

  take(length: number): Buffer {
    const end = this.#offset + length
    if (end > this.#bytes.length) throw malformedJks('it is cut off')
    const taken = this.#bytes.subarray(this.#offset, end)
    this.#offset = end
    return taken
  }

  finish(): void {
    if (this.#offset < this.#bytes.length) throw malformedJks('bytes behind the last entry')
  }
}

export function malformedJks(what: string, cause?: unknown): X509Error {
  return malformedKeyStore('JKS', what, cause)
}

/**
 * Java's own UTF-8: each half of a surrogate pair in three octets, and NUL in two.
 * @see java.io.DataInput
 */
export function encodeModifiedUtf8(text: string): Uint8Array {
  const octets: number[] = []
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit > 0 && unit < 0x80) octets.push(unit)
    else if (unit < 0x800) octets.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f))
    else octets.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f))
  }
  return Uint8Array.from(octets)
}

function decodeModifiedUtf8(octets: Uint8Array): string {
  const units: string[] = []
  let index = 0
  while (index < octets.length) {
    const first = octets[index] ?? 0
    const length = first < 0x80 ? 1 : first >> 5 === 0b110 ? 2 : first >> 4 === 0b1110 ? 3 : 0
    const rest = octets.subarray(index + 1, index + length)
    if (length === 0 || rest.length !== length - 1 || rest.some((octet) => octet >> 6 !== 0b10))
      throw malformedJks('an alias that is no text')
    const head = length === 1 ? first : first & (0xff >> (length + 1))
    units.push(
      String.fromCharCode(rest.reduce((unit, octet) => (unit << 6) | (octet & 0x3f), head)),
    )
    index += length
  }
  return units.join('')
}
