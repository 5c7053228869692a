import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import {
  X509Error,
  looksLikePem,
  parseCertificate,
  parseCsr,
  parsePem,
  parsePrivateKey,
  publicKeyFromPrivate,
} from '@handfast/kit/x509'
import type { Certificate, Csr, PemBlock } from '@handfast/kit/x509'
import { foreignFormat } from './foreign-format.ts'

/** One thing in a file. Of a private key only its public half is kept. */
export type Material =
  | { readonly type: 'certificate'; readonly certificate: Certificate }
  | { readonly type: 'request'; readonly csr: Csr }
  | { readonly type: 'private-key'; readonly publicKey: KeyObject }
  | { readonly type: 'encrypted-key'; readonly encryption: string }
  | { readonly type: 'public-key'; readonly publicKey: KeyObject }
  /** A block of another kind, which is not looked into. */
  | { readonly type: 'other'; readonly label: string }
  | { readonly type: 'unreadable'; readonly label: string; readonly error: X509Error }

export interface PlacedMaterial {
  readonly material: Material
  /** Of the block's BEGIN line; absent in DER. */
  readonly line?: number
  /** In a key store. */
  readonly entry?: StoreEntry
}

/** Where something stands in a key store. */
export interface StoreEntry {
  readonly alias: string | null
  /** `trusted` is marked so that Java trusts it; `certificate` belongs to no key and has no mark. */
  readonly role: 'key' | 'chain' | 'trusted' | 'certificate'
}

/**
 * Reads all that a file holds, PEM or DER; a block that cannot be read is one of the results, beside those that can.
 * @throws {X509Error} when it is neither, or when PEM is broken so that blocks cannot be told apart
 */
export function parseMaterial(bytes: Uint8Array): readonly PlacedMaterial[] {
  if (!looksLikePem(bytes)) return [{ material: parseDer(bytes) }]
  return parsePem(Buffer.from(bytes).toString('utf8'))
    .filter(({ label }) => label !== 'EC PARAMETERS')
    .map((block) => ({ material: parseBlock(block), line: block.line }))
}

function parseBlock(block: PemBlock): Material {
  const { label, der } = block
  try {
    if (certificateLabels.has(label))
      return { type: 'certificate', certificate: parseCertificate(der) }
    if (requestLabels.has(label)) return { type: 'request', csr: parseCsr(der) }
    if (label.endsWith('PRIVATE KEY')) return parseKey(block.text, der)
    if (label === 'PUBLIC KEY') return { type: 'public-key', publicKey: parsePublicKey(der) }
    return { type: 'other', label }
  } catch (error) {
    if (error instanceof X509Error) return { type: 'unreadable', label, error }
    throw error
  }
}

const certificateLabels: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE'])
const requestLabels: ReadonlySet<string> = new Set([
  'CERTIFICATE REQUEST',
  'NEW CERTIFICATE REQUEST',
])

const derForms: readonly ((der: Uint8Array) => Material)[] = [
  (der) => ({ type: 'certificate', certificate: parseCertificate(der) }),
  (der) => ({ type: 'request', csr: parseCsr(der) }),
  (der) => parseKey(der, der),
  (der) => ({ type: 'public-key', publicKey: parsePublicKey(der) }),
]

function parseDer(der: Uint8Array): Material {
  for (const parse of derForms) {
    try {
      return parse(der)
    } catch (error) {
      if (!(error instanceof X509Error) || isConclusive(error)) throw error
    }
  }
  const { what, hint } = foreignFormat(der)
  throw new X509Error('der-malformed', `Cannot read it: ${what}`, { hint })
}

/** It is what it was taken for, and wrong: trying the other forms would hide why. */
function isConclusive({ reason }: X509Error): boolean {
  return reason === 'csr-signature-invalid' || reason === 'key-unsupported'
}

function parseKey(key: string | Uint8Array, der: Uint8Array): Material {
  try {
    return { type: 'private-key', publicKey: publicKeyFromPrivate(parsePrivateKey(key)) }
  } catch (error) {
    if (!(error instanceof X509Error) || error.reason !== 'key-passphrase-missing') throw error
    return { type: 'encrypted-key', encryption: describeEncryption(key, der) }
  }
}

/** How the passphrase is stretched: what stands between a stolen file and its key. */
function describeEncryption(key: string | Uint8Array, der: Uint8Array): string {
  if (typeof key === 'string' && key.includes('Proc-Type:'))
    return 'traditional OpenSSL (one round of MD5)'
  const start = Buffer.from(der.subarray(0, 128))
  const found = derivations.find(({ oid }) => start.includes(Buffer.from(oid, 'hex')))
  return `PKCS#8 (${found?.name ?? 'unknown key derivation'})`
}

const derivations = [
  // 1.3.6.1.4.1.11591.4.11
  { oid: '06092b06010401da47040b', name: 'scrypt' },
  // 1.2.840.113549.1.5.12
  { oid: '06092a864886f70d01050c', name: 'PBKDF2' },
]

function parsePublicKey(der: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
  } catch (cause) {
    throw new X509Error('key-malformed', 'Cannot read public key: it is no SubjectPublicKeyInfo', {
      cause,
      hint: 'Check that the file was copied whole',
    })
  }
}
