import type { Events } from '@handfast/kit/base'
import type { GuardEvent } from '@handfast/kit/tls'
import type { GatewayError } from './errors.ts'

/** What a gateway tells. Never a header's value, a query, a body or a key. */
export type GatewayEvent =
  | StartedEvent
  | StateAppliedEvent
  | StateRefusedEvent
  | ConnectionEvent
  | RequestEvent
  | UpstreamFailedEvent
  | InternalErrorEvent
  | { readonly type: 'closed' }

export interface ListenerAddress {
  /** The listener's name. */
  readonly listener: string
  readonly host: string
  readonly port: number
}

export interface StartedEvent {
  readonly type: 'started'
  readonly revision: number
  readonly addresses: readonly ListenerAddress[]
}

export interface StateAppliedEvent {
  readonly type: 'state-applied'
  readonly revision: number
  /** Moves with every state that is applied, and only forward. */
  readonly trustEpoch: number
  /** From the moment the state arrived until live connections were judged by it. */
  readonly tookMs: number
  /** Live connections that it ended, and those that it did not. */
  readonly cut: number
  readonly kept: number
}

/** The state that was in use stays in use. */
export interface StateRefusedEvent {
  readonly type: 'state-refused'
  readonly revision: number
  readonly error: GatewayError
}

/** What the guard tells about connections: accepted, refused and why, cut. */
export interface ConnectionEvent {
  readonly type: 'connection'
  readonly listener: string
  readonly event: GuardEvent
}

export interface RequestEvent {
  readonly type: 'request'
  readonly listener: string
  /** `-` where the bytes that came were no request; the same for `path`. */
  readonly method: string
  /** Without the query. */
  readonly path: string
  /**
   * `answered`: by the upstream. `refused`: by the gateway, see `code`. `cut`: the connection was ended without an
   * answer, because the peer is not accepted any more, or because there was no place for an answer.
   * `aborted`: the client went away. `broken`: the upstream failed in the middle of its answer.
   */
  readonly outcome: 'answered' | 'refused' | 'cut' | 'aborted' | 'broken'
  /** What the client was sent; absent when it was sent nothing. */
  readonly status?: number
  readonly code?: string
  /** The id that a refused client was given. */
  readonly id?: string
  /** The subject of the client's certificate; absent when none was asked for. */
  readonly peer?: string
  readonly tookMs: number
}

export interface UpstreamFailedEvent {
  readonly type: 'upstream-failed'
  readonly listener: string
  readonly code: string
  /** For operators: names and addresses included. */
  readonly why: string
  readonly id: string
}

/** A fault of the gateway itself; the connection or the acknowledgement that it concerned is lost. */
export interface InternalErrorEvent {
  readonly type: 'internal-error'
  readonly error: unknown
}

/** An emitter that throws must not stop the gateway. */
export function tolerant(events: Events<GatewayEvent>): Events<GatewayEvent> {
  return {
    emit(event) {
      try {
        events.emit(event)
      } catch {
        // There is nobody left to tell.
      }
    },
  }
}
