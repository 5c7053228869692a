import { formatGeneralName, purposeOids, subjectKeyIdentifier } from '@handfast/kit/x509'
import type { Certificate, CertificateTemplate } from '@handfast/kit/x509'
import { dayMs, limits } from './limits.ts'
import type { AuthorityProfile, Profile } from './profiles.ts'

/** What a certificate that is about to be signed has to be. */
export interface LintSubject {
  readonly template: CertificateTemplate
  readonly profile: Profile | AuthorityProfile
  /** Absent for a root, which is its own. */
  readonly issuer?: Certificate | undefined
}

/**
 * Compares a certificate, as our strict parser reads it, with what its profile grants. Returns what is wrong with it:
 * nothing, unless the code that made it is wrong.
 */
export function lintCertificate(certificate: Certificate, subject: LintSubject): readonly string[] {
  return rules.filter(([, holds]) => !holds(certificate, subject)).map(([rule]) => rule)
}

type Holds = (certificate: Certificate, subject: LintSubject) => boolean

const rules: readonly (readonly [string, Holds])[] = [
  ['version 3', ({ version }) => version === 3],
  [
    'a serial number of 16 random octets',
    ({ serialNumber }, { template }) =>
      serialNumber === Buffer.from(template.serialNumber).toString('hex') &&
      serialNumber.length === limits.serialBytes * 2,
  ],
  [
    "the issuer's subject as issuer, byte for byte",
    (certificate, { issuer }) => equal(certificate.issuer.der, (issuer ?? certificate).subject.der),
  ],
  ['the subject', ({ subject }, { template }) => equal(subject.der, template.subject.der)],
  [
    'the public key',
    ({ publicKeyInfo }, { template }) =>
      equal(publicKeyInfo, template.publicKey.export({ type: 'spki', format: 'der' })),
  ],
  ['dates in order, within the issuer and the profile', datesHold],
  ['basicConstraints', basicConstraintsHold],
  ['keyUsage', keyUsageHolds],
  ['extendedKeyUsage', purposesHold],
  ['subjectAltName', namesHold],
  ['key identifiers', keyIdentifiersHold],
  ['no other extension', ({ extensions }) => extensions.unread.length === 0],
  [
    'a signature algorithm that is strong enough',
    ({ signatureAlgorithm }) => signatureAlgorithm.keyType !== undefined,
  ],
]

function datesHold(
  { notBefore, notAfter }: Certificate,
  { profile, issuer }: LintSubject,
): boolean {
  const longest = profile.lifetimeDays.max * dayMs + limits.backdateMs
  const lifetimeMs = notAfter.getTime() - notBefore.getTime()
  const within =
    issuer === undefined || (notBefore >= issuer.notBefore && notAfter <= issuer.notAfter)
  return within && lifetimeMs > 0 && lifetimeMs <= longest
}

function basicConstraintsHold(
  { extensions: { basicConstraints } }: Certificate,
  { profile, template }: LintSubject,
): boolean {
  return (
    basicConstraints?.critical === true &&
    basicConstraints.ca === isAuthority(profile) &&
    basicConstraints.pathLength === template.extensions.basicConstraints?.pathLength
  )
}

const leafUsages: ReadonlySet<string> = new Set(['digitalSignature', 'keyEncipherment'])

function keyUsageHolds({ extensions }: Certificate, { profile, template }: LintSubject): boolean {
  const usages = extensions.keyUsage?.usages ?? []
  const wanted = isAuthority(profile) ? profile.keyUsage : template.extensions.keyUsage
  return (
    extensions.keyUsage?.critical === true &&
    sameSet(usages, wanted ?? []) &&
    (isAuthority(profile) || usages.every((usage) => leafUsages.has(usage)))
  )
}

function purposesHold({ extensions }: Certificate, { profile }: LintSubject): boolean {
  const purposes = extensions.extendedKeyUsage?.purposes ?? []
  if (isAuthority(profile)) return purposes.length === 0
  return sameSet(
    purposes,
    profile.extendedKeyUsage.map((purpose) => purposeOids[purpose]),
  )
}

function namesHold(certificate: Certificate, { profile, template }: LintSubject): boolean {
  const found = certificate.extensions.subjectAltNames
  const names = found?.names ?? []
  if (isAuthority(profile)) return found === undefined
  const { allowed, required } = profile.subjectAltNames
  const types: readonly string[] = allowed
  const needed: readonly string[] = required
  return (
    sameSet(
      names.map(formatGeneralName),
      (template.extensions.subjectAltNames ?? []).map(formatGeneralName),
    ) &&
    names.every(({ type }) => types.includes(type)) &&
    (needed.length === 0 || names.some(({ type }) => needed.includes(type))) &&
    // RFC 5280 §4.2.1.6: critical when the subject is empty.
    (certificate.subject.rdns.length > 0 || found?.critical === true)
  )
}

function keyIdentifiersHold({ extensions }: Certificate, { template }: LintSubject): boolean {
  const own = extensions.subjectKeyIdentifier?.keyIdentifier
  const above = extensions.authorityKeyIdentifier?.keyIdentifier
  const wanted = template.extensions.authorityKeyIdentifier
  return (
    own !== undefined &&
    equal(own, subjectKeyIdentifier(template.publicKey)) &&
    (wanted === undefined ? above === undefined : above !== undefined && equal(above, wanted))
  )
}

function isAuthority(profile: Profile | AuthorityProfile): profile is AuthorityProfile {
  return !('extendedKeyUsage' in profile)
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item))
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
