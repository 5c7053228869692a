import { malformed, tags } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'

/** DER content octets → values. All throw `X509Error` `der-malformed`. */

/** The two's-complement octets of an INTEGER, in their shortest form. */
export function integerBytes(element: DerElement): Uint8Array {
  const { content } = element
  const [first, second] = content
  if (first === undefined) throw malformed('empty INTEGER')
  // X.690 §8.3.2: the first nine bits are neither all zero nor all one.
  const redundant =
    second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
  if (redundant) throw malformed('INTEGER not in its shortest form')
  return content
}

/** A non-negative INTEGER of at most 31 bits. */
export function smallInteger(element: DerElement): number {
  const bytes = integerBytes(element)
  if ((bytes[0] ?? 0) >= 0x80) throw malformed('negative INTEGER')
  if (bytes.length > 4) throw malformed('INTEGER too large')
  return bytes.reduce((value, octet) => value * 256 + octet, 0)
}

/** X.690 §11.1: TRUE is 0xff. */
export function booleanValue(element: DerElement): boolean {
  const [octet] = element.content
  if (element.content.length !== 1 || (octet !== 0 && octet !== 0xff)) {
    throw malformed('BOOLEAN is neither 00 nor FF')
  }
  return octet === 0xff
}

/** A BOOLEAN DEFAULT FALSE: X.690 §11.5 forbids writing the default. */
export function defaultFalse(element: DerElement | undefined): boolean {
  if (element === undefined) return false
  if (!booleanValue(element)) throw malformed('default value FALSE written out')
  return true
}

/** X.690 §8.8.2: NULL has no content. */
export function nullContent(element: DerElement): void {
  if (element.content.length > 0) throw malformed('NULL with content')
}

/** Dotted decimal. */
export function oidText(element: DerElement): string {
  const { content } = element
  const last = content.at(-1)
  if (last === undefined || last >= 0x80) throw malformed('truncated OBJECT IDENTIFIER')
  const arcs: number[] = []
  let arc = 0
  let first = true
  for (const octet of content) {
    if (first && octet === 0x80) throw malformed('OBJECT IDENTIFIER arc not in its shortest form')
    arc = arc * 128 + (octet & 0x7f)
    if (!Number.isSafeInteger(arc)) throw malformed('OBJECT IDENTIFIER arc too large')
    first = octet < 0x80
    if (first) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [head = 0, ...rest] = arcs
  const root = Math.min(2, Math.floor(head / 40))
  return [root, head - root * 40, ...rest].join('.')
}

export interface BitString {
  readonly unusedBits: number
  readonly bytes: Uint8Array
}

/** X.690 §11.2: unused bits are zero. */
export function bitString(element: DerElement): BitString {
  const [unusedBits] = element.content
  if (unusedBits === undefined || unusedBits > 7) throw malformed('BIT STRING without a bit count')
  const bytes = element.content.subarray(1)
  const last = bytes.at(-1)
  if (last === undefined) {
    if (unusedBits !== 0) throw malformed('empty BIT STRING with unused bits')
  } else if ((last & ((1 << unusedBits) - 1)) !== 0) {
    throw malformed('BIT STRING with unused bits set')
  }
  return { unusedBits, bytes }
}

/** A BIT STRING of whole octets, as signatures and keys are. */
export function bitStringOctets(element: DerElement): Uint8Array {
  const { unusedBits, bytes } = bitString(element)
  if (unusedBits !== 0) throw malformed('BIT STRING is not whole octets')
  return bytes
}

/** UTCTime or GeneralizedTime in the only forms that RFC 5280 §4.1.2.5 allows: to the second, in Z. */
export function timeValue(element: DerElement): Date {
  const text = Buffer.from(element.content).toString('latin1')
  const parsed = element.tag === tags.utcTime ? utcTime(text) : generalizedTime(text, element.tag)
  const [year, month, day, hour, minute, second] = parsed
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  const exact =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second
  if (!exact) throw malformed(`no such time "${text}"`)
  return date
}

type TimeParts = readonly [number, number, number, number, number, number]

function utcTime(text: string): TimeParts {
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (match === null) throw malformed('UTCTime is not YYMMDDHHMMSSZ')
  const [, yy, ...rest] = match
  // RFC 5280 §4.1.2.5.1: 50 to 99 are of the twentieth century.
  const year = Number(yy) >= 50 ? 1900 + Number(yy) : 2000 + Number(yy)
  return timeParts(year, rest)
}

function generalizedTime(text: string, tag: number): TimeParts {
  if (tag !== tags.generalizedTime) throw malformed('neither UTCTime nor GeneralizedTime')
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (match === null) throw malformed('GeneralizedTime is not YYYYMMDDHHMMSSZ')
  const [, year, ...rest] = match
  return timeParts(Number(year), rest)
}

function timeParts(year: number, rest: readonly string[]): TimeParts {
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = rest.map(Number)
  return [year, month, day, hour, minute, second]
}
