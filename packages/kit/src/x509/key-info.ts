import type { KeyObject } from 'node:crypto'
import { DerReader, malformed, tags } from './der-reader.ts'
import { bitStringOctets, integerBytes, nullContent, oidText } from './der-values.ts'

/** What a SubjectPublicKeyInfo says of its key, without trusting it yet. */
export interface KeyInfo {
  readonly type: 'ec' | 'rsa' | 'ed25519' | 'unsupported'
  /** `P-256`, `P-384`, `P-521` for `ec`; else the algorithm's OID. */
  readonly name: string
  /** Size of the modulus or of the curve, in bits; 0 when unsupported. */
  readonly bits: number
}

const rsaEncryption = '1.2.840.113549.1.1.1'
const ecPublicKey = '1.2.840.10045.2.1'
const ed25519 = '1.3.101.112'

const curves = new Map([
  ['1.2.840.10045.3.1.7', { name: 'P-256', bits: 256 }],
  ['1.3.132.0.34', { name: 'P-384', bits: 384 }],
  ['1.3.132.0.35', { name: 'P-521', bits: 521 }],
])

/** @throws {X509Error} der-malformed */
export function parseKeyInfo(publicKeyInfo: Uint8Array): KeyInfo {
  const outer = new DerReader(publicKeyInfo)
  const reader = outer.enter()
  outer.finish()
  const algorithm = reader.enter()
  const key = bitStringOctets(reader.read(tags.bitString))
  reader.finish()
  const oid = oidText(algorithm.read(tags.oid))
  if (oid === rsaEncryption) {
    // RFC 3279 §2.3.1: the parameters are NULL.
    nullContent(algorithm.read(tags.null))
    algorithm.finish()
    return { type: 'rsa', name: 'RSA', bits: modulusBits(key) }
  }
  if (oid === ecPublicKey && algorithm.peekTag() === tags.oid) {
    // RFC 5480 §2.1.1: named curves only; explicit parameters let an attacker choose the generator (CVE-2020-0601).
    const curve = curves.get(oidText(algorithm.read(tags.oid)))
    algorithm.finish()
    if (curve !== undefined) return { type: 'ec', ...curve }
  }
  if (oid === ed25519 && algorithm.done) return { type: 'ed25519', name: 'Ed25519', bits: 256 }
  return { type: 'unsupported', name: oid, bits: 0 }
}

/** `ECDSA P-256`, `RSA 4096`, `Ed25519`. */
export function describeKeyInfo({ type, name, bits }: KeyInfo): string {
  if (type === 'ec') return `ECDSA ${name}`
  if (type === 'rsa') return `RSA ${bits}`
  return type === 'ed25519' ? name : `unsupported key (${name})`
}

export function keyInfoOf(key: KeyObject): KeyInfo {
  return parseKeyInfo(publicKeyInfoOf(key))
}

/** The SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) of a public key. */
export function publicKeyInfoOf(publicKey: KeyObject): Uint8Array {
  return publicKey.export({ type: 'spki', format: 'der' })
}

function modulusBits(key: Uint8Array): number {
  const outer = new DerReader(key)
  const reader = outer.enter()
  outer.finish()
  const modulus = integerBytes(reader.read(tags.integer))
  const exponent = integerBytes(reader.read(tags.integer))
  reader.finish()
  if (bitLength(modulus) === 0) throw malformed('RSA modulus is not positive')
  const odd = ((exponent.at(-1) ?? 0) & 1) === 1
  // RFC 8017 §3.1: odd, 3 at least; with 1, anyone can sign. FIPS 186-5 §5.1: below 2^256; a large one is slow to verify with.
  if (!odd || bitLength(exponent) < 2 || bitLength(exponent) > 256)
    throw malformed('RSA exponent out of range')
  return bitLength(modulus)
}

/** 0 for zero and for negative numbers. */
function bitLength(integer: Uint8Array): number {
  const [first = 0, second = 0] = integer
  if (first >= 0x80) return 0
  if (first > 0) return integer.length * 8 - (Math.clz32(first) - 24)
  return integer.length === 1 ? 0 : (integer.length - 1) * 8 - (Math.clz32(second) - 24)
}
