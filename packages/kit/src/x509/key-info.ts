import type { KeyObject } from 'node:crypto'
import { DerReader, malformed, tags } from './der-reader.ts'
import { bitStringOctets, integerBytes, nullContent, oidText } from './der-values.ts'
import { isMlDsa, mlDsaParameters, supportsMlDsa } from './ml-dsa.ts'
import type { MlDsaName } from './ml-dsa.ts'

/** What a SubjectPublicKeyInfo says of its key, without trusting it yet. */
export interface KeyInfo {
  /** ML-DSA is `unsupported` where this Node has none. */
  readonly type: 'ec' | 'rsa' | 'ed25519' | MlDsaName | 'unsupported'
  /** `P-256`, `P-384` or `P-521` for `ec`, `RSA`, `Ed25519`, `ML-DSA-65`; else the algorithm's OID. */
  readonly name: string
  /** Size of the modulus or of the curve, for ML-DSA of the public key, in bits; 0 when unsupported. */
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
  // RFC 9881 §2: without parameters, as Ed25519 is (RFC 8410 §3).
  return (algorithm.done ? mlDsaInfo(oid, key) : undefined) ?? unsupported(oid)
}

function mlDsaInfo(oid: string, key: Uint8Array): KeyInfo | undefined {
  const found = mlDsaParameters.find((parameters) => parameters.oid === oid)
  if (found === undefined || key.length !== found.publicKeyOctets) return undefined
  if (!supportsMlDsa()) return unsupported(found.name)
  return { type: found.type, name: found.name, bits: key.length * 8 }
}

function unsupported(name: string): KeyInfo {
  return { type: 'unsupported', name, bits: 0 }
}

/** `ECDSA P-256`, `RSA 4096`, `Ed25519`, `ML-DSA-65`. */
export function describeKeyInfo({ type, name, bits }: KeyInfo): string {
  if (type === 'ec') return `ECDSA ${name}`
  if (type === 'rsa') return `RSA ${bits}`
  return type === 'ed25519' || isMlDsa(type) ? name : `unsupported key (${name})`
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
