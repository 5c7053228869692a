import { caNameKey } from '../../authority/issuer.ts'
import {
  certificatePublicKey,
  describeKeyInfo,
  extensionName,
  fingerprint,
  formatGeneralName,
  formatName,
  isSelfIssued,
  publicKeyFingerprint,
  purposeName,
  verifySignature,
} from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import { describePeriod } from './describe-time.ts'

/** A certificate as data that people and programs read alike. */
export interface CertificateDescription {
  readonly subject: string
  readonly issuer: string
  readonly kind: CertificateKind
  /** How many CAs may stand below this one; absent for leaves and without a limit. */
  readonly pathLength?: number
  readonly notBefore: string
  readonly notAfter: string
  /** `expires in 12 days` */
  readonly validity: string
  readonly names: readonly string[]
  readonly key: string
  /** Null when the extension is absent: any. */
  readonly keyUsage: readonly string[] | null
  /** Null when the extension is absent: any. */
  readonly extendedKeyUsage: readonly string[] | null
  readonly otherExtensions: readonly string[]
  readonly serialNumber: string
  readonly signatureAlgorithm: string
  /** SHA-256, lower-case hexadecimal. */
  readonly fingerprint: string
  readonly keyFingerprint: string
}

export type CertificateKind = 'root' | 'intermediate' | 'leaf' | 'self-signed leaf'

export function describeCertificate(certificate: Certificate, at: Date): CertificateDescription {
  const { extensions, notBefore, notAfter } = certificate
  const { basicConstraints, keyUsage, extendedKeyUsage, subjectAltNames, unread } = extensions
  return {
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    kind: kindOf(certificate),
    ...(basicConstraints?.pathLength !== undefined && { pathLength: basicConstraints.pathLength }),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
    validity: describePeriod(certificate, at),
    names: (subjectAltNames?.names ?? []).map(formatGeneralName),
    key: describeKeyInfo(certificate.keyInfo),
    keyUsage: keyUsage?.usages ?? null,
    extendedKeyUsage: extendedKeyUsage?.purposes.map(purposeName) ?? null,
    otherExtensions: unread.map(({ oid }) => extensionName(oid)),
    serialNumber: certificate.serialNumber,
    signatureAlgorithm: certificate.signatureAlgorithm.name,
    fingerprint: fingerprint(certificate),
    keyFingerprint: publicKeyFingerprint(certificate),
  }
}

function kindOf(certificate: Certificate): CertificateKind {
  const ca = certificate.extensions.basicConstraints?.ca === true
  if (isSelfSigned(certificate)) return ca ? 'root' : 'self-signed leaf'
  return ca ? 'intermediate' : 'leaf'
}

/** True when its own key made its signature; with an algorithm that is too weak to be read, its names decide. */
export function isSelfSigned(certificate: Certificate): boolean {
  return isSelfIssued(certificate) && (signedBy(certificate, certificate) ?? true)
}

/** True when `issuer` carries the name that `certificate` names, and its key made the signature. */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  const named = caNameKey(certificate.issuer) === caNameKey(issuer.subject)
  return named && (signedBy(certificate, issuer) ?? true)
}

/** Undefined when the algorithm is not one that is read here. */
function signedBy(certificate: Certificate, issuer: Certificate): boolean | undefined {
  if (certificate.signatureAlgorithm.keyType === undefined) return undefined
  if (issuer.keyInfo.type === 'unsupported') return undefined
  try {
    return verifySignature(certificate, certificatePublicKey(issuer))
  } catch {
    // A key that OpenSSL does not take has signed nothing.
    return false
  }
}

export function nameText(name: Certificate['subject']): string {
  return name.rdns.length === 0 ? '(empty)' : formatName(name)
}
