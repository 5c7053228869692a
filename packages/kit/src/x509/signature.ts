import { createHash, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { DerReader, malformed, tags } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { nullContent, oidText } from './der-values.ts'
import { nullValue, oid, sequence } from './der-writer.ts'
import { X509Error } from './errors.ts'
import { describeKeyInfo, keyInfoOf, publicKeyInfoOf } from './key-info.ts'
import { mlDsaParameters } from './ml-dsa.ts'
import type { MlDsaName } from './ml-dsa.ts'

/** A signature algorithm as certificates name it. */
export interface SignatureAlgorithm {
  readonly oid: string
  /** `ecdsa-with-SHA256`, …; the OID itself when it is not known here. */
  readonly name: string
  /** The type of key that makes such signatures; absent when the algorithm is not known or too weak to use. */
  readonly keyType?: 'ec' | 'rsa' | 'ed25519' | MlDsaName
  /** Node's name of the digest; `null` where the algorithm has its own. */
  readonly digest?: string | null
}

/** Signs for an authority. An HSM fits behind it; TLS itself needs key material in the process. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm
  readonly publicKey: KeyObject
  sign(bytes: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>
}

const known: readonly SignatureAlgorithm[] = [
  { oid: '1.2.840.10045.4.3.2', name: 'ecdsa-with-SHA256', keyType: 'ec', digest: 'sha256' },
  { oid: '1.2.840.10045.4.3.3', name: 'ecdsa-with-SHA384', keyType: 'ec', digest: 'sha384' },
  { oid: '1.2.840.10045.4.3.4', name: 'ecdsa-with-SHA512', keyType: 'ec', digest: 'sha512' },
  {
    oid: '1.2.840.113549.1.1.11',
    name: 'sha256WithRSAEncryption',
    keyType: 'rsa',
    digest: 'sha256',
  },
  {
    oid: '1.2.840.113549.1.1.12',
    name: 'sha384WithRSAEncryption',
    keyType: 'rsa',
    digest: 'sha384',
  },
  {
    oid: '1.2.840.113549.1.1.13',
    name: 'sha512WithRSAEncryption',
    keyType: 'rsa',
    digest: 'sha512',
  },
  { oid: '1.3.101.112', name: 'Ed25519', keyType: 'ed25519', digest: null },
  ...mlDsaParameters.map(({ oid: text, name, type }) => ({
    oid: text,
    name,
    keyType: type,
    digest: null,
  })),
  // Named so that a refusal can say what they are; never verified (collisions are practical).
  { oid: '1.2.840.113549.1.1.4', name: 'md5WithRSAEncryption' },
  { oid: '1.2.840.113549.1.1.5', name: 'sha1WithRSAEncryption' },
  { oid: '1.2.840.10045.4.1', name: 'ecdsa-with-SHA1' },
]

const byOid = new Map(known.map((algorithm) => [algorithm.oid, algorithm]))

/** Reads an AlgorithmIdentifier. @throws {X509Error} der-malformed */
export function decodeSignatureAlgorithm(encoded: DerElement): SignatureAlgorithm {
  const reader = new DerReader(encoded.content)
  const text = oidText(reader.read(tags.oid))
  const algorithm = byOid.get(text) ?? { oid: text, name: text }
  if (algorithm.keyType === undefined) return algorithm
  // RFC 4055 §5: NULL for RSA (absent is accepted by all); RFC 5758 §3.2, RFC 8410 §3, RFC 9881 §2: absent for the others.
  if (algorithm.keyType === 'rsa' && !reader.done) nullContent(reader.read(tags.null))
  if (!reader.done) throw malformed('signature algorithm with unexpected parameters')
  return algorithm
}

export function encodeSignatureAlgorithm(algorithm: SignatureAlgorithm): Uint8Array {
  return algorithm.keyType === 'rsa'
    ? sequence(oid(algorithm.oid), nullValue())
    : sequence(oid(algorithm.oid))
}

export interface Signed {
  readonly tbs: Uint8Array
  readonly signature: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
}

/** True when `publicKey` made the signature. Unknown and weak algorithms, and keys of another type, are false. */
export function verifySignature(signed: Signed, publicKey: KeyObject): boolean {
  const { keyType, digest } = signed.signatureAlgorithm
  if (keyType === undefined || digest === undefined || publicKey.asymmetricKeyType !== keyType)
    return false
  try {
    return verify(digest, signed.tbs, publicKey, signed.signature)
  } catch {
    // OpenSSL throws for a signature that is no DER, for one: it is not valid then.
    return false
  }
}

/**
 * Signs with a private key held in memory: ECDSA with the digest of the curve's size, RSA with SHA-256, Ed25519, ML-DSA.
 * @throws {X509Error} key-unsupported
 */
export function keySigner(key: KeyObject, publicKey: KeyObject): Signer {
  const info = keyInfoOf(publicKey)
  const name =
    info.type === 'ec'
      ? `ecdsa-with-SHA${info.bits === 521 ? 512 : info.bits}`
      : info.type === 'rsa'
        ? 'sha256WithRSAEncryption'
        : info.name
  const algorithm = known.find((candidate) => candidate.name === name)
  const digest = algorithm?.digest
  if (algorithm === undefined || digest === undefined) {
    throw new X509Error('key-unsupported', `Cannot sign: ${describeKeyInfo(info)}`, {
      hint: 'Use an ECDSA P-256 or P-384, RSA, Ed25519 or ML-DSA key',
    })
  }
  // Synchronous on purpose: through the thread pool a small signature costs far more than it saves.
  return {
    algorithm,
    publicKey,
    sign: (bytes) => Promise.resolve(sign(digest, bytes, key)),
  }
}

/**
 * The SubjectKeyIdentifier: the leftmost 160 bits of the SHA-256 of the key's BIT STRING.
 * @see RFC 7093 §2 method 1
 */
export function subjectKeyIdentifier(publicKey: KeyObject): Uint8Array {
  const outer = new DerReader(publicKeyInfoOf(publicKey)).enter()
  outer.read(tags.sequence)
  const key = outer.read(tags.bitString).content.subarray(1)
  return createHash('sha256').update(key).digest().subarray(0, 20)
}
