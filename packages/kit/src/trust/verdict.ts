import { endOfSecond, leafFaults, leafWarnings } from '../x509/certificate-faults.ts'
import { fingerprint } from '../x509/certificate.ts'
import { findPaths } from '../x509/find-paths.ts'
import { formatName } from '../x509/name-text.ts'
import { namesServer } from '../x509/server-name.ts'
import type { PathFault, PathWarning } from '../x509/certificate-faults.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { PathAttempt } from '../x509/find-paths.ts'
import { allowsName, explainNearMiss } from './allow-list.ts'
import type { Anchor } from './anchor.ts'
import type { Peer } from './peer.ts'
import type { Policy } from './policy.ts'
import { bySeverity, refusal } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import { refusalCatalogue } from './refusal-catalogue.ts'

/** What is known beyond what the peer showed. */
export interface Evidence {
  /** Certificates that this side holds and that may complete a path. */
  readonly intermediates: readonly Certificate[]
}

export const noEvidence: Evidence = { intermediates: [] }

/** Something that was missing and could change the outcome. */
export interface Need {
  readonly kind: 'issuer-certificate'
  /** The name of the issuer whose certificate is missing. */
  readonly subject: string
}

/** Accepted or not, everything that is wrong, and until when it holds. */
export interface Verdict {
  /** `undecided` is for verdicts that wait for what they need; who asks must treat it as a refusal. */
  readonly outcome: 'accept' | 'refuse' | 'undecided'
  /** All of them, worst first; empty for `accept`. */
  readonly faults: readonly Refusal[]
  /** Things to put right that refuse nobody. */
  readonly warnings: readonly PathWarning[]
  /** The anchor that signed for the peer; set for refused ones too when signatures led there. */
  readonly anchor?: Anchor
  /** From the leaf to the anchor. */
  readonly path?: readonly Certificate[]
  /** When the verdict ends by itself; absent when nothing in it expires. */
  readonly validUntil?: Date
  readonly needs: readonly Need[]
}

/**
 * Decides about a peer. Pure: the same arguments give the same verdict. Every fault is reported, and of several paths
 * the one that comes closest.
 */
export function verdict(policy: Policy, peer: Peer, evidence: Evidence, at: Date): Verdict {
  if (policy.tlsType === 'ONE_WAY')
    return { outcome: 'accept', faults: [], warnings: [], needs: [] }
  const resumed = peer.sessionResumed ? [refusal('session-resumed')] : []
  if (peer.kind === 'anonymous') return refuse([...resumed, refusal('no-certificate')])
  if (peer.kind === 'malformed') {
    return refuse([...resumed, refusal('certificate-malformed', { found: peer.error.message })])
  }
  return judge({ policy, leaf: peer.leaf, peer, resumed, at }, [
    ...peer.intermediates,
    ...evidence.intermediates,
  ])
}

/** What a refused peer may be told: a code and a title, never more than it may know. */
export function publicRefusal({ faults, anchor }: Verdict): {
  readonly code: string
  readonly title: string
} {
  const visible = faults.find(({ name }) => {
    const { seenBy } = refusalCatalogue[name]
    return seenBy === 'anyone' || (seenBy === 'vouched' && anchor !== undefined)
  })
  const { code, title } = refusalCatalogue[visible?.name ?? 'not-accepted']
  return { code, title }
}

/** A verdict that refuses for one reason, for those who could not ask. */
export function refuse(faults: readonly Refusal[], rest: Partial<Verdict> = {}): Verdict {
  return {
    warnings: [],
    needs: [],
    ...rest,
    outcome: 'refuse',
    faults: faults.toSorted(bySeverity),
  }
}

interface Case {
  readonly policy: Policy
  readonly leaf: Certificate
  readonly peer: Peer
  readonly resumed: readonly Refusal[]
  readonly at: Date
}

function judge(subject: Case, intermediates: readonly Certificate[]): Verdict {
  const rejected: Verdict[] = []
  for (const attempt of attempts(subject, intermediates)) {
    const judged = judgeAttempt(subject, attempt)
    if (judged.outcome === 'accept') return judged
    rejected.push(judged)
  }
  const [closest = refuse([refusal('issuer-unknown')])] = rejected.toSorted(byCloseness)
  return { ...closest, needs: uniqueNeeds(rejected) }
}

interface AnchoredAttempt extends PathAttempt {
  readonly anchor?: Anchor
}

