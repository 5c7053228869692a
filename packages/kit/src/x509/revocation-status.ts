import type { RevocationReason } from './revocation-reason.ts'

/** The CRLs, or the answer, do not say that the certificate is revoked, and cover it until `validUntil`. */
export interface NotRevoked {
  readonly status: 'good'
  readonly validUntil: Date
}

export interface Revoked {
  readonly status: 'revoked'
  readonly revokedAt: Date
  readonly reason: RevocationReason
  /** Since when the key may have been out of its owner's hands. */
  readonly invalidityDate?: Date
}

/**
 * True when a list or an answer whose time has passed still proves it: nothing but a hold is ever taken back, so that
 * keeping newer lists from us must not bring a revoked certificate back to life. RFC 5280 §5.3.1
 */
export function isPermanent({ reason }: Pick<Revoked, 'reason'>): boolean {
  return reason !== 'certificate-hold' && reason !== 'remove-from-crl'
}
