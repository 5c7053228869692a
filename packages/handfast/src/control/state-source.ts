import { silentEvents, systemClock } from '@handfast/kit/base'
import type { Cancel, Clock, Events } from '@handfast/kit/base'
import { stateDigest } from '../gateway/state-digest.ts'
import type { GatewayState, StateChange, StateSource } from '../gateway/state.ts'
import type { Revision, Store } from '../store/store.ts'
import type { AppliedRevisions } from './allowed-subjects.ts'
import { buildState } from './build-state.ts'
import type { GatewayBootstrap } from './build-state.ts'
import { tolerant } from './events.ts'
import type { ControlEvent } from './events.ts'
import { limits } from './limits.ts'

export interface StateSourceOptions {
  readonly store: Store
  readonly bootstrap: GatewayBootstrap
  readonly clock?: Clock
  readonly events?: Events<ControlEvent>
  /** How long `whenApplied` waits. Default: 2,000. */
  readonly appliedTimeoutMs?: number
}

export interface ControlStateSource extends StateSource, AppliedRevisions {
  /** Stops following the store, which stays open. */
  close(): void
}

/**
 * The gateway's state from configuration and store, followed as the store changes, by whichever process.
 * @throws {StoreError}
 */
export async function createStateSource(options: StateSourceOptions): Promise<ControlStateSource> {
  let follow = (): void => {
    missed = true
  }
  let missed = false
  // Watched before it is read, so that no change falls between the two.
  const unwatch = options.store.watchRevision(() => follow())
  try {
    const source = new StoreStateSource(options, { first: await readState(options), unwatch })
    follow = () => source.follow()
    if (missed) follow()
    return source
  } catch (error) {
    unwatch()
    throw error
  }
}

type Watcher = (change: StateChange, next: GatewayState) => void

interface Dated {
  readonly state: GatewayState
  /** When it was committed. */
  readonly at: Date
}

interface Waiter {
  readonly revision: number
  readonly resolve: (applied: boolean) => void
}

class StoreStateSource implements ControlStateSource {
  readonly #options: StateSourceOptions
  readonly #clock: Clock
  readonly #events: Events<ControlEvent>
  readonly #watchers = new Set<Watcher>()
  readonly #waiters = new Set<Waiter>()
  readonly #unwatch: Cancel
  #state: GatewayState
  /** Handed out and not acknowledged yet, oldest first. */
  #unacknowledged: readonly Dated[]
  #applied = -1
  #stale = false
  #reloading = false
  #closed = false
  #cancelRetry: Cancel = () => undefined

  constructor(
    options: StateSourceOptions,
    { first, unwatch }: { readonly first: Dated; readonly unwatch: Cancel },
  ) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#events = tolerant(options.events ?? silentEvents)
    this.#state = first.state
    this.#unacknowledged = [first]
    this.#unwatch = unwatch
  }

  follow(): void {
    this.#stale = true
    if (!this.#reloading) void this.#reload()
  }

  current(): GatewayState {
    return this.#state
  }

  watch(fn: Watcher): Cancel {
    const watcher: Watcher = (change, next) => fn(change, next)
    this.#watchers.add(watcher)
    return () => {
      this.#watchers.delete(watcher)
    }
  }

  acknowledge(revision: number, digest: string): void {
    const found = this.#unacknowledged.find(({ state }) => state.revision === revision)
    if (found === undefined) return
    const expected = stateDigest(found.state)
    if (digest !== expected) {
      this.#events.emit({ type: 'state-mismatch', revision, expected, found: digest })
      return
    }
    this.#applied = revision
    this.#unacknowledged = this.#unacknowledged.filter(({ state }) => state.revision > revision)
    const sinceCommitMs = this.#clock.now().getTime() - found.at.getTime()
    this.#events.emit({ type: 'state-applied', revision, digest, sinceCommitMs })
    for (const waiter of this.#waiters) {
      if (waiter.revision <= revision) waiter.resolve(true)
    }
  }

  async whenApplied(revision: number): Promise<boolean> {
    if (this.#applied >= revision) return true
    if (this.#closed) return false
    const timeoutMs = this.#options.appliedTimeoutMs ?? limits.appliedTimeoutMs
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const waiter = { revision, resolve }
    this.#waiters.add(waiter)
    const timer = setTimeout(() => resolve(false), timeoutMs)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiters.delete(waiter)
    }
  }

  close(): void {
    this.#closed = true
    this.#unwatch()
    this.#cancelRetry()
    this.#watchers.clear()
    for (const waiter of this.#waiters) waiter.resolve(false)
  }

  /** One reading at a time; what is committed meanwhile is read next. */
  async #reload(): Promise<void> {
    this.#reloading = true
    try {
      while (this.#stale && !this.#closed) {
        this.#stale = false
        this.#swap(await readState(this.#options))
      }
    } catch (error) {
      this.#retryLater(error)
    } finally {
      this.#reloading = false
    }
  }

  #swap(next: Dated): void {
    const from = this.#state.revision
    const to = next.state.revision
    if (this.#closed || to <= from) return
    this.#state = next.state
    this.#unacknowledged = [...this.#unacknowledged, next].slice(-limits.maxUnacknowledged)
    for (const watcher of this.#watchers) {
      try {
        watcher({ from, to, at: next.at }, next.state)
      } catch (error) {
        this.#events.emit({ type: 'watcher-failed', revision: to, error })
      }
    }
  }

  #retryLater(error: unknown): void {
    if (this.#closed) return
    this.#events.emit({ type: 'state-unreadable', error })
    const at = new Date(this.#clock.now().getTime() + limits.reloadRetryMs)
    this.#cancelRetry()
    this.#cancelRetry = this.#clock.schedule(at, () => this.follow())
  }
}

async function readState({ store, bootstrap }: StateSourceOptions): Promise<Dated> {
  return store.transaction(
    async (tx) => {
      const revision: Revision = await tx.revision.current()
      const managers = await tx.managers.list()
      const members = await tx.allowList.list({ limit: limits.maxAllowedMembers })
      const facts = { revision: revision.number, managers, members }
      return { state: buildState(bootstrap, facts), at: revision.at }
    },
    { readOnly: true },
  )
}
