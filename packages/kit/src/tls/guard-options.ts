import type { TLSSocket } from 'node:tls'
import type { Clock } from '../base/clock.ts'
import type { Events } from '../base/events.ts'
import type { IdentitySource } from '../identity/identity.ts'
import type { Authorizer } from '../trust/authorizer.ts'
import type { Peer } from '../trust/peer.ts'
import type { Refusal } from '../trust/refusal.ts'
import type { Verdict } from '../trust/verdict.ts'
import type { HandshakeFailure } from './handshake-failure.ts'

export interface GuardOptions {
  /** What this side shows; a new identity is used from the next handshake on. */
  readonly identity: IdentitySource
  readonly authorizer: Authorizer
  /** `MUTUAL` asks every client for a certificate; `ONE_WAY` asks for none. */
  readonly tlsType: 'ONE_WAY' | 'MUTUAL'
  /** Called with each accepted connection, before any byte of it was read. */
  readonly onConnection: (connection: AcceptedConnection) => void
  readonly clock?: Clock
  readonly events?: Events<GuardEvent>
  /** `explain` answers a refused peer with an HTTP 403; `drop` closes. Default: `explain`. */
  readonly refusal?: 'explain' | 'drop'
  /** Default: 10,000. */
  readonly handshakeTimeoutMs?: number
  /** How long the authorizer may take; the peer is refused when it passes. Default: 5,000. */
  readonly authorizeTimeoutMs?: number
  /** Connections held at once, accepted or not; more are closed at once. Default: 10,000. */
  readonly maxConnections?: number
}

export const guardDefaults = {
  // Corda's gateway gives 10 s as well; an honest handshake over a bad line takes two.
  handshakeTimeoutMs: 10_000,
  authorizeTimeoutMs: 5_000,
  // Some 60 kB each.
  maxConnections: 10_000,
} as const

/** A connection whose peer was judged and accepted. */
export interface AcceptedConnection {
  readonly socket: TLSSocket
  readonly peer: Peer
  readonly verdict: Verdict
}

export type GuardEvent =
  | (ConnectionFacts & { readonly type: 'connection-accepted' })
  | (ConnectionFacts & {
      readonly type: 'connection-refused'
      /** Also in the problem that the peer reads. */
      readonly id: string
      readonly publicCode: string
      readonly refusals: readonly Refusal[]
    })
  | (ConnectionFacts & { readonly type: 'connection-cut'; readonly refusals: readonly Refusal[] })
  | {
      readonly type: 'handshake-failed'
      /** Empty when the connection was gone before it could be asked. */
      readonly remoteAddress: string
      readonly failure: HandshakeFailure
      /** The TLS library's own code and words. */
      readonly code: string
      readonly message: string
    }

interface ConnectionFacts {
  readonly remoteAddress: string
  /** The subject, or what the peer is instead. */
  readonly peer: string
}
