import { malformed, readSingle, tags } from './der-reader.ts'
import { octetString } from './der-writer.ts'
import type { UnreadExtension } from './extensions.ts'

export const ocspNonceOid = '1.3.6.1.5.5.7.48.1.2'

/** RFC 9654 §2.1: 1 to 128 octets; a client's should have 32. */
const maxNonceBytes = 128

/** @throws {X509Error} der-malformed */
export function decodeNonce(extensions: readonly UnreadExtension[]): Uint8Array | undefined {
  const found = extensions.find(({ oid }) => oid === ocspNonceOid)
  if (found === undefined) return undefined
  const nonce = readSingle(found.value, tags.octetString).content
  if (nonce.length === 0 || nonce.length > maxNonceBytes)
    throw malformed('nonce of neither 1 nor up to 128 octets')
  return nonce
}

/** @throws {RangeError} when it has not 1 to 128 octets */
export function encodeNonce(nonce: Uint8Array): UnreadExtension {
  if (nonce.length === 0 || nonce.length > maxNonceBytes)
    throw new RangeError('A nonce has 1 to 128 octets')
  return { oid: ocspNonceOid, critical: false, value: octetString(nonce) }
}
