import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readSingle, tags } from './der-reader.ts'
import { X509Error } from './errors.ts'
import { describeKeyInfo, keyInfoOf } from './key-info.ts'

/**
 * A PrivateKeyInfo (RFC 5208 §5) that is not encrypted, as key stores hold it.
 * @throws {X509Error} der-malformed (not one SEQUENCE) | key-malformed | key-unsupported
 */
export function parsePkcs8(der: Uint8Array): KeyObject {
  readSingle(der, tags.sequence)
  const key = createKey(der)
  const info = keyInfoOf(createPublicKey(key))
  if (info.type === 'unsupported') {
    throw new X509Error('key-unsupported', `Cannot use private key: ${describeKeyInfo(info)}`, {
      hint: 'Use an ECDSA P-256, P-384 or P-521, RSA, Ed25519 or ML-DSA key',
    })
  }
  return key
}

function createKey(der: Uint8Array): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
  } catch (cause) {
    throw new X509Error('key-malformed', 'Cannot read private key: no key of a type known here', {
      cause,
    })
  }
}
