import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { concatBytes } from './bytes.ts'
import { DerReader, malformed, tags } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { oidText } from './der-values.ts'
import { octetString, oid, sequence } from './der-writer.ts'
import { X509Error } from './errors.ts'
import { rewriteCommand } from './key-store.ts'
import {
  decodeDerivation,
  decodeIterations,
  decodeSalt,
  deriveClassic,
  deriveKey,
  encodePbkdf2,
  unsupportedAlgorithm,
} from './password-derivation.ts'
import type { Derivation, Passphrase, WorkBudget } from './password-derivation.ts'
import { pkcs12Purposes } from './pkcs12-kdf.ts'
import type { Pkcs12Derivation } from './pkcs12-kdf.ts'

/** An encryption with a passphrase, as an AlgorithmIdentifier names it. */
export type PasswordEncryption =
  | {
      readonly type: 'pbes2'
      readonly derivation: Derivation
      readonly cipher: Cipher
      readonly iv: Uint8Array
    }
  | { readonly type: 'classic'; readonly derivation: Pkcs12Derivation; readonly cipher: Cipher }

interface Cipher {
  /** As OpenSSL calls it. */
  readonly name: string
  readonly keyLength: number
  readonly blockSize: 8 | 16
}

const pbes2Oid = '1.2.840.113549.1.5.13'
const aes256Oid = '2.16.840.1.101.3.4.1.42'
const aes256: Cipher = { name: 'aes-256-cbc', keyLength: 32, blockSize: 16 }

const pbes2Ciphers = new Map<string, Cipher>([
  ['2.16.840.1.101.3.4.1.2', { name: 'aes-128-cbc', keyLength: 16, blockSize: 16 }],
  ['2.16.840.1.101.3.4.1.22', { name: 'aes-192-cbc', keyLength: 24, blockSize: 16 }],
  [aes256Oid, aes256],
  ['1.2.840.113549.3.7', { name: 'des-ede3-cbc', keyLength: 24, blockSize: 8 }],
])

/** RFC 7292 appendix C, the stream cipher RC4 left out. */
const classicCiphers = new Map<string, Cipher>([
  ['1.2.840.113549.1.12.1.3', { name: 'des-ede3-cbc', keyLength: 24, blockSize: 8 }],
  ['1.2.840.113549.1.12.1.4', { name: 'des-ede-cbc', keyLength: 16, blockSize: 8 }],
  ['1.2.840.113549.1.12.1.5', { name: 'rc2-cbc', keyLength: 16, blockSize: 8 }],
  ['1.2.840.113549.1.12.1.6', { name: 'rc2-40-cbc', keyLength: 5, blockSize: 8 }],
])

/** @throws {X509Error} der-malformed | keystore-unsupported | keystore-too-costly */
export function decodePasswordEncryption(element: DerElement): PasswordEncryption {
  const reader = new DerReader(element.content)
  const algorithm = oidText(reader.read(tags.oid))
  const classic = classicCiphers.get(algorithm)
  if (classic === undefined && algorithm !== pbes2Oid) throw unsupportedAlgorithm(algorithm)
  const parameters = reader.enter()
  reader.finish()
  const encryption =
    classic === undefined ? decodePbes2(parameters) : decodeClassic(parameters, classic)
  parameters.finish()
  return encryption
}

export interface Decryption {
  readonly passphrase: Passphrase
  readonly charge: WorkBudget
}

/**
 * The plain bytes; `undefined` when the passphrase does not open them. One wrong passphrase in 256 seems to: what
 * comes out must be checked.
 * @throws {X509Error} keystore-cipher-unavailable | keystore-too-costly | der-malformed
 */
export async function decryptWithPassword(
  encryption: PasswordEncryption,
  encrypted: Uint8Array,
  decryption: Decryption,
): Promise<Buffer | undefined> {
  const { cipher } = encryption
  if (encrypted.length === 0 || encrypted.length % cipher.blockSize !== 0)
    throw malformed('encrypted content is not whole blocks')
  checkAvailable(cipher)
  const { key, iv } = await deriveKeyAndIv(encryption, decryption)
  const decipher = createDecipheriv(cipher.name, key, iv)
  key.fill(0)
  try {
    return Buffer.concat([decipher.update(encrypted), decipher.final()])
  } catch {
    // Bad padding. Neither the cause nor the passphrase: OpenSSL's text adds nothing.
    return undefined
  }
}

