import type { Presented } from '@handfast/kit/tls'
import type { Refusal } from '@handfast/kit/trust'
import { fingerprint } from '@handfast/kit/x509'
import type { Certificate, PathWarning } from '@handfast/kit/x509'
import { nameText } from '../certificates/describe-certificate.ts'
import { connectionOf, handshakeFindings } from '../certificates/describe-endpoint.ts'
import type { ConnectionDescription } from '../certificates/describe-endpoint.ts'
import { describePeriod } from '../certificates/describe-time.ts'
import type { Finding } from '../certificates/finding.ts'
import type { Judgement, Question, RejectedFault } from './judge.ts'

/** What `verify` says, as data. */
export interface JudgementDescription {
  readonly outcome: 'accepted' | 'refused'
  readonly purpose: 'client' | 'server'
  /** Null when no name was asked for. */
  readonly serverName: string | null
  readonly at: string
  /** Of servers only. */
  readonly connection?: ConnectionDescription
  /** From the leaf to the anchor; of a refused one as far as the closest path goes. */
  readonly path: readonly CertificateSummary[]
  /** When the answer ends by itself; of accepted ones only. */
  readonly validUntil: string | null
  /** `ends in 12 days` in words, for people. */
  readonly validity: string | null
  readonly anchor: AnchorSummary | null
  /** Every reason of the closest path, worst first. */
  readonly faults: readonly Refusal[]
  readonly rejectedPaths: readonly RejectedPathDescription[]
  readonly warnings: readonly Finding[]
}

export interface CertificateSummary {
  readonly subject: string
  readonly notAfter: string
  readonly fingerprint: string
}

export interface AnchorSummary extends CertificateSummary {
  readonly kind: 'ca' | 'pinned'
}

export interface RejectedPathDescription {
  readonly path: readonly CertificateSummary[]
  readonly anchored: boolean
  readonly faults: readonly RejectedFault[]
}

export interface DescribedQuestion extends Question {
  /** What a server showed; undefined for files. */
  readonly presented: Presented | undefined
}

export function describeJudgement(
  { verdict, rejected }: Judgement,
  { purpose, serverName, at, presented }: DescribedQuestion,
): JudgementDescription {
  const accepted = verdict.outcome === 'accept'
  const { anchor, path = [], validUntil } = verdict
  const period = validUntil && { notBefore: new Date(0), notAfter: validUntil }
  return {
    outcome: accepted ? 'accepted' : 'refused',
    purpose: purpose === 'serverAuth' ? 'server' : 'client',
    serverName: serverName ?? null,
    at: at.toISOString(),
    ...(presented && { connection: connectionOf(presented, serverName ?? '') }),
    path: path.map(summary),
    validUntil: accepted && validUntil ? validUntil.toISOString() : null,
    validity: accepted && period ? describePeriod(period, at) : null,
    anchor: anchor === undefined ? null : { kind: anchor.kind, ...summary(anchor.certificate) },
    faults: verdict.faults,
    rejectedPaths: rejected.map((each) => ({ ...each, path: each.path.map(summary) })),
    warnings: [
      ...verdict.warnings.map(warningText),
      ...(purpose === 'serverAuth' && serverName === undefined ? [nameUnchecked] : []),
      ...(presented ? handshakeFindings(presented) : []),
    ],
  }
}

const nameUnchecked: Finding = {
  reason: 'name-unchecked',
  text: 'no server name was compared: add --name, as a client would',
}

function summary(certificate: Certificate): CertificateSummary {
  return {
    subject: nameText(certificate.subject),
    notAfter: certificate.notAfter.toISOString(),
    fingerprint: fingerprint(certificate),
  }
}

const warningTexts: Readonly<Partial<Record<PathWarning['reason'], string>>> = {
  'purpose-absent': 'no extendedKeyUsage: it may be used as server and as client alike',
  'purpose-any': 'extendedKeyUsage "any": it may be used for everything',
  'leaf-is-a-ca': 'it is an authority: its key could issue certificates as well',
  'leaf-key-identifier-absent': 'no authority key identifier: its issuer is found by name alone',
  'root-key-identifier-absent': 'no subject key identifier: what it issued finds it by name alone',
  'root-serial-number-zero': 'its serial number is zero',
  'key-usage-absent': 'no keyUsage: its key may be used for anything',
  'basic-constraints-not-critical': 'its basic constraints are not critical',
}

function warningText({ reason, certificate }: PathWarning): Finding {
  const words = warningTexts[reason] ?? reason.replaceAll('-', ' ')
  return { reason, text: `"${nameText(certificate.subject)}": ${words}` }
}
