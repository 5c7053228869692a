import type { Clock } from '@handfast/kit/base'
import type { AcceptedConnection } from '@handfast/kit/tls'
import { describePeer } from '@handfast/kit/trust'
import { randomUUID } from 'node:crypto'
import { forwardedIdentity } from './forwarded-identity.ts'
import type { Exchange } from './http-server.ts'
import type { GatewayLimits } from './limits.ts'
import { rawRefusal } from './refuse-request.ts'
import type { RefusalReason } from './refusals.ts'

export interface ConnectionOptions {
  readonly accepted: AcceptedConnection
  readonly serve: (exchange: Exchange, connection: Connection) => Promise<void>
  /** No request may follow those in flight. */
  readonly closing: () => boolean
  /** Something came that is no request, or too much. */
  readonly onRefused: (refused: RefusedBytes) => void
  readonly limits: GatewayLimits
  readonly clock: Clock
}

export interface RefusedBytes {
  readonly reason: RefusalReason
  /** What the client was told; absent when there was no place for an answer. */
  readonly id?: string
}

/** One accepted connection: it answers one request at a time, in the order in which they came. */
export class Connection {
  readonly accepted: AcceptedConnection
  readonly #options: ConnectionOptions
  readonly #waiting: Exchange[] = []
  #busy = false
  #refused = false
  #identity: string | undefined
  #peerName: string | undefined

  constructor(options: ConnectionOptions) {
    this.accepted = options.accepted
    this.#options = options
  }

  /** What an upstream is told about the peer: once a connection, not once a request. */
  get forwardedIdentity(): string | undefined {
    const { peer, verdict } = this.accepted
    // A verdict without an anchor was asked of nobody (ONE_WAY): a certificate that comes along proves nothing.
    if (peer.kind !== 'certified' || verdict.anchor === undefined) return undefined
    this.#identity ??= forwardedIdentity(peer.leaf)
    return this.#identity
  }

  /** How people call the peer; `undefined` where it showed no certificate. */
  get peerName(): string | undefined {
    const { peer } = this.accepted
    if (peer.kind === 'certified') this.#peerName ??= describePeer(peer)
    return this.#peerName
  }

  take(exchange: Exchange): void {
    if (!this.#busy) {
      void this.#run(exchange)
    } else if (this.#waiting.length < this.#options.limits.maxPipelinedRequests) {
      this.#waiting.push(exchange)
    } else {
      this.refuse('upstream-busy')
    }
  }

  /** Answers bytes that are no request. While another answer is under way, one more would be taken for its end. */
  refuse(reason: RefusalReason): void {
    if (this.#refused) return
    this.#refused = true
    const { socket } = this.accepted
    const { clock, limits, onRefused } = this.#options
    if (this.#busy || !socket.writable) {
      this.cut()
      onRefused({ reason })
      return
    }
    const id = randomUUID()
    const deadline = new Date(clock.now().getTime() + limits.lingerTimeoutMs)
    const cancel = clock.schedule(deadline, () => this.cut())
    socket.once('close', cancel).end(rawRefusal(reason, id))
    onRefused({ reason, id })
  }

  /** Ends the connection once nothing is in flight on it. */
  finish(): void {
    if (!this.#busy) this.accepted.socket.destroySoon()
  }

  cut(): void {
    this.accepted.socket.destroy()
  }

  async #run(first: Exchange): Promise<void> {
    const { socket } = this.accepted
    this.#busy = true
    let exchange: Exchange | undefined = first
    while (exchange !== undefined && socket.writable) {
      await this.#options.serve(exchange, this)
      exchange = this.#waiting.shift()
    }
    this.#busy = false
    if (this.#options.closing()) this.finish()
  }
}
