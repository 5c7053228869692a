import { silentEvents, systemClock } from '@handfast/kit/base'
import type { Cancel, Clock, Events } from '@handfast/kit/base'
import type { IdentitySource } from '@handfast/kit/identity'
import { TlsError } from '@handfast/kit/tls'
import { compileState } from './compile-state.ts'
import type { CompiledState } from './compile-state.ts'
import { GatewayError } from './errors.ts'
import { tolerant } from './events.ts'
import type { GatewayEvent, ListenerAddress } from './events.ts'
import { gatewayLimits } from './limits.ts'
import type { GatewayLimits } from './limits.ts'
import { Listener } from './listener.ts'
import { refuseRestart } from './restart.ts'
import type { ActiveListener } from './serve.ts'
import type { GatewayState, StateSource } from './state.ts'
import { Upstream } from './upstream.ts'

export interface GatewayOptions {
  readonly source: StateSource
  /** By name; states refer to them. They stay the caller's. */
  readonly identities: ReadonlyMap<string, IdentitySource>
  readonly clock?: Clock
  readonly events?: Events<GatewayEvent>
  readonly limits?: Partial<GatewayLimits>
}

export interface CloseOptions {
  /** How long requests in flight may go on. Default: 10,000. */
  readonly graceMs?: number
}

/** All that one state became; swapped as one. */
interface Active {
  readonly compiled: CompiledState
  /** By name. */
  readonly listeners: ReadonlyMap<string, ActiveListener>
}

/** A state in use by which live connections are still to be judged. */
interface Unsettled {
  readonly compiled: CompiledState
  readonly trustEpoch: number
  readonly since: number
}

/**
 * Listeners before upstreams, as a state describes them and as each next state changes them: whole, or not at all.
 * Addresses, identities and TLS types of listeners hold until a restart; who may talk and where requests go change live.
 */
