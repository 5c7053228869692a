import { fingerprint, formatGeneralName, publicKeyFingerprint } from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import type { Transaction } from '../store/store.ts'
import { ownActor } from './context.ts'
import type { Asked } from './context.ts'
import type { AuthorityIssuer } from './issuer.ts'
import { printable, subjectText } from './text.ts'
import type { Note } from './text.ts'

export interface IssuedRecord extends Asked {
  readonly at: Date
  readonly issuer: AuthorityIssuer
  readonly profile: string
  readonly certificate: Certificate
  readonly dropped: readonly Note[]
}

/** The certificate and its audit row. */
export async function recordCertificate(tx: Transaction, record: IssuedRecord): Promise<void> {
  const { at, issuer, profile, certificate, dropped, actor = ownActor } = record
  const subject = subjectText(certificate.subject)
  const { serialNumber, notBefore, notAfter } = certificate
  await tx.certificates.insert({
    issuerId: issuer.id,
    serialNumber,
    subject,
    profile,
    notBefore,
    notAfter,
    certificate: certificate.der,
    publicKeyFingerprint: publicKeyFingerprint(certificate),
    issuedAt: at,
  })
  await tx.audit.append({
    at,
    actor,
    action: 'certificate.issue',
    target: subject,
    details: {
      issuer: issuer.label,
      profile,
      serialNumber,
      fingerprint: fingerprint(certificate),
      notAfter: notAfter.toISOString(),
      names: (certificate.extensions.subjectAltNames?.names ?? [])
        .map(formatGeneralName)
        .map(printable),
      dropped: dropped.map(({ what }) => what),
    },
  })
}

export interface IssuerRecord extends Asked {
  readonly issuer: AuthorityIssuer
  /** PKCS#8 PEM, encrypted; null when the key is kept elsewhere. */
  readonly privateKeyPem: string | null
  readonly action: 'issuer.init' | 'issuer.import' | 'issuer.sign'
}

/** The issuer and its audit row; the issuer above it is its parent when it is kept here. */
export async function recordIssuer(tx: Transaction, record: IssuerRecord): Promise<void> {
  const { issuer, privateKeyPem, action, actor = ownActor } = record
  const [above] = issuer.chain
  const parent = above && (await tx.issuers.byId(fingerprint(above)))
  await tx.issuers.insert({
    id: issuer.id,
    name: issuer.label,
    kind: issuer.kind,
    certificate: issuer.certificate.der,
    chain: issuer.chain.map(({ der }) => der),
    privateKeyPem,
    parentId: parent?.id ?? null,
    createdAt: issuer.createdAt,
  })
  await tx.audit.append({
    at: issuer.createdAt,
    actor,
    action,
    target: issuer.label,
    details: {
      kind: issuer.kind,
      subject: subjectText(issuer.certificate.subject),
      fingerprint: issuer.id,
      notAfter: issuer.certificate.notAfter.toISOString(),
    },
  })
}
