import type { KeyObject } from 'node:crypto'
import type { Certificate } from './certificate.ts'
import { X509Error } from './errors.ts'

/** What a PKCS#12 or JKS file holds. */
export interface KeyStoreContents {
  readonly keys: readonly StoredKey[]
  /** Certificates that are marked as trusted, or that belong to no key. */
  readonly certificates: readonly StoredCertificate[]
  /** Object identifiers of what was passed over: CRLs, secrets. */
  readonly unread: readonly string[]
}

export interface StoredKey {
  readonly key: KeyObject
  readonly alias: string | undefined
  /** Lower-case hexadecimal; PKCS#12 only. */
  readonly localKeyId: string | undefined
  /** The certificate of the key first, then its issuers; empty when the file has no certificate of this key. */
  readonly chain: readonly Certificate[]
}

export interface StoredCertificate {
  readonly certificate: Certificate
  readonly alias: string | undefined
  /** Java trusts it: an entry of a JKS, or marked with Oracle's trustedKeyUsage in a PKCS#12. */
  readonly trusted: boolean
}

export interface ParseKeyStoreOptions {
  /** Left out only for a PKCS#12 without any. */
  readonly passphrase?: string
  /** For files whose keys have another passphrase than the file. */
  readonly keyPassphrase?: string
}

export const keyStoreLimits = {
  /** 16 MiB: a store of 10,000 certificates is some 10 MB. */
  maxBytes: 16_777_216,
  /** As many as in a PEM bundle. */
  maxEntries: 10_000,
} as const

/**
 * Writes a PKCS#12 again with current algorithms. Not in one pipe: `pkcs12 -export` reads its input twice (measured
 * with openssl 3.0). The key in between is encrypted.
 */
export const rewriteCommand =
  'openssl pkcs12 -legacy -in OLD.p12 -out OLD.pem && openssl pkcs12 -export -in OLD.pem -out NEW.p12'

export type KeyStoreFormat = 'pkcs12' | 'jks' | 'jceks'

/** Which store the bytes begin like; `undefined` for anything else. Nothing more is checked. */
export function keyStoreFormat(bytes: Uint8Array): KeyStoreFormat | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('hex')
  if (head.startsWith('feedfeed')) return 'jks'
  if (head.startsWith('cececece')) return 'jceks'
  // SEQUENCE of any length, BER's indefinite one too, that begins with INTEGER 3.
  return /^30(?:[0-7].|80|81..|82.{4}|83.{6}|84.{8})020103/.test(head) ? 'pkcs12' : undefined
}

/** The error of a file that is not what it should be. */
export function malformedKeyStore(
  format: 'PKCS#12' | 'JKS',
  what: string,
  cause?: unknown,
): X509Error {
  return new X509Error('keystore-malformed', `Cannot read ${format}: ${what}`, {
    cause,
    hint:
      format === 'JKS'
        ? 'Check that the file is a JKS key store and was copied whole (in binary mode)'
        : `Check that the file was copied whole (in binary mode); if openssl reads it, write it again: ${rewriteCommand}`,
  })
}

export function checkKeyStoreSize(format: 'PKCS#12' | 'JKS', bytes: Uint8Array): void {
  if (bytes.length > keyStoreLimits.maxBytes)
    throw malformedKeyStore(format, 'it is larger than 16 MiB')
}

/** An alias inside a message: quoted, control characters escaped, never long. */
export function quoteAlias(alias: string): string {
  return JSON.stringify(alias.length > 64 ? `${alias.slice(0, 64)}…` : alias)
}
