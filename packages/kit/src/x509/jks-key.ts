import { createHash, timingSafeEqual } from 'node:crypto'
import { DerReader, malformed, readSingle, tags } from './der-reader.ts'
import { oidText } from './der-values.ts'

/** Sun's key protection, described by its source alone (sun.security.provider.KeyProtector). */
const protectorOid = '1.3.6.1.4.1.42.2.17.1.1'

const digestLength = 20

// An RSA key of 16,384 bits takes 10 kB.
const maxKeyBytes = 64 * 1024

/**
 * The PrivateKeyInfo inside a JKS's EncryptedPrivateKeyInfo: a salt, the key XORed with a chain of SHA-1 digests of
 * passphrase and salt, and a digest of passphrase and key. `undefined` when the passphrase is another.
 * @throws {X509Error} der-malformed
 */
export function openJksKey(der: Uint8Array, passphrase: Uint8Array): Uint8Array | undefined {
  const protectedKey = decodeProtectedKey(der)
  const salt = protectedKey.subarray(0, digestLength)
  const encrypted = protectedKey.subarray(digestLength, -digestLength)
  const check = protectedKey.subarray(-digestLength)
  const plain = Buffer.alloc(encrypted.length)
  let mask: Uint8Array = salt
  for (let offset = 0; offset < encrypted.length; offset += digestLength) {
    mask = digest(passphrase, mask)
    for (let index = 0; index < digestLength && offset + index < encrypted.length; index += 1)
      plain[offset + index] = (encrypted[offset + index] ?? 0) ^ (mask[index] ?? 0)
  }
  return timingSafeEqual(digest(passphrase, plain), check) ? plain : undefined
}

function decodeProtectedKey(der: Uint8Array): Uint8Array {
  const reader = new DerReader(readSingle(der, tags.sequence).content)
  const algorithm = reader.enter()
  const oid = oidText(algorithm.read(tags.oid))
  const { content } = reader.read(tags.octetString)
  reader.finish()
  if (oid !== protectorOid) throw malformed(`key protected by ${oid}`)
  if (content.length <= 2 * digestLength) throw malformed('protected key cut off')
  if (content.length > maxKeyBytes) throw malformed('protected key of more than 64 kB')
  return content
}

function digest(passphrase: Uint8Array, bytes: Uint8Array): Buffer {
  return createHash('sha1').update(passphrase).update(bytes).digest()
}
