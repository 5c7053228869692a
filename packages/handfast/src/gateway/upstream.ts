import type { Cancel, Clock } from '@handfast/kit/base'
import { Pool } from 'undici'
import type { buildConnector } from 'undici'
import type { CompiledUpstream } from './compile-upstream.ts'
import { dial } from './dial.ts'
import type { GatewayLimits } from './limits.ts'
import { relay } from './relay.ts'
import type { Call, Outcome } from './relay.ts'

/** More requests than the limits allow are in flight to one upstream. */
export class UpstreamBusyError extends Error {
  override readonly name = 'UpstreamBusyError'
}

export interface UpstreamOptions {
  readonly clock: Clock
  readonly limits: GatewayLimits
}

/** The connections to one upstream under one set of settings; other settings mean another `Upstream`. */
export class Upstream {
  readonly settings: CompiledUpstream
  readonly #options: UpstreamOptions
  readonly #unwatch: Cancel | undefined
  /** Pools that take no more requests, and when each is empty. */
  readonly #retired = new Map<Pool, Promise<void>>()
  #pool: Pool
  #inFlight = 0

  constructor(settings: CompiledUpstream, options: UpstreamOptions) {
    this.settings = settings
    this.#options = options
    this.#pool = createPool(settings, options)
    // A connection keeps the certificate that it was opened with.
    this.#unwatch = settings.tls?.identity?.watch(() => this.#replacePool())
  }

  async forward(call: Call): Promise<Outcome> {
    const { clock, limits } = this.#options
    if (this.#inFlight >= limits.maxUpstreamRequests) {
      return { type: 'failed', error: new UpstreamBusyError(`${this.#inFlight} in flight`) }
    }
    this.#inFlight += 1
    try {
      const { lingerTimeoutMs } = limits
      return await relay(call, { dispatcher: this.#pool, clock, lingerTimeoutMs })
    } finally {
      this.#inFlight -= 1
    }
  }

  /** To be called when no new request comes; resolves when those in flight are done. */
  async close(): Promise<void> {
    this.#unwatch?.()
    this.#retire(this.#pool)
    await Promise.all(this.#retired.values())
  }

  /** Aborts what is still in flight. */
  async destroy(): Promise<void> {
    this.#unwatch?.()
    await Promise.all(Array.from([this.#pool, ...this.#retired.keys()], (pool) => pool.destroy()))
  }

  #replacePool(): void {
    const old = this.#pool
    this.#pool = createPool(this.settings, this.#options)
    this.#retire(old)
  }

  #retire(pool: Pool): void {
    if (this.#retired.has(pool)) return
    this.#retired.set(
      pool,
      // It rejects only when `destroy` came first.
      pool.close().then(
        () => void this.#retired.delete(pool),
        () => void this.#retired.delete(pool),
      ),
    )
  }
}

function createPool(settings: CompiledUpstream, { clock, limits }: UpstreamOptions): Pool {
  const connect: buildConnector.connector = (_address, callback) => {
    dial(settings, { clock, timeoutMs: limits.connectTimeoutMs }).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    )
  }
  // `http:` also for TLS, which `dial` brings: under `https:` undici would tie each connection to a request's Host.
  return new Pool('http://upstream.invalid', {
    connect,
    connections: limits.maxUpstreamConnections,
    clientTtl: limits.upstreamConnectionAgeMs,
    allowH2: false,
    pipelining: 1,
    headersTimeout: limits.responseTimeoutMs,
    bodyTimeout: limits.idleTimeoutMs,
    maxHeaderSize: limits.maxResponseHeaderBytes,
    strictContentLength: true,
  })
}
