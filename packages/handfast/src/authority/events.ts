import type { Events } from '@handfast/kit/base'
import type { IssuerKind } from '../store/store.ts'

/** What happened in this room. Never a secret in it. */
export type AuthorityEvent =
  | {
      readonly type: 'issuer-created'
      readonly at: Date
      readonly label: string
      readonly kind: IssuerKind
      readonly subject: string
      /** SHA-256 of the certificate, lower-case hexadecimal. */
      readonly fingerprint: string
      readonly notAfter: Date
    }
  | {
      readonly type: 'certificate-issued'
      readonly at: Date
      readonly issuer: string
      readonly profile: string
      readonly serialNumber: string
      readonly subject: string
      readonly notAfter: Date
      /** What was asked for and not granted. */
      readonly dropped: readonly string[]
    }
  | {
      readonly type: 'issuance-refused'
      readonly at: Date
      readonly issuer: string
      readonly code: string
      readonly reason: string
    }

/** A listener that throws stops nothing. */
export function emitSafely(events: Events<AuthorityEvent>, event: AuthorityEvent): void {
  try {
    events.emit(event)
  } catch {
    // What was committed stays committed, whoever failed to hear of it.
  }
}
