import { nameKey, parseCertificate, publicKeyFingerprint } from '@handfast/kit/x509'
import type { Certificate, Name } from '@handfast/kit/x509'
import type { Issuer as IssuerRow, IssuerKind } from '../store/store.ts'
import { AuthorityError } from './errors.ts'

/** A certificate authority that is kept here. Holds no secret. */
export interface AuthorityIssuer {
  /** SHA-256 of the certificate, lower-case hexadecimal. */
  readonly id: string
  /** What people call it. */
  readonly label: string
  readonly kind: IssuerKind
  readonly certificate: Certificate
  /** The certificates above it, its own issuer first, the root last; empty for a root. */
  readonly chain: readonly Certificate[]
  /** False when the key is kept elsewhere: it signs nothing here. */
  readonly hasKey: boolean
  readonly createdAt: Date
}

export function parseIssuer(row: IssuerRow): AuthorityIssuer {
  return {
    id: row.id,
    label: row.name,
    kind: row.kind,
    certificate: parseCertificate(row.certificate),
    chain: row.chain.map(parseCertificate),
    hasKey: row.privateKeyPem !== null,
    createdAt: row.createdAt,
  }
}

/** The root above an issuer, or the issuer itself. */
export function rootOf(issuer: AuthorityIssuer): Certificate {
  return issuer.chain.at(-1) ?? issuer.certificate
}

/** What TLS peers send with a leaf: every certificate below the root. */
export function intermediatesOf(issuer: AuthorityIssuer): readonly Certificate[] {
  return [issuer.certificate, ...issuer.chain].slice(0, -1)
}

/**
 * How many more intermediates may stand below this issuer; `undefined` without a limit.
 * @see RFC 5280 §4.2.1.9: pathLen counts the intermediates below a certificate
 */
export function remainingPathLength(issuer: AuthorityIssuer): number | undefined {
  const remaining = [issuer.certificate, ...issuer.chain].flatMap(({ extensions }, depth) => {
    const pathLength = extensions.basicConstraints?.pathLength
    return pathLength === undefined ? [] : [pathLength - depth]
  })
  return remaining.length === 0 ? undefined : Math.min(...remaining)
}

/** Every CA that is known here, with or without its key. */
export interface KnownAuthorities {
  /** `caNameKey` of their subjects, with the text for messages. */
  readonly subjects: ReadonlyMap<string, string>
  /** SHA-256 of their public keys, with the label for messages. */
  readonly keys: ReadonlyMap<string, string>
}

export function knownAuthorities(issuers: readonly AuthorityIssuer[]): KnownAuthorities {
  const subjects = new Map<string, string>()
  const keys = new Map<string, string>()
  for (const { label, certificate, chain } of issuers) {
    for (const ca of [certificate, ...chain]) {
      subjects.set(caNameKey(ca.subject), label)
      keys.set(publicKeyFingerprint(ca), label)
    }
  }
  return { subjects, keys }
}

/**
 * Equal for names that some stack takes for the same issuer: OpenSSL folds case and spaces when it looks for one.
 * @see RFC 5280 §7.1
 */
export function caNameKey(name: Name): string {
  return nameKey(name).normalize('NFKC').replaceAll(/\s+/g, ' ').toLowerCase()
}

const labelForm = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/

/** @throws {AuthorityError} label-malformed */
export function checkLabel(label: string): void {
  if (labelForm.test(label)) return
  throw new AuthorityError('label-malformed', 'Cannot name an issuer so: its label is malformed', {
    hint: 'Use up to 64 letters, digits, dots, hyphens and underscores, such as "client-c-root"',
  })
}
