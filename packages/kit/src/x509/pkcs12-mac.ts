import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { DerReader, malformed, tags } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { nullContent, oidText } from './der-values.ts'
import { integer, nullValue, octetString, oid, sequence } from './der-writer.ts'
import {
  decodeDerivation,
  decodeHmac,
  decodeIterations,
  decodeSalt,
  deriveClassic,
  deriveKey,
  unsupportedAlgorithm,
} from './password-derivation.ts'
import type { Passphrase, Pbkdf2, WorkBudget } from './password-derivation.ts'
import { bmpPassphrase, derivePkcs12, pkcs12DigestSizes, pkcs12Purposes } from './pkcs12-kdf.ts'
import type { Pkcs12Derivation, Pkcs12Digest } from './pkcs12-kdf.ts'

/** How a PKCS#12 shows that its maker knew the passphrase. */
export type Pkcs12Mac =
  | {
      readonly type: 'classic'
      readonly digest: Pkcs12Digest
      readonly derivation: Pkcs12Derivation
      readonly value: Uint8Array
    }
  | {
      readonly type: 'pbmac1'
      readonly digest: Pkcs12Digest
      readonly derivation: Pbkdf2 & { readonly keyLength: number }
      readonly value: Uint8Array
    }

const pbmac1Oid = '1.2.840.113549.1.5.14'
const sha256Oid = '2.16.840.1.101.3.4.2.1'

const digests = new Map<string, Pkcs12Digest>([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
  [sha256Oid, 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])

/**
 * MacData, with PKCS#12's own derivation or as PBMAC1.
 * @see RFC 7292 §4, RFC 9579 §4
 * @throws {X509Error} der-malformed | keystore-unsupported | keystore-too-costly
 */
export function decodePkcs12Mac(element: DerElement): Pkcs12Mac {
  const reader = new DerReader(element.content)
  const digestInfo = reader.enter()
  const algorithm = new DerReader(digestInfo.read(tags.sequence).content)
  const value = digestInfo.read(tags.octetString).content
  digestInfo.finish()
  const salt = reader.read(tags.octetString)
  // DEFAULT 1: DER leaves it out, RFC 9579's own examples do not.
  const iterations = reader.optional(tags.integer)
  reader.finish()
  const name = oidText(algorithm.read(tags.oid))
  if (name === pbmac1Oid) return decodePbmac1(algorithm, value)
  const digest = digests.get(name)
  if (digest === undefined) throw unsupportedAlgorithm(name)
  const parameters = algorithm.optional(tags.null)
  if (parameters !== undefined) nullContent(parameters)
  algorithm.finish()
  checkLength(digest, value)
  return {
    type: 'classic',
    digest,
    derivation: {
      digest,
      salt: decodeSalt(salt),
      iterations: iterations === undefined ? 1 : decodeIterations(iterations),
    },
    value,
  }
}

/** True when the MAC over `content` was made with the passphrase. @throws {X509Error} keystore-too-costly */
export async function verifyPkcs12Mac(
  mac: Pkcs12Mac,
  content: Uint8Array,
  use: { readonly passphrase: Passphrase; readonly charge: WorkBudget },
): Promise<boolean> {
  const key = await macKey(mac, use)
  const found = createHmac(mac.digest, key).update(content).digest()
  key.fill(0)
  return timingSafeEqual(found, mac.value)
}

/** MacData with HMAC-SHA-256 and PKCS#12's own derivation: what openssl 3.0 and Java 17 read; neither knows PBMAC1. */
export async function encodePkcs12Mac(
  content: Uint8Array,
  options: { readonly passphrase: string; readonly iterations: number },
): Promise<Uint8Array> {
  const salt = randomBytes(16)
  const { iterations } = options
  const key = await derivePkcs12(
    { digest: 'sha256', salt, iterations },
    { passphrase: bmpPassphrase(options.passphrase), purpose: pkcs12Purposes.mac, length: 32 },
  )
  const value = createHmac('sha256', key).update(content).digest()
  key.fill(0)
  const digestInfo = sequence(sequence(oid(sha256Oid), nullValue()), octetString(value))
  return sequence(digestInfo, octetString(salt), integer(iterations))
}

function decodePbmac1(algorithm: DerReader, value: Uint8Array): Pkcs12Mac {
  const parameters = algorithm.enter()
  algorithm.finish()
  const derivation = decodeDerivation(parameters.read(tags.sequence))
  const digest = decodeHmac(parameters.read(tags.sequence))
  parameters.finish()
  // RFC 9579 §5 and §6: PBKDF2, and the length of the key is there.
  if (derivation.type !== 'pbkdf2') throw malformed('PBMAC1 without PBKDF2')
  const { keyLength } = derivation
  if (keyLength === undefined) throw malformed('PBMAC1 without a key length')
  // §8: shorter than 20 octets is refused; longer than a block of the digest would be digested again.
  if (keyLength < 20 || keyLength > pkcs12DigestSizes[digest].block)
    throw malformed(`PBMAC1 with a key of ${keyLength} octets`)
  checkLength(digest, value)
  return { type: 'pbmac1', digest, derivation: { ...derivation, keyLength }, value }
}

async function macKey(
  mac: Pkcs12Mac,
  { passphrase, charge }: { readonly passphrase: Passphrase; readonly charge: WorkBudget },
): Promise<Buffer> {
  if (mac.type === 'pbmac1') {
    const { derivation } = mac
    return deriveKey(derivation, {
      passphrase: passphrase.utf8,
      length: derivation.keyLength,
      charge,
    })
  }
  return deriveClassic(mac.derivation, {
    passphrase: passphrase.bmp,
    purpose: pkcs12Purposes.mac,
    length: pkcs12DigestSizes[mac.digest].output,
    charge,
  })
}

function checkLength(digest: Pkcs12Digest, { length }: Uint8Array): void {
  if (length !== pkcs12DigestSizes[digest].output)
    throw malformed(`MAC of ${length} octets with ${digest}`)
}
