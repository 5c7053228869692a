import type { Clock } from '../base/clock.ts'
import type { Peer } from './peer.ts'
import type { Policy } from './policy.ts'
import { noEvidence, verdict } from './verdict.ts'
import type { Verdict } from './verdict.ts'

/** What a peer wants to do, where the answer depends on it. */
export interface AuthorizedRequest {
  readonly method: string
  /** The Host header, as received. */
  readonly host: string
  /** Path and query, as received. */
  readonly target: string
}

/**
 * Who may talk. Asked once for a connection, and again for each request on it. May be asynchronous; who asks sets a
 * time limit and refuses when it passes, or when this throws.
 */
export interface Authorizer {
  authorize(peer: Peer, request?: AuthorizedRequest): Verdict | Promise<Verdict>
}

/** Judges by whatever policy is current at the time of asking. */
export function policyAuthorizer(current: () => Policy, clock: Pick<Clock, 'now'>): Authorizer {
  return { authorize: (peer) => verdict(current(), peer, noEvidence, clock.now()) }
}
