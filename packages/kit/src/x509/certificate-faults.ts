import { isSelfIssued } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { pathConstraintOids } from './extensions.ts'
import type { KeyUsage } from './extensions.ts'
import { describeKeyInfo } from './key-info.ts'
import { nameConstraintsProblem } from './name-constraints.ts'
import { extensionName, purposeName, purposeOids } from './oids.ts'
import { faultOf } from './path-fault.ts'
import type { PathFault, PathFaultReason, PathWarning } from './path-fault.ts'
import { anyPolicy } from './policy-extensions.ts'
import { profileFaults, profileWarnings } from './profile-rules.ts'
import type { PathPlace } from './profile-rules.ts'
import { verificationProfiles } from './profiles.ts'
import type { VerificationProfile } from './profiles.ts'

export type { PathFault, PathFaultReason, PathWarning } from './path-fault.ts'

export interface Use {
  readonly purpose: 'clientAuth' | 'serverAuth'
  readonly at: Date
  /** `verificationProfiles.mtls` without it. */
  readonly profile?: VerificationProfile
  /** What the leaf's key must be allowed to do; without it, what TLS asks for: `digitalSignature`. */
  readonly keyUsages?: readonly KeyUsage[]
}

const floors = {
  // NIST SP 800-57 part 1 rev. 5 §5.6.1: 112 bits of strength.
  minRsaBits: 2048,
  // Verifying with a larger modulus is a denial of service; crypto/tls of Go draws the same line (CVE-2023-29409).
  maxRsaBits: 8192,
}

/** All faults of the certificate at the path's end, whoever issued it. */
export function leafFaults(leaf: Certificate, use: Use): readonly PathFault[] {
  return [
    ...validityFaults(leaf, use.at, {
      expired: 'certificate-expired',
      notYetValid: 'certificate-not-yet-valid',
    }),
    ...formFaults(leaf),
    ...serialNumberFaults(leaf),
    ...purposeFaults(leaf, { ...use, reason: 'purpose-not-allowed' }),
    ...leafUsageFaults(leaf, use),
    ...profileFaults(leaf, { ...use, place: 'leaf' }, profileOf(use)),
  ]
}

function leafUsageFaults(leaf: Certificate, use: Use): readonly PathFault[] {
  const fault = faultOf(leaf)
  const { keyUsage, basicConstraints } = leaf.extensions
  const faults: PathFault[] = []
  // RFC 8446 §4.4.2.2, RFC 5246 §7.4.2: the key signs the handshake.
  const { keyUsages: wanted = ['digitalSignature'] } = use
  for (const usage of wanted) {
    if (allows(leaf, usage)) continue
    faults.push(fault('key-usage-not-allowed', `key usage ${usagesOf(leaf)} without ${usage}`))
  }
  // RFC 5280 §4.2.1.9: only a CA has keyCertSign.
  if (keyUsage?.usages.includes('keyCertSign') === true && basicConstraints?.ca !== true) {
    faults.push(fault('key-usage-not-allowed', 'key usage keyCertSign without CA:TRUE'))
  }
  return faults
}

export interface IssuerPlace {
  /** Certificates between this one and the leaf that are not self-issued. */
  readonly intermediatesBelow: number
  readonly place: Exclude<PathPlace['place'], 'leaf'>
}

/** All faults of a certificate that issued the next one; `anchor` certificates are held to the same. */
export function issuerFaults(
  issuer: Certificate,
  use: Use,
  { intermediatesBelow, place }: IssuerPlace,
): readonly PathFault[] {
  const fault = faultOf(issuer)
  const { basicConstraints } = issuer.extensions
  const faults = [
    ...validityFaults(issuer, use.at, {
      expired: 'issuer-expired',
      notYetValid: 'issuer-not-yet-valid',
    }),
    ...formFaults(issuer),
    ...(place === 'root' ? [] : serialNumberFaults(issuer)),
    ...purposeFaults(issuer, { ...use, reason: 'issuer-purpose-not-allowed' }),
    ...profileFaults(issuer, { ...use, place }, profileOf(use)),
  ]
  if (basicConstraints?.ca !== true) {
    faults.push(
      fault(
        'issuer-not-a-ca',
        basicConstraints === undefined ? 'no basic constraints' : 'CA:FALSE',
      ),
    )
  }
  if (!allows(issuer, 'keyCertSign')) {
    faults.push(fault('issuer-may-not-sign', `key usage ${usagesOf(issuer)} without keyCertSign`))
  }
  const allowed = basicConstraints?.pathLength
  // RFC 5280 §4.2.1.9: pathLen counts the non-self-issued intermediates below this one.
  if (allowed !== undefined && intermediatesBelow > allowed) {
    faults.push(
      fault(
        'path-length-exceeded',
        `path length ${allowed}, ${intermediatesBelow} intermediates below`,
      ),
    )
  }
  return faults
}

export function leafWarnings(leaf: Certificate, use: ProfiledUse = {}): readonly PathWarning[] {
  return profileWarnings(leaf, { ...use, place: 'leaf' }, profileOf(use))
}

