import { equalBytes, toHex } from './bytes.ts'
import { DerReader, malformed, readSingle, tags } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { oidText } from './der-values.ts'
import { ascii, element, oid, sequence, setOf } from './der-writer.ts'

/** One `type=value` of a name. */
export interface AttributeValue {
  /** Dotted OID. */
  readonly type: string
  /** The decoded text; for a value that is no string, `#` and the hexadecimal DER (RFC 4514 §2.4). */
  readonly value: string
  /** The DER tag of the value: the same text may be written as several string types. */
  readonly tag: number
}

/** Values that belong together at one level; nearly always one. */
export type Rdn = readonly AttributeValue[]

/**
 * An X.500 name: its parts in the order in which they are encoded (the most general first), and its bytes.
 * @see RFC 5280 §4.1.2.4
 */
export interface Name {
  readonly rdns: readonly Rdn[]
  readonly der: Uint8Array
}

const limits = {
  // Far above any real name; keeps comparisons short.
  maxRdns: 64,
  maxAttributesPerRdn: 16,
}

/** @throws {X509Error} der-malformed */
export function decodeName(der: Uint8Array): Name {
  return nameOfElement(readSingle(der, tags.sequence))
}

export function nameOfElement(encoded: DerElement): Name {
  const reader = new DerReader(encoded.content)
  const rdns: Rdn[] = []
  while (!reader.done) {
    if (rdns.length >= limits.maxRdns) throw malformed('name of more than 64 parts')
    rdns.push(decodeRdn(reader.read(tags.set)))
  }
  return { rdns, der: encoded.der }
}

/** @throws {TypeError} when a value cannot be written in its string type */
export function encodeName(rdns: readonly Rdn[]): Name {
  const der = sequence(...rdns.map((rdn) => setOf(...rdn.map(encodeAttribute))))
  return decodeName(der)
}

/** True for string values; the others are compared and printed as bytes. */
export function isStringTag(tag: number): boolean {
  return stringDecoders.has(tag)
}

/** `UTF8String`, …; `undefined` for what is no string. */
export function stringTypeName(tag: number): string | undefined {
  return stringTypeNames.get(tag)
}

const stringTypeNames = new Map<number, string>([
  [tags.utf8String, 'UTF8String'],
  [tags.printableString, 'PrintableString'],
  [tags.numericString, 'NumericString'],
  [tags.ia5String, 'IA5String'],
  [tags.visibleString, 'VisibleString'],
  [tags.teletexString, 'TeletexString'],
  [tags.bmpString, 'BMPString'],
  [tags.universalString, 'UniversalString'],
])

/**
 * A text that is equal for two names when their RDN sequences are: same order, same types, same values to the letter.
 * How a string was encoded does not matter; the order inside a multi-valued RDN does not either.
 */
export function nameKey(name: Name): string {
  return keyOf(name, (value) => value)
}

/**
 * A text that is equal for two names which name the same issuer: case and runs of spaces are folded as well.
 * For building paths only; never for deciding who a peer is.
 * @see RFC 5280 §7.1
 */
export function issuerNameKey(name: Name): string {
  const known = issuerNameKeys.get(name)
  if (known !== undefined) return known
  const key = keyOf(name, folded)
  issuerNameKeys.set(name, key)
  return key
}

// An anchor's name is asked for at every handshake.
const issuerNameKeys = new WeakMap<Name, string>()

/**
 * A text for each RDN, equal where `issuerNameKey` would be: for names that begin alike.
 * @see RFC 5280 §4.2.1.10
 */
export function foldedRdns(name: Name): readonly string[] {
  const known = foldedRdnsOf.get(name)
  if (known !== undefined) return known
  const keys = rdnKeys(name, folded).map((parts) => JSON.stringify(parts))
  foldedRdnsOf.set(name, keys)
  return keys
}

// A constraint's name is compared with many others.
const foldedRdnsOf = new WeakMap<Name, readonly string[]>()

export function sameName(a: Name, b: Name): boolean {
  return equalBytes(a.der, b.der) || nameKey(a) === nameKey(b)
}

/** The values of one attribute type, in encoded order. */
export function nameValues(name: Name, type: string): readonly string[] {
  return name.rdns.flat().flatMap((attribute) => (attribute.type === type ? attribute.value : []))
}

export const commonNameOid = '2.5.4.3'

function keyOf(name: Name, fold: (value: string) => string): string {
  return JSON.stringify(rdnKeys(name, fold))
}

function rdnKeys(name: Name, fold: (value: string) => string): readonly (readonly string[])[] {
  return name.rdns.map((rdn) =>
    rdn
      .map(({ type, value, tag }) => [type, isStringTag(tag) ? 's' : 'x', fold(value)])
      .map((parts) => JSON.stringify(parts))
      .toSorted(),
  )
}

