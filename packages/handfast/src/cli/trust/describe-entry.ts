import { describePeriod } from '../certificates/describe-time.ts'
import { nameText } from '../certificates/describe-certificate.ts'
import type { TrustEntry } from './trust-bundle.ts'

export interface TrustEntryDescription {
  readonly kind: TrustEntry['kind']
  readonly subject: string
  readonly notBefore: string
  readonly notAfter: string
  /** `expires in 12 days` */
  readonly validity: string
  /** SHA-256, lower-case hexadecimal. */
  readonly fingerprint: string
}

export function describeEntry(
  { kind, certificate, fingerprint }: TrustEntry,
  at: Date,
): TrustEntryDescription {
  return {
    kind,
    subject: nameText(certificate.subject),
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    validity: describePeriod(certificate, at),
    fingerprint,
  }
}