export function issuerWarnings(
  issuer: Certificate,
  use: ProfiledUse,
  { place }: Pick<IssuerPlace, 'place'>,
): readonly PathWarning[] {
  return profileWarnings(issuer, { ...use, place }, profileOf(use))
}

type ProfiledUse = Partial<Pick<Use, 'profile' | 'purpose'>>

function profileOf({ profile = verificationProfiles.mtls }: ProfiledUse): VerificationProfile {
  return profile
}

/** 1 for a certificate that counts against path lengths, 0 for a self-issued one (RFC 5280 §6.1.4 (l)). */
export function pathLengthCost(certificate: Certificate): 0 | 1 {
  return isSelfIssued(certificate) ? 0 : 1
}

function validityFaults(
  certificate: Certificate,
  at: Date,
  reasons: { readonly expired: PathFaultReason; readonly notYetValid: PathFaultReason },
): readonly PathFault[] {
  const fault = faultOf(certificate)
  // RFC 5280 §4.1.2.5: both ends belong to the period.
  if (at < certificate.notBefore)
    return [fault(reasons.notYetValid, `valid from ${certificate.notBefore.toISOString()}`)]
  if (at > endOfSecond(certificate.notAfter)) {
    return [fault(reasons.expired, `expired at ${certificate.notAfter.toISOString()}`)]
  }
  return []
}

/** The last instant of the second that `notAfter` names. */
export function endOfSecond(notAfter: Date): Date {
  return new Date(notAfter.getTime() + 999)
}

function formFaults(certificate: Certificate): readonly PathFault[] {
  const fault = faultOf(certificate)
  const faults: PathFault[] = []
  if (certificate.version !== 3) {
    faults.push(
      fault('version-unsupported', `version ${certificate.version}: it cannot say what it is for`),
    )
  }
  for (const { oid, critical } of certificate.extensions.unread) {
    if (critical && !pathConstraintOids.has(oid))
      faults.push(fault('critical-extension-unknown', extensionName(oid)))
  }
  const { type, bits } = certificate.keyInfo
  const short = type === 'rsa' && bits < floors.minRsaBits
  if (short || cannotVerify(certificate))
    faults.push(fault('key-weak', describeKeyInfo(certificate.keyInfo)))
  return [...faults, ...constraintFaults(certificate)]
}

/** RFC 5280 §4.1.2.2: never zero. Some old roots have it, and nothing is looked up by the number of a root. */
function serialNumberFaults(certificate: Certificate): readonly PathFault[] {
  return /^0+$/.test(certificate.serialNumber)
    ? [faultOf(certificate)('form-not-allowed', 'serial number 0')]
    : []
}

/** What makes the constraints that a certificate puts on those below it none that can be relied on. */
function constraintFaults(certificate: Certificate): readonly PathFault[] {
  const { basicConstraints, nameConstraints } = certificate.extensions
  const { policyConstraints, policyMappings, inhibitAnyPolicy } = certificate.extensions
  const found: string[] = []
  // RFC 5280 §4.2.1.10: only in a CA certificate.
  if (nameConstraints !== undefined && basicConstraints?.ca !== true)
    found.push('name constraints without CA:TRUE')
  const problem = nameConstraints && nameConstraintsProblem(nameConstraints)
  if (problem !== undefined) found.push(problem)
  // RFC 5280 §4.2.1.11, §4.2.1.14: who does not know them must refuse.
  if (policyConstraints?.critical === false) found.push('policy constraints not marked critical')
  if (inhibitAnyPolicy?.critical === false) found.push('inhibitAnyPolicy not marked critical')
  // RFC 5280 §6.1.4 (a)
  const mapped = policyMappings?.mappings.some(
    ({ issuerDomainPolicy, subjectDomainPolicy }) =>
      issuerDomainPolicy === anyPolicy || subjectDomainPolicy === anyPolicy,
  )
  if (mapped === true) found.push('a policy mapping of anyPolicy')
  return found.map((what) => faultOf(certificate)('constraint-malformed', what))
}

/** True for keys that no signature is checked with: of an unknown type, or so large that it would take too long. */
export function cannotVerify({ keyInfo: { type, bits } }: Certificate): boolean {
  return type === 'unsupported' || (type === 'rsa' && bits > floors.maxRsaBits)
}

function purposeFaults(
  certificate: Certificate,
  { purpose, reason }: { readonly purpose: Use['purpose']; readonly reason: PathFaultReason },
): readonly PathFault[] {
  const purposes = certificate.extensions.extendedKeyUsage?.purposes
  // RFC 5280 §4.2.1.12: absent means any; made by hand, it usually is absent.
  if (purposes === undefined || purposes.includes(purposeOids[purpose])) return []
  if (purposes.includes(purposeOids.anyExtendedKeyUsage)) return []
  return [
    faultOf(certificate)(reason, `extended key usage ${purposes.map(purposeName).join(', ')}`),
  ]
}

function allows(certificate: Certificate, usage: KeyUsage): boolean {
  return certificate.extensions.keyUsage?.usages.includes(usage) ?? true
}

function usagesOf(certificate: Certificate): string {
  return certificate.extensions.keyUsage?.usages.join(', ') ?? 'absent'
}
