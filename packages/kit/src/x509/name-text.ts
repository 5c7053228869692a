import { attributeStringTag, attributeTypeName, attributeTypeOid } from './attribute-types.ts'
import { fromHex } from './bytes.ts'
import { readSingle } from './der-reader.ts'
import { X509Error } from './errors.ts'
import { attributeValueOf, encodeName, isStringTag } from './name.ts'
import type { AttributeValue, Name, Rdn } from './name.ts'

const limits = {
  // A name of 64 parts with long values; more is not a name.
  maxTextLength: 16_384,
}

export interface FormatNameOptions {
  /**
   * Write every character outside printable ASCII, and `"` and `\`, as hexadecimal escapes, so that the text fits
   * into an HTTP header or a quoted value whatever the name holds.
   */
  readonly asciiOnly?: boolean
}

/**
 * Writes a name as people and other tools do: `CN=web,O=Example,C=FR`, the most specific part first.
 * @see RFC 4514 §2
 */
export function formatName(name: Name, options: FormatNameOptions = {}): string {
  const escape = options.asciiOnly === true ? escapeToAscii : escapeValue
  return name.rdns
    .toReversed()
    .map((rdn) => rdn.map((attribute) => formatAttribute(attribute, escape)).join('+'))
    .join(',')
}

/**
 * Reads a name from text: RFC 4514 (`CN=web,O=Example,C=FR`, spaces around separators allowed) or OpenSSL's form
 * (`/C=FR/O=Example/CN=web`).
 * @throws {X509Error} name-malformed
 * @see RFC 4514 §3
 */
export function parseName(text: string): Name {
  if (text.length > limits.maxTextLength) throw problem(text, 'text is too long')
  const trimmed = text.trimStart()
  if (trimmed === '') throw problem(text, 'it is empty')
  const rdns = trimmed.startsWith('/')
    ? parseSequence(trimmed.slice(1), { whole: text, separator: '/' })
    : parseSequence(trimmed, { whole: text, separator: ',' }).toReversed()
  return encode(text, rdns)
}

function encode(text: string, rdns: readonly Rdn[]): Name {
  try {
    return encodeName(rdns)
  } catch (cause) {
    throw problem(text, cause instanceof Error ? cause.message : 'it cannot be encoded', cause)
  }
}

function formatAttribute(attribute: AttributeValue, escape: (value: string) => string): string {
  const { type, value, tag } = attribute
  return `${attributeTypeName(type)}=${isStringTag(tag) ? escape(value) : value}`
}

// RFC 4514 §2.4: these are escaped anywhere; `#` and space at the start, space at the end.
function escapeValue(value: string): string {
  return value
    .replaceAll(/["+,;<>\\]/g, (character) => `\\${character}`)
    .replaceAll(/^[ #]| $/g, (character) => `\\${character}`)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, hexEscape)
}

function escapeToAscii(value: string): string {
  return value
    .replaceAll(/["\\+,;<>=]|[^\x20-\x7e]/gu, hexEscape)
    .replace(/^[ #]/, hexEscape)
    .replace(/ $/, hexEscape)
}

function hexEscape(character: string): string {
  return Array.from(
    Buffer.from(character, 'utf8'),
    (octet) => `\\${octet.toString(16).padStart(2, '0').toUpperCase()}`,
  ).join('')
}

interface TextForm {
  readonly whole: string
  readonly separator: ',' | '/'
}

function parseSequence(source: string, form: TextForm): Rdn[] {
  return split(source, form.separator).map((part) =>
    split(part, '+').map((pair) => parseAttribute(pair, form)),
  )
}

/** Splits at a separator that is not escaped; RFC 2253's `;` counts as `,`. */
function split(text: string, separator: string): string[] {
  const parts: string[] = []
  let part = ''
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? ''
    if (character === '\\') {
      part += character + (text[index + 1] ?? '')
      index += 1
    } else if (character === separator || (separator === ',' && character === ';')) {
      parts.push(part)
      part = ''
    } else {
      part += character
    }
  }
  return [...parts, part]
}

function parseAttribute(pair: string, form: TextForm): AttributeValue {
  const { whole } = form
  const equals = pair.indexOf('=')
  if (equals < 0) throw problem(whole, `"${pair.trim()}" is not type=value`)
  const typeText = pair.slice(0, equals).trim()
  const type = attributeTypeOid(typeText)
  if (type === undefined) throw problem(whole, `unknown attribute type "${typeText}"`)
  const raw = pair.slice(equals + 1).replace(blankAtStart, '')
  // OpenSSL's form has no such values: there, `#` is a character like any other.
  if (raw.startsWith('#') && form.separator === ',') return parseHexValue(whole, { type, raw })
  const value = unescape(trimUnescaped(raw), form)
  if (value === '') throw problem(whole, `${typeText} has no value`)
  if (value.includes('\0')) throw problem(whole, `${typeText} holds a NUL character`)
  return { type, value, tag: attributeStringTag(type) }
}

// Only what formatName() escapes at the ends: other blanks, U+00A0 for one, are part of the value.
const blankAtStart = /^[ \t\r\n]+/
const blanks: ReadonlySet<string | undefined> = new Set([' ', '\t', '\r', '\n'])

/** Spaces at the end belong to the separator unless the last one is escaped. */
function trimUnescaped(raw: string): string {
  let end = raw.length
  while (blanks.has(raw[end - 1])) end -= 1
  let backslashes = 0
  while (raw[end - 1 - backslashes] === '\\') backslashes += 1
  // An odd one escapes the blank behind it.
  return raw.slice(0, backslashes % 2 === 1 ? end + 1 : end)
}

function parseHexValue(whole: string, value: { type: string; raw: string }): AttributeValue {
  const bytes = fromHex(value.raw.slice(1).trim())
  if (bytes === undefined) throw problem(whole, `"${value.raw}" is not # and hexadecimal DER`)
  try {
    return attributeValueOf(value.type, readSingle(bytes))
  } catch (cause) {
    throw problem(whole, `"${value.raw}" is not DER`, cause)
  }
}

// RFC 4514 §3: a backslash before a special character, or before two hexadecimal digits of one UTF-8 octet.
function unescape(raw: string, form: TextForm): string {
  const { whole } = form
  const octets: Uint8Array[] = []
  for (const [token] of raw.matchAll(/\\[0-9a-f]{2}|\\.?|[^\\]+/gis)) {
    const special = token.slice(1)
    if (!token.startsWith('\\')) octets.push(plain(token, form))
    else if (special.length === 2) octets.push(Buffer.from(special, 'hex'))
    else if (/^[ "#+,;<=>\\/]$/.test(special)) octets.push(Buffer.from(special))
    else throw problem(whole, `"${token}" is not an escape`)
  }
  return utf8(whole, Buffer.concat(octets))
}

function plain(token: string, { whole, separator }: TextForm): Uint8Array {
  // RFC 2253's quoted values would read differently here.
  if (separator === ',' && token.includes('"')) {
    throw problem(whole, 'a quotation mark needs a backslash')
  }
  if (!token.isWellFormed()) throw problem(whole, 'it holds half a character')
  return Buffer.from(token, 'utf8')
}

function utf8(whole: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw problem(whole, 'escapes do not form UTF-8', cause)
  }
}

function problem(text: string, what: string, cause?: unknown): X509Error {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text
  return new X509Error('name-malformed', `Cannot read name "${shown}": ${what}`, {
    cause,
    hint: 'Write names like "CN=web,O=Example,C=FR"; put a backslash before , + " \\ ; < > inside a value',
  })
}
