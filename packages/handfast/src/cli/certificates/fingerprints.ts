import type { KeyObject } from 'node:crypto'
import { publicKeyFingerprint } from '@handfast/kit/x509'

/** SHA-256 of a public key (SubjectPublicKeyInfo), lower-case hexadecimal: the same in its certificate. */
export function keyFingerprint(publicKey: KeyObject): string {
  return publicKeyFingerprint({ publicKeyInfo: publicKey.export({ type: 'spki', format: 'der' }) })
}

/** `AA:BB:…`, as OpenSSL and browsers show it, so that two people can compare what they see. */
export function formatFingerprint(hex: string): string {
  return (hex.toUpperCase().match(/../g) ?? []).join(':')
}
