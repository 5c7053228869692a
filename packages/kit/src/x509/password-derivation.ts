import { pbkdf2, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { DerReader, malformed, tags } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { integerBytes, nullContent, oidText, smallInteger } from './der-values.ts'
import { integer, nullValue, octetString, oid, sequence } from './der-writer.ts'
import { X509Error } from './errors.ts'
import { rewriteCommand } from './key-store.ts'
import { derivePkcs12, pkcs12DigestSizes } from './pkcs12-kdf.ts'
import type { Pkcs12Derivation, Pkcs12Digest } from './pkcs12-kdf.ts'

/** PBKDF2 (RFC 8018 §5.2) or scrypt (RFC 7914), as a file asks for it. */
export type Derivation = Pbkdf2 | Scrypt

export interface Pbkdf2 {
  readonly type: 'pbkdf2'
  readonly prf: Pkcs12Digest
  readonly salt: Uint8Array
  readonly iterations: number
  /** Octets, where the file says so. */
  readonly keyLength: number | undefined
}

export interface Scrypt {
  readonly type: 'scrypt'
  readonly salt: Uint8Array
  readonly cost: number
  readonly blockSize: number
  readonly parallelization: number
  readonly keyLength: number | undefined
}

/** Both forms of one passphrase: RFC 8018's octets, and PKCS#12's own. */
export interface Passphrase {
  readonly utf8: Uint8Array
  readonly bmp: Uint8Array
}

export const derivationLimits = {
  /** Java refuses more as well (PKCS12KeyStore). Tools write 2,048 to 600,000. */
  maxIterations: 5_000_000,
  /** All derivations of one file, by the estimates below: fifty keys of Java 8 fit. */
  maxFileWorkMs: 10_000,
  maxSaltBytes: 1024,
  /** 32 MiB, as OpenSSL allows itself (128 N r octets); `encryptPrivateKeyPem` takes half of it. */
  maxScryptMemoryBytes: 33_554_432,
} as const

// Measured with Node 24 and 26 on one core of a virtual machine, rounded up.
const microsecondsPerRound = {
  pkcs12: 1.4,
  pbkdf2: { sha1: 0.2, sha224: 0.2, sha256: 0.2, sha384: 0.5, sha512: 0.5 },
  /** Of N · r · p. */
  scrypt: 0.35,
} as const

/** Counts what a file makes us compute. */
export type WorkBudget = (microseconds: number) => void

/** Throws `keystore-too-costly` before the work that goes beyond the limit is begun. */
export function workBudget(): WorkBudget {
  let spent = 0
  return (microseconds) => {
    spent += microseconds
    if (spent > derivationLimits.maxFileWorkMs * 1000) {
      throw tooCostly(
        `its passphrase would take more than ${derivationLimits.maxFileWorkMs / 1000} s of computing`,
      )
    }
  }
}

const derivePbkdf2 = promisify(pbkdf2)
const deriveScrypt = promisify<Uint8Array, Uint8Array, number, object, Buffer>(scrypt)

/** `length` octets. @throws {X509Error} keystore-too-costly, before anything is computed */
export async function deriveKey(
  derivation: Derivation,
  use: { readonly passphrase: Uint8Array; readonly length: number; readonly charge: WorkBudget },
): Promise<Buffer> {
  const { passphrase, length, charge } = use
  if (derivation.keyLength !== undefined && derivation.keyLength !== length)
    throw malformed(`key of ${derivation.keyLength} octets, expected ${length}`)
  if (derivation.type === 'pbkdf2') {
    const { prf, salt, iterations } = derivation
    const blocks = Math.ceil(length / pkcs12DigestSizes[prf].output)
    charge(iterations * blocks * microsecondsPerRound.pbkdf2[prf])
    return derivePbkdf2(passphrase, salt, iterations, length, prf)
  }
  const { salt, cost: N, blockSize: r, parallelization: p } = derivation
  charge(N * r * p * microsecondsPerRound.scrypt)
  const maxmem = 2 * derivationLimits.maxScryptMemoryBytes
  return deriveScrypt(passphrase, salt, length, { N, r, p, maxmem })
}

/** PKCS#12's own derivation. @throws {X509Error} keystore-too-costly, before anything is computed */
export async function deriveClassic(
  derivation: Pkcs12Derivation,
  use: {
    readonly passphrase: Uint8Array
    readonly purpose: number
    readonly length: number
    readonly charge: WorkBudget
  },
): Promise<Buffer> {
  const blocks = Math.ceil(use.length / pkcs12DigestSizes[derivation.digest].output)
  use.charge(derivation.iterations * blocks * microsecondsPerRound.pkcs12)
  return derivePkcs12(derivation, use)
}

const pbkdf2Oid = '1.2.840.113549.1.5.12'
const scryptOid = '1.3.6.1.4.1.11591.4.11'

const prfs = new Map<string, Pkcs12Digest>([
  ['1.2.840.113549.2.7', 'sha1'],
  ['1.2.840.113549.2.8', 'sha224'],
  ['1.2.840.113549.2.9', 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
])

/** RFC 8018 appendix B.1.1, as an AlgorithmIdentifier. */
const hmacSha256: Uint8Array = sequence(oid('1.2.840.113549.2.9'), nullValue())

/** An HMAC's AlgorithmIdentifier: parameters are NULL or absent. */
export function decodeHmac(element: DerElement): Pkcs12Digest {
  const reader = new DerReader(element.content)
  const algorithm = oidText(reader.read(tags.oid))
  const digest = prfs.get(algorithm)
  if (digest === undefined) throw unsupportedAlgorithm(algorithm)
  const parameters = reader.optional(tags.null)
  if (parameters !== undefined) nullContent(parameters)
  reader.finish()
  return digest
}

/** @throws {X509Error} der-malformed | keystore-too-costly | keystore-unsupported */
export function decodeDerivation(element: DerElement): Derivation {
  const reader = new DerReader(element.content)
  const algorithm = oidText(reader.read(tags.oid))
  if (algorithm !== pbkdf2Oid && algorithm !== scryptOid) throw unsupportedAlgorithm(algorithm)
  const parameters = reader.enter()
  reader.finish()
  const derivation = algorithm === pbkdf2Oid ? decodePbkdf2(parameters) : decodeScrypt(parameters)
  parameters.finish()
  return derivation
}

function decodePbkdf2(reader: DerReader): Pbkdf2 {
  // RFC 8018 appendix A.2: the salt's other form is for the future.
  const salt = decodeSalt(reader.read(tags.octetString))
  const iterations = decodeIterations(reader.read(tags.integer))
  const keyLength = reader.optional(tags.integer)
  const prf = reader.optional(tags.sequence)
  return {
    type: 'pbkdf2',
    salt,
    iterations,
    keyLength: keyLength && smallInteger(keyLength),
    prf: prf === undefined ? 'sha1' : decodeHmac(prf),
  }
}

function decodeScrypt(reader: DerReader): Scrypt {
  // RFC 7914 §7.1
  const salt = decodeSalt(reader.read(tags.octetString))
  const [cost, blockSize, parallelization] = [1, 2, 3].map(() =>
    decodeIterations(reader.read(tags.integer)),
  )
  const keyLength = reader.optional(tags.integer)
  if (cost === undefined || blockSize === undefined || parallelization === undefined)
    throw malformed('scrypt parameters')
  if (cost < 2 || !Number.isInteger(Math.log2(cost))) throw malformed('scrypt N is no power of two')
  if (128 * cost * blockSize > derivationLimits.maxScryptMemoryBytes)
    throw tooCostly('its scrypt would take more than 32 MiB of memory')
  return {
    type: 'scrypt',
    salt,
    cost,
    blockSize,
    parallelization,
    keyLength: keyLength && smallInteger(keyLength),
  }
}

/** A PBKDF2 with HMAC-SHA-256, as an AlgorithmIdentifier. */
export function encodePbkdf2({
  salt,
  iterations,
}: Pick<Pbkdf2, 'salt' | 'iterations'>): Uint8Array {
  return sequence(oid(pbkdf2Oid), sequence(octetString(salt), integer(iterations), hmacSha256))
}

export function decodeSalt({ content }: DerElement): Uint8Array {
  if (content.length === 0) throw malformed('empty salt')
  if (content.length > derivationLimits.maxSaltBytes)
    throw malformed('salt of more than 1,024 octets')
  return content
}

/** From 1; more than the limit is refused here, before anything is computed. */
export function decodeIterations(element: DerElement): number {
  const bytes = integerBytes(element)
  const tooLong = bytes.length > 4 && (bytes[0] ?? 0) < 0x80
  const iterations = tooLong ? Infinity : smallInteger(element)
  if (iterations === 0) throw malformed('no iterations')
  if (iterations > derivationLimits.maxIterations) {
    throw tooCostly(
      `it asks for ${tooLong ? 'billions of' : iterations} iterations, more than ${derivationLimits.maxIterations}`,
    )
  }
  return iterations
}

export function unsupportedAlgorithm(algorithm: string): X509Error {
  return new X509Error('keystore-unsupported', `Cannot read PKCS#12: algorithm ${algorithm}`, {
    details: { algorithm },
    hint: `Write it again with current algorithms: ${rewriteCommand}`,
  })
}

function tooCostly(what: string): X509Error {
  return new X509Error('keystore-too-costly', `Cannot read PKCS#12: ${what}`, {
    hint: 'Do not open it if it comes from a stranger; else write it again with fewer iterations (openssl pkcs12 -export -iter 600000)',
  })
}
