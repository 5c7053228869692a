import { fingerprint } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { X509Error } from './errors.ts'
import { keyStoreLimits, quoteAlias } from './key-store.ts'
import { commonNameOid, nameValues } from './name.ts'

export interface TrustStoreEntry {
  readonly certificate: Certificate
  /**
   * 1 to 255 characters, none of them a control character; unique without regard to case, as in Java. Without it,
   * the certificate's common name in lower case, or the beginning of its fingerprint, with a number where it is taken.
   */
  readonly alias?: string
}

export interface AliasedEntry {
  readonly certificate: Certificate
  readonly alias: string
}

const maxAliasLength = 255

/** Every entry with its alias, in order. @throws {X509Error} keystore-entry-invalid */
export function aliasEntries(entries: readonly TrustStoreEntry[]): readonly AliasedEntry[] {
  if (entries.length === 0) {
    // Java calls this "the trustAnchors parameter must be non-empty", far from here.
    throw invalidEntry('it would be empty', 'Give at least one certificate')
  }
  if (entries.length > keyStoreLimits.maxEntries) {
    throw invalidEntry('more than 10,000 certificates', 'Divide them among several stores')
  }
  const taken = new Set<string>()
  for (const { alias } of entries) {
    if (alias === undefined) continue
    checkAlias(alias)
    if (taken.has(foldAlias(alias))) {
      throw invalidEntry(
        `alias ${quoteAlias(alias)} is given twice`,
        'Give each certificate an alias of its own; Java does not tell upper from lower case',
      )
    }
    taken.add(foldAlias(alias))
  }
  return entries.map(({ certificate, alias }) => ({
    certificate,
    alias: alias ?? freeAlias(certificate, taken),
  }))
}

/** @throws {X509Error} keystore-entry-invalid */
export function checkAlias(alias: string): void {
  if (isAlias(alias)) return
  throw invalidEntry(
    `alias ${quoteAlias(alias)}`,
    'Use 1 to 255 characters, none of them a control character',
  )
}

/** How Java compares aliases. */
export function foldAlias(alias: string): string {
  return alias.toLowerCase()
}

export function invalidEntry(what: string, hint: string): X509Error {
  return new X509Error('keystore-entry-invalid', `Cannot write key store: ${what}`, { hint })
}

function isAlias(alias: string): boolean {
  const plain = !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(alias)
  return plain && alias.isWellFormed() && alias.trim() !== '' && alias.length <= maxAliasLength
}

function freeAlias(certificate: Certificate, taken: Set<string>): string {
  const [commonName] = nameValues(certificate.subject, commonNameOid)
  const base =
    commonName !== undefined && isAlias(commonName) && commonName.length < maxAliasLength - 6
      ? foldAlias(commonName)
      : fingerprint(certificate).slice(0, 16)
  let alias = base
  for (let number = 2; taken.has(alias); number += 1) alias = `${base}-${number}`
  taken.add(alias)
  return alias
}
