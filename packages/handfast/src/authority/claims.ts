import { createHash } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { nameKey, parseCertificate } from '@handfast/kit/x509'
import type { Name } from '@handfast/kit/x509'
import type { Transaction } from '../store/store.ts'
import { listIssuers } from './context.ts'
import { AuthorityError } from './errors.ts'
import { caNameKey, knownAuthorities } from './issuer.ts'
import { subjectText } from './text.ts'

/** A subject and a key that are about to be bound to each other. */
export interface Claim {
  readonly subject: Name
  readonly publicKey: KeyObject
}

/**
 * Refuses what would make two holders one: a CA's subject, a CA's key, or a key that is already someone else's. Asked
 * before signing, and again in the transaction that stores the certificate.
 * @throws {AuthorityError} subject-of-a-ca, key-of-a-ca, key-certified-for-another
 */
export async function checkClaim(tx: Transaction, { subject, publicKey }: Claim): Promise<void> {
  const authorities = knownAuthorities(await listIssuers(tx))
  const issuerOfName = authorities.subjects.get(caNameKey(subject))
  if (issuerOfName !== undefined) throw subjectOfAuthority(subject, issuerOfName)

  const fingerprint = publicKeyHash(publicKey)
  const issuerOfKey = authorities.keys.get(fingerprint)
  if (issuerOfKey !== undefined) {
    throw new AuthorityError(
      'key-of-a-ca',
      `Cannot issue a certificate for "${subjectText(subject)}": its key is the key of issuer "${issuerOfKey}"`,
      {
        hint: 'Make a new key for every holder; the key of a CA signs certificates and nothing else',
      },
    )
  }
  // Every earlier certificate of a key has one subject, by this very rule: the newest speaks for all.
  const [earlier] = await tx.certificates.byPublicKey(fingerprint, { limit: 1 })
  if (earlier === undefined) return
  const holder = parseCertificate(earlier.certificate).subject
  if (nameKey(holder) === nameKey(subject)) return
  throw new AuthorityError(
    'key-certified-for-another',
    `Cannot issue a certificate for "${subjectText(subject)}": its key is already certified for "${subjectText(holder)}"`,
    { hint: 'Make a new key for every holder, and the request anew with it' },
  )
}

function subjectOfAuthority(subject: Name, label: string): AuthorityError {
  // OpenSSL takes such a leaf for self-signed (error 18), or searches its issuer in the leaf itself.
  return new AuthorityError(
    'subject-of-a-ca',
    `Cannot issue a certificate for "${subjectText(subject)}": it is the subject of the CA "${label}"`,
    {
      hint: 'Give it a subject of its own: where a guide says that "the Common Name must be the same" as the CA\'s, verifiers take the certificate for its own issuer',
    },
  )
}

function publicKeyHash(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
}
