import type { AuthorityIssuer } from '../../authority/issuer.ts'
import { describeCertificate } from './describe-certificate.ts'
import type { CertificateDescription } from './describe-certificate.ts'

export type IssuerDescription = {
  readonly label: string
  /** False when its key is kept elsewhere. */
  readonly hasKey: boolean
  readonly createdAt: string
} & Pick<
  CertificateDescription,
  | 'kind'
  | 'subject'
  | 'issuer'
  | 'notBefore'
  | 'notAfter'
  | 'validity'
  | 'key'
  | 'serialNumber'
  | 'fingerprint'
  | 'keyFingerprint'
>

export function describeIssuer(issuer: AuthorityIssuer, at: Date): IssuerDescription {
  const described = describeCertificate(issuer.certificate, at)
  const { kind, subject, issuer: above, notBefore, notAfter, validity, key } = described
  const { serialNumber, fingerprint, keyFingerprint } = described
  return {
    label: issuer.label,
    kind,
    subject,
    issuer: above,
    notBefore,
    notAfter,
    validity,
    key,
    serialNumber,
    fingerprint,
    keyFingerprint,
    hasKey: issuer.hasKey,
    createdAt: issuer.createdAt.toISOString(),
  }
}
