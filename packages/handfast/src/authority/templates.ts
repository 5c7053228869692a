import { certificatePublicKey, keyInfoOf, subjectKeyIdentifier } from '@handfast/kit/x509'
import type {
  Certificate,
  CertificateTemplate,
  GeneralName,
  KeyUsage,
  Name,
} from '@handfast/kit/x509'
import type { KeyObject } from 'node:crypto'
import type { AuthorityProfile, Profile } from './profiles.ts'
import { newSerialNumber } from './serial-number.ts'
import type { Validity } from './validity.ts'

interface Holder {
  readonly subject: Name
  readonly publicKey: KeyObject
  readonly validity: Validity
}

export interface LeafHolder extends Holder {
  readonly names: readonly GeneralName[]
}

export interface AuthorityHolder extends Holder {
  readonly pathLength?: number | undefined
}

/** What a leaf of this profile says; nothing in it comes from a request but subject, names and key. */
export function leafTemplate(
  holder: LeafHolder,
  grant: { readonly profile: Profile; readonly issuer: Certificate },
): CertificateTemplate {
  return {
    ...commonTemplate(holder, grant.issuer),
    extensions: {
      basicConstraints: { ca: false },
      keyUsage: leafKeyUsage(holder.publicKey, grant.profile),
      extendedKeyUsage: grant.profile.extendedKeyUsage,
      subjectAltNames: holder.names,
      authorityKeyIdentifier: authorityKeyIdentifier(grant.issuer),
    },
  }
}

/** What a CA says; without an issuer it is a root, its own issuer. */
export function authorityTemplate(
  holder: AuthorityHolder,
  grant: { readonly profile: AuthorityProfile; readonly issuer?: Certificate | undefined },
): CertificateTemplate {
  const { pathLength } = holder
  return {
    ...commonTemplate(holder, grant.issuer),
    extensions: {
      basicConstraints: { ca: true, ...(pathLength !== undefined && { pathLength }) },
      keyUsage: grant.profile.keyUsage,
      ...(grant.issuer && { authorityKeyIdentifier: authorityKeyIdentifier(grant.issuer) }),
    },
  }
}

/** The usages of a leaf's key: it signs handshakes; RSA also takes part in TLS 1.2's RSA key exchange. */
export function leafKeyUsage(publicKey: KeyObject, profile: Profile): readonly KeyUsage[] {
  const serverRsa =
    keyInfoOf(publicKey).type === 'rsa' && profile.extendedKeyUsage.includes('serverAuth')
  return serverRsa ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature']
}

/** RFC 5280 §4.2.1.1: the issuer's own identifier; one that was made without it gets what ours would be. */
export function authorityKeyIdentifier(issuer: Certificate): Uint8Array {
  return (
    issuer.extensions.subjectKeyIdentifier?.keyIdentifier ??
    subjectKeyIdentifier(certificatePublicKey(issuer))
  )
}

function commonTemplate(
  { subject, publicKey, validity }: Holder,
  issuer: Certificate | undefined,
): Omit<CertificateTemplate, 'extensions'> {
  return {
    serialNumber: newSerialNumber(),
    issuer: issuer?.subject ?? subject,
    subject,
    notBefore: validity.notBefore,
    notAfter: validity.notAfter,
    publicKey,
  }
}
