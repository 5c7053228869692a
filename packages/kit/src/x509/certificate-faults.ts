import { isSelfIssued } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import type { KeyUsage } from './extensions.ts'
import { describeKeyInfo } from './key-info.ts'
import { extensionName, extensionOids, purposeName, purposeOids } from './oids.ts'

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
  | 'constraint-unsupported'
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
  readonly reason: 'purpose-absent' | 'purpose-any' | 'key-usage-absent' | 'leaf-is-a-ca'
  readonly certificate: Certificate
}

export interface Use {
  readonly purpose: 'clientAuth' | 'serverAuth'
  readonly at: Date
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
    ...purposeFaults(leaf, { ...use, reason: 'purpose-not-allowed' }),
    ...leafUsageFaults(leaf),
  ]
}

function leafUsageFaults(leaf: Certificate): readonly PathFault[] {
  const fault = faultOf(leaf)
  const { keyUsage, basicConstraints } = leaf.extensions
  const faults: PathFault[] = []
  // RFC 8446 §4.4.2.2, RFC 5246 §7.4.2: the key signs the handshake.
  if (!allows(leaf, 'digitalSignature')) {
    faults.push(
      fault('key-usage-not-allowed', `key usage ${usagesOf(leaf)} without digitalSignature`),
    )
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
}

/** All faults of a certificate that issued the next one; `anchor` certificates are held to the same. */
export function issuerFaults(
  issuer: Certificate,
  use: Use,
  place: IssuerPlace,
): readonly PathFault[] {
  const fault = faultOf(issuer)
  const { basicConstraints } = issuer.extensions
  const faults = [
    ...validityFaults(issuer, use.at, {
      expired: 'issuer-expired',
      notYetValid: 'issuer-not-yet-valid',
    }),
    ...formFaults(issuer),
    ...purposeFaults(issuer, { ...use, reason: 'issuer-purpose-not-allowed' }),
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
  if (allowed !== undefined && place.intermediatesBelow > allowed) {
    faults.push(
      fault(
        'path-length-exceeded',
        `path length ${allowed}, ${place.intermediatesBelow} intermediates below`,
      ),
    )
  }
  return faults
}

export function leafWarnings(leaf: Certificate): readonly PathWarning[] {
  const purposes = leaf.extensions.extendedKeyUsage?.purposes
  const warnings: PathWarning[] = []
  if (purposes === undefined) warnings.push({ reason: 'purpose-absent', certificate: leaf })
  if (purposes?.includes(purposeOids.anyExtendedKeyUsage) === true) {
    warnings.push({ reason: 'purpose-any', certificate: leaf })
  }
  if (leaf.extensions.basicConstraints?.ca === true)
    warnings.push({ reason: 'leaf-is-a-ca', certificate: leaf })
  return warnings
}

export function issuerWarnings(issuer: Certificate): readonly PathWarning[] {
  return issuer.extensions.keyUsage === undefined
    ? [{ reason: 'key-usage-absent', certificate: issuer }]
    : []
}

/** 1 for a certificate that counts against path lengths, 0 for a self-issued one (RFC 5280 §6.1.4 (l)). */
export function pathLengthCost(certificate: Certificate): 0 | 1 {
  return isSelfIssued(certificate) ? 0 : 1
}

export function faultOf(
  certificate: Certificate,
): (reason: PathFaultReason, found: string) => PathFault {
  return (reason, found) => ({ reason, certificate, found })
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

// These restrict what is below them. They are not evaluated yet, so a path through one is refused, critical or not.
const constraints: ReadonlySet<string> = new Set([
  extensionOids.nameConstraints,
  extensionOids.policyConstraints,
  extensionOids.policyMappings,
  extensionOids.inhibitAnyPolicy,
])

function formFaults(certificate: Certificate): readonly PathFault[] {
  const fault = faultOf(certificate)
  const faults: PathFault[] = []
  if (certificate.version !== 3) {
    faults.push(
      fault('version-unsupported', `version ${certificate.version}: it cannot say what it is for`),
    )
  }
  for (const { oid, critical } of certificate.extensions.unread) {
    if (constraints.has(oid)) faults.push(fault('constraint-unsupported', extensionName(oid)))
    else if (critical) faults.push(fault('critical-extension-unknown', extensionName(oid)))
  }
  const { type, bits } = certificate.keyInfo
  const short = type === 'rsa' && bits < floors.minRsaBits
  if (short || cannotVerify(certificate))
    faults.push(fault('key-weak', describeKeyInfo(certificate.keyInfo)))
  return faults
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
