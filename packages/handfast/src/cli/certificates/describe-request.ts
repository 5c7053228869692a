import {
  describeKeyInfo,
  extensionName,
  formatGeneralName,
  publicKeyFingerprint,
  purposeName,
} from '@handfast/kit/x509'
import type { Csr, KeyInfo } from '@handfast/kit/x509'
import { nameText } from './describe-certificate.ts'
import type { Finding } from './finding.ts'

/** A request as data. What it asks for is no promise of what it gets. */
export interface RequestDescription {
  readonly subject: string
  readonly names: readonly string[]
  readonly key: string
  readonly keyFingerprint: string
  readonly signatureAlgorithm: string
  /** What it asks for beside subject and names. */
  readonly asksFor: readonly string[]
}

export function describeRequest(csr: Csr): RequestDescription {
  const { subjectAltNames } = csr.requestedExtensions
  return {
    subject: nameText(csr.subject),
    names: (subjectAltNames?.names ?? []).map(formatGeneralName),
    key: describeKeyInfo(csr.keyInfo),
    keyFingerprint: publicKeyFingerprint(csr),
    signatureAlgorithm: csr.signatureAlgorithm.name,
    asksFor: askedFor(csr),
  }
}

export function requestFindings({ keyInfo, requestedExtensions }: Csr): readonly Finding[] {
  const { subjectAltNames, basicConstraints } = requestedExtensions
  const findings = [...keyFindings(keyInfo)]
  if (subjectAltNames === undefined) {
    const text = 'it asks for no names: enough for a client, but a server needs one'
    findings.push({ reason: 'names-absent', text })
  }
  if (basicConstraints?.ca === true) {
    const text = 'it asks to be a CA; "handfast sign" does not grant that'
    findings.push({ reason: 'asks-for-ca', text })
  }
  return findings
}

export function keyFindings(info: KeyInfo): readonly Finding[] {
  // NIST SP 800-57 part 1 rev. 5 §5.6.1: below 2048 bits there is less than 112 bits of strength.
  if (info.type !== 'rsa' || info.bits >= 2048) return []
  return [{ reason: 'key-weak', text: `its key is too weak: ${describeKeyInfo(info)}` }]
}

function askedFor({ requestedExtensions }: Csr): readonly string[] {
  const { basicConstraints, keyUsage, extendedKeyUsage, unread } = requestedExtensions
  return [
    ...(basicConstraints?.ca === true ? ['basicConstraints CA:TRUE'] : []),
    ...(keyUsage?.usages ?? []).map((usage) => `keyUsage ${usage}`),
    ...(extendedKeyUsage?.purposes ?? []).map(
      (purpose) => `extendedKeyUsage ${purposeName(purpose)}`,
    ),
    ...unread.map(({ oid }) => extensionName(oid)),
  ]
}