// RFC 5280 §7.1, RFC 4518: case and runs of spaces do not tell names apart.
function folded(value: string): string {
  return value.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase()
}

function decodeRdn(encoded: DerElement): Rdn {
  const reader = new DerReader(encoded.content)
  const attributes: AttributeValue[] = []
  let previous: Uint8Array | undefined
  while (!reader.done) {
    if (attributes.length >= limits.maxAttributesPerRdn) throw malformed('RDN of too many values')
    const pair = reader.read(tags.sequence)
    // X.690 §11.6: a SET OF is sorted.
    if (previous !== undefined && Buffer.compare(previous, pair.der) >= 0) {
      throw malformed('RDN values out of order')
    }
    previous = pair.der
    attributes.push(decodeAttribute(pair))
  }
  if (attributes.length === 0) throw malformed('empty RDN')
  return attributes
}

function decodeAttribute(pair: DerElement): AttributeValue {
  const reader = new DerReader(pair.content)
  const type = oidText(reader.read(tags.oid))
  const value = reader.read()
  reader.finish()
  return attributeValueOf(type, value)
}

/** The attribute that an encoded value stands for. */
export function attributeValueOf(type: string, value: DerElement): AttributeValue {
  const decode = stringDecoders.get(value.tag)
  if (decode === undefined) return { type, value: `#${toHex(value.der)}`, tag: value.tag }
  const text = decode(value.content)
  // A NUL makes one stack see a shorter name than another does (CVE-2009-2408).
  if (text === undefined || text.includes('\0')) throw malformed('string with invalid characters')
  return { type, value: text, tag: value.tag }
}

function encodeAttribute({ type, value, tag }: AttributeValue): Uint8Array {
  const encode = stringEncoders.get(tag)
  if (encode !== undefined) return sequence(oid(type), element(tag, encode(value)))
  return sequence(oid(type), Buffer.from(value.slice(1), 'hex'))
}

type Decoder = (content: Uint8Array) => string | undefined

const stringDecoders = new Map<number, Decoder>([
  [tags.utf8String, strictUtf8],
  [tags.printableString, asciiText],
  [tags.numericString, asciiText],
  [tags.ia5String, asciiText],
  [tags.visibleString, asciiText],
  // T.61 in the standard, Latin-1 in every implementation that is still alive.
  [tags.teletexString, (content) => Buffer.from(content).toString('latin1')],
  [tags.bmpString, utf16],
  [tags.universalString, utf32],
])

const stringEncoders = new Map<number, (value: string) => Uint8Array>([
  [tags.utf8String, (value) => Buffer.from(value, 'utf8')],
  [tags.printableString, printableBytes],
  [tags.numericString, numericBytes],
  [tags.ia5String, ascii],
  [tags.visibleString, ascii],
  [tags.teletexString, latin1Bytes],
  [tags.bmpString, (value) => Buffer.from(value, 'utf16le').swap16()],
  [tags.universalString, utf32Bytes],
])

function strictUtf8(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    return undefined
  }
}

function asciiText(content: Uint8Array): string | undefined {
  return content.some((octet) => octet >= 0x80)
    ? undefined
    : Buffer.from(content).toString('latin1')
}

function utf16(content: Uint8Array): string | undefined {
  if (content.length % 2 !== 0) return undefined
  const text = Buffer.from(content).swap16().toString('utf16le')
  return text.isWellFormed() ? text : undefined
}

function utf32(content: Uint8Array): string | undefined {
  if (content.length % 4 !== 0) return undefined
  const view = Buffer.from(content)
  let text = ''
  for (let offset = 0; offset < view.length; offset += 4) {
    const point = view.readUInt32BE(offset)
    // A pair of surrogates would pass for one character below.
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined
    text += String.fromCodePoint(point)
  }
  return text
}

// X.680 §41.4. Readers differ on other characters: some refuse them.
function printableBytes(value: string): Uint8Array {
  if (!/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value))
    throw new TypeError(`Not a PrintableString: "${value}"`)
  return ascii(value)
}

function numericBytes(value: string): Uint8Array {
  if (!/^[0-9 ]*$/.test(value)) throw new TypeError(`Not a NumericString: "${value}"`)
  return ascii(value)
}

function latin1Bytes(value: string): Uint8Array {
  // oxlint-disable-next-line no-control-regex -- the whole of Latin-1 is meant
  if (!/^[\x00-\xff]*$/.test(value)) throw new TypeError(`Not Latin-1: "${value}"`)
  return Buffer.from(value, 'latin1')
}

function utf32Bytes(value: string): Uint8Array {
  const points = Array.from(value, (character) => character.codePointAt(0) ?? 0)
  const bytes = Buffer.alloc(points.length * 4)
  points.forEach((point, index) => bytes.writeUInt32BE(point, index * 4))
  return bytes
}