/**
 * EncryptedPrivateKeyInfo's two fields: PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC, which openssl 3, Java 17 and Node read.
 * @see RFC 8018 §6.2
 */
export async function encryptWithPassword(
  plain: Uint8Array,
  options: { readonly passphrase: string; readonly iterations: number },
): Promise<{ readonly algorithm: Uint8Array; readonly encrypted: Uint8Array }> {
  const salt = randomBytes(16)
  const iv = randomBytes(aes256.blockSize)
  const key = await deriveKey(
    { type: 'pbkdf2', prf: 'sha256', salt, iterations: options.iterations, keyLength: undefined },
    {
      passphrase: Buffer.from(options.passphrase, 'utf8'),
      length: aes256.keyLength,
      charge: () => undefined,
    },
  )
  const cipher = createCipheriv(aes256.name, key, iv)
  key.fill(0)
  return {
    algorithm: sequence(
      oid(pbes2Oid),
      sequence(
        encodePbkdf2({ salt, iterations: options.iterations }),
        sequence(oid(aes256Oid), octetString(iv)),
      ),
    ),
    encrypted: concatBytes([cipher.update(plain), cipher.final()]),
  }
}

function decodePbes2(parameters: DerReader): PasswordEncryption {
  const derivation = decodeDerivation(parameters.read(tags.sequence))
  const scheme = parameters.enter()
  const algorithm = oidText(scheme.read(tags.oid))
  const cipher = pbes2Ciphers.get(algorithm)
  if (cipher === undefined) throw unsupportedAlgorithm(algorithm)
  const iv = scheme.read(tags.octetString).content
  scheme.finish()
  if (iv.length !== cipher.blockSize) throw malformed(`IV of ${iv.length} octets`)
  return { type: 'pbes2', derivation, cipher, iv }
}

function decodeClassic(parameters: DerReader, cipher: Cipher): PasswordEncryption {
  const salt = decodeSalt(parameters.read(tags.octetString))
  const iterations = decodeIterations(parameters.read(tags.integer))
  return { type: 'classic', derivation: { digest: 'sha1', salt, iterations }, cipher }
}

async function deriveKeyAndIv(
  encryption: PasswordEncryption,
  { passphrase, charge }: Decryption,
): Promise<{ readonly key: Buffer; readonly iv: Uint8Array }> {
  const length = encryption.cipher.keyLength
  if (encryption.type === 'pbes2') {
    const use = { passphrase: passphrase.utf8, length, charge }
    return { key: await deriveKey(encryption.derivation, use), iv: encryption.iv }
  }
  const { derivation, cipher } = encryption
  const use = { passphrase: passphrase.bmp, charge }
  return {
    key: await deriveClassic(derivation, { ...use, purpose: pkcs12Purposes.key, length }),
    iv: await deriveClassic(derivation, {
      ...use,
      purpose: pkcs12Purposes.iv,
      length: cipher.blockSize,
    }),
  }
}

/** OpenSSL 3 has RC2 in its legacy provider only, which Node loads with `--openssl-legacy-provider`. */
function checkAvailable({ name, keyLength, blockSize }: Cipher): void {
  try {
    createDecipheriv(name, new Uint8Array(keyLength), new Uint8Array(blockSize))
  } catch (cause) {
    throw new X509Error(
      'keystore-cipher-unavailable',
      `Cannot read PKCS#12: it is encrypted with ${name}, which is too weak to be offered here`,
      {
        details: { cipher: name },
        cause,
        hint: `Write it again with current algorithms: ${rewriteCommand} (a trust store for Java: keytool -importkeystore -srckeystore OLD.p12 -destkeystore NEW.p12 -deststoretype PKCS12)`,
      },
    )
  }
}
