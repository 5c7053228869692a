import { concatBytes } from './bytes.ts'
import { constructedContextTag, contextTag, tags } from './der-reader.ts'

/** Values → DER. Every function returns one whole tag-length-value. */

export function element(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = content.length === 1 && content[0] !== undefined ? content[0] : concatBytes(content)
  return concatBytes([encodeHeader(tag, body.length), body])
}

export function sequence(...content: readonly Uint8Array[]): Uint8Array {
  return element(tags.sequence, ...content)
}

/** X.690 §11.6: the elements of a SET OF are in ascending order of their encodings. */
export function setOf(...content: readonly Uint8Array[]): Uint8Array {
  return element(tags.set, ...content.toSorted((a, b) => Buffer.compare(a, b)))
}

export function explicit(number: number, content: Uint8Array): Uint8Array {
  return element(constructedContextTag(number), content)
}

/** A primitive `[number] IMPLICIT`. */
export function implicit(number: number, content: Uint8Array): Uint8Array {
  return element(contextTag(number), content)
}

/**
 * A non-negative INTEGER from a number or from big-endian octets.
 * @throws {TypeError} when the number is negative or no safe integer
 */
export function integer(value: number | Uint8Array): Uint8Array {
  if (typeof value === 'number' && !(Number.isSafeInteger(value) && value >= 0)) {
    throw new TypeError(`Not a non-negative integer: ${value}`)
  }
  const octets = typeof value === 'number' ? octetsOf(value) : value
  let start = 0
  while (start < octets.length - 1 && octets[start] === 0) start += 1
  const shortest = octets.subarray(start)
  const padded = (shortest[0] ?? 0) >= 0x80 ? concatBytes([Uint8Array.of(0), shortest]) : shortest
  return element(tags.integer, padded.length === 0 ? Uint8Array.of(0) : padded)
}

export function boolean(value: boolean): Uint8Array {
  return element(tags.boolean, Uint8Array.of(value ? 0xff : 0))
}

export function nullValue(): Uint8Array {
  return element(tags.null, new Uint8Array(0))
}

/** @throws {TypeError} when `dotted` is not an object identifier */
export function oid(dotted: string): Uint8Array {
  const arcs = dotted.split('.').map(Number)
  const [root, second, ...rest] = arcs
  const sound =
    /^\d+(?:\.\d+)+$/.test(dotted) &&
    root !== undefined &&
    second !== undefined &&
    arcs.every((arc) => Number.isSafeInteger(arc)) &&
    root <= 2 &&
    (root === 2 || second < 40)
  if (!sound) throw new TypeError(`Not an object identifier: "${dotted}"`)
  return element(tags.oid, Uint8Array.from([root * 40 + second, ...rest].flatMap(base128)))
}

export function octetString(content: Uint8Array): Uint8Array {
  return element(tags.octetString, content)
}

export function bitString(content: Uint8Array, unusedBits = 0): Uint8Array {
  return element(tags.bitString, Uint8Array.of(unusedBits), content)
}

/** A named bit list: X.690 §11.2.2 drops the trailing zero bits. `bits` holds the numbers of the bits set. */
export function namedBits(bits: readonly number[]): Uint8Array {
  const highest = Math.max(-1, ...bits)
  const octets = new Uint8Array(Math.ceil((highest + 1) / 8))
  for (const bit of bits) {
    const index = bit >> 3
    octets[index] = (octets[index] ?? 0) | (0x80 >> (bit & 7))
  }
  return bitString(octets, octets.length * 8 - (highest + 1))
}

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050, to the second. */
export function time(date: Date): Uint8Array {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:T]/g, '')
  const year = date.getUTCFullYear()
  return year >= 1950 && year < 2050
    ? element(tags.utcTime, ascii(digits.slice(2)))
    : element(tags.generalizedTime, ascii(digits))
}

/** @throws {TypeError} when `text` is not ASCII: another character would be written as one that it is not */
export function ascii(text: string): Uint8Array {
  // oxlint-disable-next-line no-control-regex -- the whole of ASCII is meant
  if (!/^[\x00-\x7f]*$/.test(text)) throw new TypeError(`Not ASCII: "${text}"`)
  return Buffer.from(text, 'latin1')
}

function encodeHeader(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length)
  const octets = octetsOf(length)
  return Uint8Array.of(tag, 0x80 | octets.length, ...octets)
}

function octetsOf(value: number): Uint8Array {
  const octets: number[] = []
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Uint8Array.from(octets.length === 0 ? [0] : octets)
}

function base128(arc: number): number[] {
  const octets = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
    octets.unshift((rest % 128) | 0x80)
  }
  return octets
}