function* attempts(
  { policy, leaf, at }: Case,
  intermediates: readonly Certificate[],
): Generator<AnchoredAttempt, void> {
  const use = { purpose: policy.purpose, at }
  const pinned = pinnedTo(policy, leaf)
  if (pinned !== undefined) {
    yield {
      path: [leaf],
      root: leaf,
      anchor: pinned,
      faults: leafFaults(leaf, use),
      warnings: leafWarnings(leaf),
      validUntil: endOfSecond(leaf.notAfter),
    }
  }
  const authorities = policy.anchors.filter(({ kind }) => kind === 'ca')
  const roots = authorities.map(({ certificate }) => certificate)
  for (const attempt of findPaths({ ...use, leaf, intermediates, roots })) {
    const anchor = authorities.find(({ certificate }) => certificate === attempt.root)
    yield { ...attempt, ...(anchor && { anchor }) }
  }
}

function pinnedTo(policy: Policy, leaf: Certificate): Anchor | undefined {
  const pins = policy.anchors.filter(({ kind }) => kind === 'pinned')
  if (pins.length === 0) return undefined
  const id = fingerprint(leaf)
  return pins.find((anchor) => anchor.id === id)
}

function judgeAttempt(subject: Case, attempt: AnchoredAttempt): Verdict {
  const { policy, leaf, peer } = subject
  const { anchor, path, warnings, validUntil } = attempt
  const faults = [
    ...subject.resumed,
    ...attempt.faults.map((fault) => pathRefusal(fault, peer)),
    ...serverNameFaults(policy, leaf),
    ...(anchor === undefined ? [] : allowListFaults(policy, anchor, leaf)),
  ]
  const reached = { ...(anchor && { anchor }), path, warnings, validUntil }
  if (faults.length > 0 || anchor === undefined) {
    const needs = attempt.faults.flatMap(needsOf)
    return refuse(faults.length > 0 ? faults : [refusal('issuer-unknown')], { ...reached, needs })
  }
  return { outcome: 'accept', faults: [], needs: [], ...reached }
}

function serverNameFaults({ serverName }: Policy, leaf: Certificate): readonly Refusal[] {
  if (serverName === undefined || namesServer(leaf, serverName)) return []
  const names = leaf.extensions.subjectAltNames?.names ?? []
  const found = names.flatMap((name) =>
    name.type === 'dns' || name.type === 'ip' ? name.value : [],
  )
  const listed = found.length === 0 ? 'no names' : found.slice(0, 8).join(', ')
  return [
    refusal('server-name-mismatch', {
      found: `wanted "${serverName}", the certificate has ${listed}`,
      evidence: evidenceOf(leaf),
    }),
  ]
}

function allowListFaults(
  { allowList }: Policy,
  anchor: Anchor,
  leaf: Certificate,
): readonly Refusal[] {
  if (allowList === 'any-name' || allowsName(allowList, anchor.id, leaf.subject)) return []
  const nearMiss = explainNearMiss(allowList, anchor.id, leaf.subject)
  return [
    refusal('name-not-allowed', {
      found: `"${formatName(leaf.subject)}"${nearMiss === undefined ? '' : ` (${nearMiss})`}`,
      evidence: {
        ...evidenceOf(leaf),
        anchor: anchor.id,
        ...(nearMiss !== undefined && { nearMiss }),
      },
    }),
  ]
}

function pathRefusal({ reason, certificate, found }: PathFault, peer: Peer): Refusal {
  const name = reason === 'issuer-unknown' && !peer.chainComplete ? 'chain-hidden' : reason
  const subject = formatName(certificate.subject)
  const where =
    name === 'issuer-unknown'
      ? `"${formatName(certificate.issuer)}", which issued "${subject}", is not trusted here, and its own certificate was not sent`
      : `"${subject}", ${found}`
  return refusal(name, { found: where, evidence: evidenceOf(certificate) })
}

function evidenceOf(certificate: Certificate): Readonly<Record<string, string>> {
  return {
    subject: formatName(certificate.subject),
    issuer: formatName(certificate.issuer),
    serialNumber: certificate.serialNumber,
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    fingerprint: fingerprint(certificate),
  }
}

function needsOf({ reason, certificate }: PathFault): readonly Need[] {
  return reason === 'issuer-unknown'
    ? [{ kind: 'issuer-certificate', subject: formatName(certificate.issuer) }]
    : []
}

function uniqueNeeds(verdicts: readonly Verdict[]): readonly Need[] {
  const bySubject = new Map(
    verdicts.flatMap(({ needs }) => needs).map((need) => [need.subject, need]),
  )
  return [...bySubject.values()]
}

/** Reaching an anchor counts most, then that the search was given up, then having few faults. */
function byCloseness(a: Verdict, b: Verdict): number {
  return (
    Number(b.anchor !== undefined) - Number(a.anchor !== undefined) ||
    Number(wasGivenUp(b)) - Number(wasGivenUp(a)) ||
    a.faults.length - b.faults.length
  )
}

// What was found until then is no reason: the right path may be among those that were not tried.
function wasGivenUp({ faults }: Verdict): boolean {
  return faults.some(({ name }) => name === 'path-search-exhausted')
}
