import type { KeyObject } from 'node:crypto'
import { commonNameOid, nameValues, purposeName, purposeOids } from '@handfast/kit/x509'
import type { Certificate, GeneralName, Name } from '@handfast/kit/x509'
import { checkClaim } from './claims.ts'
import { findIssuerRow, readStore } from './context.ts'
import type { Asked, AuthorityContext } from './context.ts'
import { AuthorityError } from './errors.ts'
import { emitSafely } from './events.ts'
import { intermediatesOf, parseIssuer, rootOf } from './issuer.ts'
import type { AuthorityIssuer } from './issuer.ts'
import { checkKey } from './key-policy.ts'
import { checkNames } from './names-policy.ts'
import type { GrantedName } from './names-policy.ts'
import type { Profile } from './profiles.ts'
import { recordCertificate } from './record.ts'
import { signCertificate } from './sign-certificate.ts'
import { checkSubject } from './subject-policy.ts'
import { leafTemplate } from './templates.ts'
import { printable, subjectText } from './text.ts'
import type { Note } from './text.ts'
import { planValidity } from './validity.ts'
import type { Clamped } from './validity.ts'

export interface LeafOrder extends Asked {
  /** The issuer's label. */
  readonly issuer: string
  readonly profile: Profile
  readonly subject: Name
  readonly subjectAltNames: readonly GeneralName[]
  readonly publicKey: KeyObject
  readonly lifetimeDays?: number | undefined
  readonly dropped: readonly Note[]
  readonly warnings: readonly Note[]
}

/** A certificate that is stored, and what was decided on the way. */
export interface Issued {
  readonly certificate: Certificate
  /** What a TLS peer sends: the leaf first, then the intermediates, without the root. */
  readonly chain: readonly Certificate[]
  /** What others have to trust. */
  readonly root: Certificate
  /** The issuer's label. */
  readonly issuer: string
  readonly profile: string
  /** What the request asked for and did not get. */
  readonly dropped: readonly Note[]
  readonly warnings: readonly Note[]
  /** Set when the lifetime was cut to the issuer's. */
  readonly clamped?: Clamped
}

/**
 * Decides, builds, checks, signs, stores; returns once it is on disk.
 * @throws {AuthorityError}
 */
export async function issueLeaf(context: AuthorityContext, order: LeafOrder): Promise<Issued> {
  const { profile, subject, publicKey } = order
  const now = context.clock.now()
  checkKey(publicKey)
  const names = checkNames(order.subjectAltNames, profile)
  checkSubject(subject, { hasNames: names.length > 0 })

  const row = await readStore(context, async (tx) => {
    const found = await findIssuerRow(tx, order.issuer)
    await checkClaim(tx, order)
    return found
  })
  const issuer = parseIssuer(row)
  checkIssuerPurposes(issuer, profile)
  const validity = planValidity({ now, profile, lifetimeDays: order.lifetimeDays }, issuer)
  const template = leafTemplate(
    { subject, publicKey, validity, names },
    { profile, issuer: issuer.certificate },
  )
  const signer = await context.keys.open(row)
  const certificate = await signCertificate(
    { template, profile, issuer: issuer.certificate },
    { signer, trials: context.trials },
  )
  await context.store.transaction(async (tx) => {
    await checkClaim(tx, order)
    await recordCertificate(tx, {
      at: now,
      actor: order.actor,
      issuer,
      profile: profile.name,
      certificate,
      dropped: order.dropped,
    })
  })
  emitSafely(context.events, {
    type: 'certificate-issued',
    at: now,
    issuer: issuer.label,
    profile: profile.name,
    serialNumber: certificate.serialNumber,
    subject: subjectText(subject),
    notAfter: certificate.notAfter,
    dropped: order.dropped.map(({ what }) => what),
  })
  return {
    certificate,
    chain: [certificate, ...intermediatesOf(issuer)],
    root: rootOf(issuer),
    issuer: issuer.label,
    profile: profile.name,
    dropped: order.dropped,
    warnings: [...order.warnings, ...commonNameWarnings(subject, { names, profile })],
    ...(validity.clamped && { clamped: validity.clamped }),
  }
}

/** An issuer's own extendedKeyUsage binds everything below it in OpenSSL, Go and here. */
function checkIssuerPurposes(issuer: AuthorityIssuer, profile: Profile): void {
  for (const { extensions } of [issuer.certificate, ...issuer.chain]) {
    const purposes = extensions.extendedKeyUsage?.purposes
    if (purposes === undefined || purposes.includes(purposeOids.anyExtendedKeyUsage)) continue
    const missing = profile.extendedKeyUsage.filter((use) => !purposes.includes(purposeOids[use]))
    if (missing.length === 0) continue
    throw new AuthorityError(
      'issuer-purpose-mismatch',
      `Cannot issue a certificate with profile "${profile.name}": issuer "${issuer.label}" is limited to ${purposes.map(purposeName).join(', ')}`,
      { hint: 'Choose an issuer without extendedKeyUsage, or another profile' },
    )
  }
}

/** RFC 9525: a CN that is not among the names names no server; harmless, but people count on it. */
function commonNameWarnings(
  subject: Name,
  { names, profile }: { readonly names: readonly GrantedName[]; readonly profile: Profile },
): readonly Note[] {
  if (profile.name !== 'server') return []
  const known = new Set(names.map(({ value }) => value))
  return nameValues(subject, commonNameOid)
    .filter((commonName) => !known.has(commonName.toLowerCase()))
    .map((commonName) => ({
      what: `CN ${printable(commonName)}`,
      why: 'it is not among the subjectAltNames, and clients take a server name from nowhere else',
    }))
}
