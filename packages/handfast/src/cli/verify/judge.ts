import { createPolicy, refusal, verdict } from '@handfast/kit/trust'
import type { Anchor, Peer, Policy, Refusal, Verdict } from '@handfast/kit/trust'
import { findPaths, fingerprint, leafFaults } from '@handfast/kit/x509'
import type { Certificate, PathFault } from '@handfast/kit/x509'
import { nameText } from '../certificates/describe-certificate.ts'

export interface Question {
  readonly peer: Peer
  readonly anchors: readonly Anchor[]
  /** Beyond those that the peer sent. */
  readonly intermediates: readonly Certificate[]
  readonly purpose: Policy['purpose']
  readonly serverName?: string | undefined
  readonly at: Date
}

export interface Judgement {
  readonly verdict: Verdict
  /** Every way that was tried and does not hold, in the order tried. */
  readonly rejected: readonly RejectedPath[]
}

export interface RejectedPath {
  /** From the leaf. */
  readonly path: readonly Certificate[]
  /** True when it ends at an anchor. */
  readonly anchored: boolean
  readonly faults: readonly RejectedFault[]
}

export type RejectedFault = Pick<Refusal, 'code' | 'name'> & {
  readonly subject: string
  readonly found: string
}

/** The verdict of the gateway itself, and beside it what came of every other path. @throws {TrustError} anchors-missing */
export function judge(question: Question): Judgement {
  const { peer, anchors, intermediates, purpose, serverName, at } = question
  const policy = createPolicy({
    tlsType: 'MUTUAL',
    purpose,
    anchors,
    allowList: 'any-name',
    ...(serverName !== undefined && { serverName }),
  })
  return {
    verdict: verdict(policy, peer, { intermediates }, at),
    rejected: peer.kind === 'certified' ? rejectedPaths(question, peer) : [],
  }
}

function rejectedPaths(
  { anchors, intermediates, purpose, at }: Question,
  { leaf, intermediates: sent }: Extract<Peer, { kind: 'certified' }>,
): readonly RejectedPath[] {
  const roots = anchors.flatMap(({ kind, certificate }) => (kind === 'ca' ? [certificate] : []))
  const id = fingerprint(leaf)
  const pinned = anchors.some((anchor) => anchor.kind === 'pinned' && anchor.id === id)
  const attempts = [
    ...(pinned ? [{ path: [leaf], root: leaf, faults: leafFaults(leaf, { purpose, at }) }] : []),
    ...findPaths({ leaf, intermediates: [...sent, ...intermediates], roots, purpose, at }),
  ]
  return attempts
    .filter(({ faults }) => faults.length > 0)
    .map(({ path, root, faults }) => ({
      path,
      anchored: root !== undefined,
      faults: faults.map(rejectedFault),
    }))
}

function rejectedFault({ reason, certificate, found }: PathFault): RejectedFault {
  const { code, name } = refusal(reason)
  return { code, name, subject: nameText(certificate.subject), found }
}