export class Gateway {
  readonly #source: StateSource
  readonly #identities: ReadonlyMap<string, IdentitySource>
  readonly #clock: Clock
  readonly #events: Events<GatewayEvent>
  readonly #limits: GatewayLimits
  readonly #retiring = new Set<Upstream>()
  #active: Active | undefined
  #listeners: readonly Listener[] = []
  #addresses: readonly ListenerAddress[] = []
  #unwatch: Cancel | undefined
  #listening = false
  #trustEpoch = 0
  #unsettled: readonly Unsettled[] = []
  #settling: Promise<void> = Promise.resolve()
  #starting: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(options: GatewayOptions) {
    this.#source = options.source
    this.#identities = options.identities
    this.#clock = options.clock ?? systemClock
    this.#events = tolerant(options.events ?? silentEvents)
    this.#limits = { ...gatewayLimits, ...options.limits }
  }

  /**
   * Builds everything, then binds every address.
   * @throws {GatewayError} HF-G1xx; nothing stays bound then
   * @throws {TypeError} when called twice
   */
  start(): Promise<void> {
    if (this.#starting !== undefined || this.#closed !== undefined) {
      return Promise.reject(new TypeError('A gateway starts once'))
    }
    this.#starting = this.#start()
    return this.#starting
  }

  /** Where the listeners are bound, with the ports that the system chose. */
  addresses(): readonly ListenerAddress[] {
    return this.#addresses
  }

  /** Stops accepting, lets requests in flight finish, then ends what is left. Calling it again waits for the first call. */
  close({ graceMs = this.#limits.graceMs }: CloseOptions = {}): Promise<void> {
    this.#closed ??= this.#close(graceMs)
    return this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #start(): Promise<void> {
    this.#swap(this.#compile(this.#source.current()))
    try {
      // From here on no state is missed; one that comes while binding is swapped in like any other.
      this.#unwatch = this.#source.watch((_change, next) => this.#apply(next))
      this.#listeners = Array.from(this.#current().listeners.keys(), (name) => this.#create(name))
      this.#addresses = await listenAll(this.#listeners)
    } catch (error) {
      await this.#release(0)
      throw error
    }
    this.#listening = true
    const { revision } = this.#current().compiled.state
    this.#events.emit({ type: 'started', revision, addresses: this.#addresses })
    this.#settle()
  }

  #compile(state: GatewayState): CompiledState {
    return compileState(state, { identities: this.#identities, clock: this.#clock })
  }

  #current(): Active {
    if (this.#active === undefined) throw new TypeError('The gateway is not started')
    return this.#active
  }

  #create(name: string): Listener {
    return new Listener({
      listener: name,
      active: () => {
        const active = this.#current().listeners.get(name)
        if (active === undefined) throw new TypeError(`There is no listener "${name}"`)
        return active
      },
      clock: this.#clock,
      events: this.#events,
      limits: this.#limits,
    })
  }

  #apply(next: GatewayState): void {
    if (this.#closed !== undefined) return
    try {
      const compiled = this.#compile(next)
      refuseRestart(this.#current().compiled, compiled)
      this.#swap(compiled)
    } catch (error) {
      if (error instanceof GatewayError) {
        this.#events.emit({ type: 'state-refused', revision: next.revision, error })
      } else {
        this.#events.emit({ type: 'internal-error', error })
      }
      return
    }
    this.#settle()
  }

  /** Puts a whole new state in use, by one assignment. Upstreams whose settings did not change keep their connections. */
  #swap(compiled: CompiledState): void {
    const old = this.#active?.listeners
    const options = { clock: this.#clock, limits: this.#limits }
    const listeners = new Map(
      Array.from(compiled.listeners, ([name, listener]): [string, ActiveListener] => {
        const known = old?.get(name)?.upstream
        const same = known?.settings.key === listener.upstream.key
        return [
          name,
          {
            compiled: listener,
            upstream:
              known !== undefined && same ? known : new Upstream(listener.upstream, options),
          },
        ]
      }),
    )
    this.#active = { compiled, listeners }
    this.#trustEpoch += 1
    const unsettled = { compiled, trustEpoch: this.#trustEpoch, since: performance.now() }
    this.#unsettled = [...this.#unsettled, unsettled]
    for (const [name, { upstream }] of old ?? []) {
      if (listeners.get(name)?.upstream !== upstream) void this.#retire(upstream)
    }
  }

  async #retire(upstream: Upstream): Promise<void> {
    this.#retiring.add(upstream)
    await upstream.close()
    this.#retiring.delete(upstream)
  }

  /** Judges live connections by what is in use now, one change after another. */
  #settle(): void {
    if (!this.#listening) return
    this.#settling = this.#settling
      .then(() => this.#settleAll())
      .catch((error: unknown) => this.#events.emit({ type: 'internal-error', error }))
  }

  /** States that came while others were being settled are settled together. */
  async #settleAll(): Promise<void> {
    const batch = this.#unsettled
    if (batch.length === 0) return
    this.#unsettled = []
    const reports = await Promise.all(this.#listeners.map((listener) => listener.rejudge()))
    const kept = sum(reports.map((report) => report.kept))
    const cut = sum(reports.map((report) => report.cut))
    for (const { compiled, trustEpoch, since } of batch) {
      const { revision } = compiled.state
      const tookMs = performance.now() - since
      this.#events.emit({ type: 'state-applied', revision, trustEpoch, tookMs, cut, kept })
      this.#source.acknowledge(revision, compiled.digest)
    }
  }

  async #close(graceMs: number): Promise<void> {
    // What is half bound is closed when it is whole, or has closed itself.
    await this.#starting?.catch(() => undefined)
    await this.#release(graceMs)
    this.#events.emit({ type: 'closed' })
  }

  async #release(graceMs: number): Promise<void> {
    this.#unwatch?.()
    await Promise.all(this.#listeners.map((listener) => listener.close({ graceMs })))
    await this.#settling
    // No client is left to wait for what may still be in flight.
    const active = Array.from(this.#active?.listeners.values() ?? [], ({ upstream }) => upstream)
    await Promise.all([...active, ...this.#retiring].map((upstream) => upstream.destroy()))
  }
}

/** @throws {GatewayError} listen-failed, after every other attempt has ended, so that the caller can close them all */
async function listenAll(listeners: readonly Listener[]): Promise<readonly ListenerAddress[]> {
  const results = await Promise.allSettled(listeners.map((listener) => listener.listen()))
  return results.map((result) => {
    if (result.status === 'fulfilled') return result.value
    const cause: unknown = result.reason
    const message = cause instanceof Error ? cause.message : 'Cannot listen: unknown error'
    const hint = cause instanceof TlsError ? cause.hint : undefined
    throw new GatewayError('listen-failed', message, { cause, ...(hint !== undefined && { hint }) })
  })
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
