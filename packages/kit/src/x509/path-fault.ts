import type { Certificate } from './certificate.ts'
import type { ProfileRule } from './profiles.ts'

/** Why a certificate cannot be part of a path. */
export type PathFaultReason =
  | 'issuer-unknown'
  | 'issuer-key-mismatch'
  | 'self-signed-untrusted'
  | 'signature-algorithm-weak'
  | 'signature-algorithm-unsupported'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'issuer-expired'
  | 'issuer-not-yet-valid'
  | 'issuer-not-a-ca'
  | 'issuer-may-not-sign'
  | 'path-length-exceeded'
  | 'purpose-not-allowed'
  | 'issuer-purpose-not-allowed'
  | 'key-usage-not-allowed'
  | 'critical-extension-unknown'
  | 'name-constraint-violated'
  | 'name-comparisons-exhausted'
  | 'policy-missing'
  | 'constraint-malformed'
  | 'constraint-unsupported'
  | 'form-not-allowed'
  | 'key-weak'
  | 'version-unsupported'
  | 'path-too-long'
  | 'path-search-exhausted'

export interface PathFault {
  readonly reason: PathFaultReason
  readonly certificate: Certificate
  /** What was found, in a few words. */
  readonly found: string
}

/** Nothing that refuses, but something to put right. */
export interface PathWarning {
  readonly reason: ProfileRule
  readonly certificate: Certificate
}

export function faultOf(
  certificate: Certificate,
): (reason: PathFaultReason, found: string) => PathFault {
  return (reason, found) => ({ reason, certificate, found })
}
