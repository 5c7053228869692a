import { createCipheriv, randomBytes, scrypt } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { integer, octetString, oid, sequence } from './der-writer.ts'
import { encodePem } from './pem.ts'

const deriveKey = promisify<string, Uint8Array, number, object, Buffer>(scrypt)

// 16 MiB and five passes, some 0.2 s: OWASP's recommendation for scrypt. More memory is not possible: OpenSSL reads
// at most 32 MiB. Node's own default is PBKDF2 with 2,048 rounds.
const cost = { N: 2 ** 14, r: 8, p: 5 }

// OpenSSL reads no longer one (PEM_BUFSIZE): the key could never be opened again.
const maxPassphraseBytes = 1024

/**
 * A private key as encrypted PKCS#8 PEM (PBES2: scrypt and AES-256-CBC), readable by OpenSSL.
 * @see RFC 8018 §6.2, RFC 7914 §7
 * @throws {TypeError} when the passphrase is empty
 * @throws {RangeError} when it is longer than 1,024 bytes
 */
export async function encryptPrivateKeyPem(key: KeyObject, passphrase: string): Promise<string> {
  if (passphrase === '') throw new TypeError('The passphrase of a private key cannot be empty')
  if (Buffer.byteLength(passphrase) > maxPassphraseBytes) {
    throw new RangeError('The passphrase of a private key cannot be longer than 1,024 bytes')
  }
  const salt = randomBytes(16)
  const iv = randomBytes(16)
  const keyLength = 32
  const secret = await deriveKey(passphrase, salt, keyLength, { ...cost, maxmem: 64 * 1024 * 1024 })
  const cipher = createCipheriv('aes-256-cbc', secret, iv)
  const plain = key.export({ type: 'pkcs8', format: 'der' })
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()])
  secret.fill(0)
  plain.fill(0)
  const derivation = sequence(
    oid('1.3.6.1.4.1.11591.4.11'),
    sequence(
      octetString(salt),
      integer(cost.N),
      integer(cost.r),
      integer(cost.p),
      integer(keyLength),
    ),
  )
  const encryption = sequence(oid('2.16.840.1.101.3.4.1.42'), octetString(iv))
  const algorithm = sequence(oid('1.2.840.113549.1.5.13'), sequence(derivation, encryption))
  return encodePem('ENCRYPTED PRIVATE KEY', sequence(algorithm, octetString(encrypted)))
}
