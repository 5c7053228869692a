import { toHex } from './bytes.ts'
import { DerReader, constructedContextTag, contextTag, malformed } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { ascii, explicit, implicit } from './der-writer.ts'
import { X509Error } from './errors.ts'
import { formatIpAddress, parseIpAddress } from './ip-address.ts'
import { nameOfElement } from './name.ts'
import type { Name } from './name.ts'
import { formatName, parseName } from './name-text.ts'

/**
 * One name of a SubjectAltName. IP addresses are text in their canonical form; what is not understood keeps its bytes.
 * @see RFC 5280 §4.2.1.6
 */
export type GeneralName =
  | { readonly type: 'dns' | 'ip' | 'uri' | 'email'; readonly value: string }
  | { readonly type: 'directory-name'; readonly value: Name }
  | { readonly type: 'other'; readonly tag: number; readonly der: Uint8Array }

const tagOf = {
  email: contextTag(1),
  dns: contextTag(2),
  directoryName: constructedContextTag(4),
  uri: contextTag(6),
  ip: contextTag(7),
} as const

const otherTags: ReadonlySet<number> = new Set([
  constructedContextTag(0),
  constructedContextTag(3),
  constructedContextTag(5),
  contextTag(8),
])

/** @throws {X509Error} der-malformed */
export function decodeGeneralName(encoded: DerElement): GeneralName {
  const { tag, content, der } = encoded
  if (tag === tagOf.email) return { type: 'email', value: ia5(content) }
  if (tag === tagOf.dns) return { type: 'dns', value: ia5(content) }
  if (tag === tagOf.uri) return { type: 'uri', value: ia5(content) }
  if (tag === tagOf.ip) {
    const value = formatIpAddress(content)
    if (value === undefined) throw malformed('IP address of neither 4 nor 16 octets')
    return { type: 'ip', value }
  }
  if (tag === tagOf.directoryName) {
    // [4] is EXPLICIT because Name is a CHOICE (X.680 §31.2.7).
    const reader = new DerReader(content)
    const value = nameOfElement(reader.read(0x30))
    reader.finish()
    return { type: 'directory-name', value }
  }
  if (!otherTags.has(tag)) throw malformed(`unknown general name tag 0x${tag.toString(16)}`)
  return { type: 'other', tag, der }
}

export function encodeGeneralName(name: GeneralName): Uint8Array {
  switch (name.type) {
    case 'dns':
      return implicit(2, ascii(name.value))
    case 'email':
      return implicit(1, ascii(name.value))
    case 'uri':
      return implicit(6, ascii(name.value))
    case 'ip':
      return implicit(7, parseIpAddress(name.value) ?? new Uint8Array(0))
    case 'directory-name':
      return explicit(4, name.value.der)
    case 'other':
      return name.der
  }
}

/** `DNS:web.example`, `IP:127.0.0.1`, `URI:spiffe://…`, `email:…`, `DirName:CN=…`. */
export function formatGeneralName(name: GeneralName): string {
  switch (name.type) {
    case 'dns':
      return `DNS:${name.value}`
    case 'ip':
      return `IP:${name.value}`
    case 'uri':
      return `URI:${name.value}`
    case 'email':
      return `email:${name.value}`
    case 'directory-name':
      return `DirName:${formatName(name.value)}`
    case 'other':
      return `other:${toHex(name.der)}`
  }
}

/**
 * Reads `DNS:…`, `IP:…`, `URI:…`, `email:…` or `DirName:…`; a bare text is an IP address if it can be one, else a DNS name.
 * @throws {X509Error} general-name-malformed | name-malformed (after `DirName:`)
 */
export function parseGeneralName(text: string): GeneralName {
  const match = /^(dns|ip|ip address|uri|email|dirname):(.*)$/is.exec(text.trim())
  const kind = match?.[1]?.toLowerCase()
  const value = (match?.[2] ?? text).trim()
  if (kind === 'dirname') return { type: 'directory-name', value: parseName(value) }
  if (kind === 'uri') return checkedUri(value)
  if (kind === 'email') return checkedEmail(value)
  const octets = parseIpAddress(value)
  if (octets !== undefined && kind !== 'dns')
    return { type: 'ip', value: formatIpAddress(octets) ?? value }
  if (kind?.startsWith('ip') === true) throw problem(text, 'not an IP address')
  return checkedDns(value)
}

/** LDH labels of at most 63 octets, 253 in all, with an optional leftmost `*` label; never an IP address. */
export function isDnsName(text: string): boolean {
  if (text.length > 253 || parseIpAddress(text) !== undefined) return false
  const labels = text.split('.')
  if (/^\d+$/.test(labels.at(-1) ?? '')) return false
  return labels.every(
    (label, index) =>
      (label === '*' && index === 0 && labels.length > 2) ||
      /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label),
  )
}

function checkedDns(value: string): GeneralName {
  if (isDnsName(value)) return { type: 'dns', value: value.toLowerCase() }
  throw problem(value, 'not a DNS name')
}

function checkedUri(value: string): GeneralName {
  // RFC 5280 §4.2.1.6: absolute, with a scheme, in IA5.
  const sound = /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(value) && URL.canParse(value)
  if (sound) return { type: 'uri', value }
  throw problem(value, 'not an absolute URI')
}

function checkedEmail(value: string): GeneralName {
  const at = value.lastIndexOf('@')
  const sound = /^[\x21-\x7e]+$/.test(value) && at > 0 && isDnsName(value.slice(at + 1))
  if (sound) return { type: 'email', value }
  throw problem(value, 'not an e-mail address')
}

function ia5(content: Uint8Array): string {
  // Control characters (NUL above all) make tools see different names: CVE-2009-2408, CVE-2021-44532.
  if (content.some((octet) => octet < 0x20 || octet > 0x7e)) {
    throw malformed('general name with characters outside printable ASCII')
  }
  return Buffer.from(content).toString('latin1')
}

function problem(text: string, what: string): X509Error {
  return new X509Error('general-name-malformed', `Cannot read name "${text}": ${what}`, {
    hint: 'Write "DNS:web.example", "IP:127.0.0.1", "URI:spiffe://example/web" or "email:ops@example.org"',
  })
}
