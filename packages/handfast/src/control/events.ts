import type { Events } from '@handfast/kit/base'
import type { GuardEvent } from '@handfast/kit/tls'

/** What this room tells. Never a password, an Authorization header or a body. */
export type ControlEvent =
  | RequestRefusedEvent
  | RequestFailedEvent
  | AllowListChangedEvent
  | StateAppliedEvent
  | StateLateEvent
  | StateMismatchEvent
  | StateUnreadableEvent
  | WatcherFailedEvent
  | ConnectionEvent

/** A request that was answered with its own refusal. */
export interface RequestRefusedEvent {
  readonly type: 'request-refused'
  readonly requestId: string
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly status: number
  /** Absent for what HTTP itself refused. */
  readonly code?: string
  readonly title: string
  readonly remoteAddress: string
  /** Absent when nobody was logged in. */
  readonly actor?: string
}

/** A request that failed here; its client was told the id and nothing else. */
export interface RequestFailedEvent {
  readonly type: 'request-failed'
  readonly requestId: string
  readonly method: string
  readonly path: string
  readonly error: unknown
}

export interface AllowListChangedEvent {
  readonly type: 'allow-list-changed'
  readonly change: 'add' | 'remove'
  readonly actor: string
  readonly holdingId: string
  readonly name: string
  readonly anchors: readonly string[]
  readonly revision: number
}

/** The gateway of this process enforces the revision. */
export interface StateAppliedEvent {
  readonly type: 'state-applied'
  readonly revision: number
  readonly digest: string
  /** From the change in the store to the gateway's word. */
  readonly sinceCommitMs: number
}

/** The gateway did not say in time that it enforces the revision; the change is kept all the same. */
export interface StateLateEvent {
  readonly type: 'state-late'
  readonly revision: number
  readonly waitedMs: number
}

/** The gateway enforces something else than it was given. */
export interface StateMismatchEvent {
  readonly type: 'state-mismatch'
  readonly revision: number
  readonly expected: string
  readonly found: string
}

/** The store could not be read; the state before stays in force, and reading is tried again. */
export interface StateUnreadableEvent {
  readonly type: 'state-unreadable'
  readonly error: unknown
}

/** Who watched the state threw. */
export interface WatcherFailedEvent {
  readonly type: 'watcher-failed'
  readonly revision: number
  readonly error: unknown
}

/** What the guard of the REST API tells about its connections. */
export interface ConnectionEvent {
  readonly type: 'connection'
  readonly event: GuardEvent
}

/** An emitter that throws must not stop the controller. */
export function tolerant(events: Events<ControlEvent>): Events<ControlEvent> {
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
