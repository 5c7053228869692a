import { Guard } from '@handfast/kit/tls'
import type { AcceptedConnection } from '@handfast/kit/tls'
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { Connection } from './connection.ts'
import type { RefusedBytes } from './connection.ts'
import type { ListenerAddress, RequestEvent } from './events.ts'
import { createHttpServer } from './http-server.ts'
import type { Exchange } from './http-server.ts'
import { refusals } from './refusals.ts'
import type { RefusalReason } from './refusals.ts'
import { serve } from './serve.ts'
import type { ServeContext } from './serve.ts'

export type ListenerOptions = Omit<ServeContext, 'closing'>

/** One address: the guard decides who gets in, node:http reads what they ask, and an upstream answers. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #guard: Guard
  readonly #http: Server
  readonly #connections = new Map<Duplex, Connection>()
  #closing = false

  constructor(options: ListenerOptions) {
    this.#options = options
    const { clock, events, limits, listener, active } = options
    const { identity, state } = active().compiled
    this.#http = createHttpServer({
      limits,
      onExchange: (exchange) => this.#take(exchange),
      onMalformed: (socket, reason) => this.#refuse(socket, reason),
    })
    this.#guard = new Guard({
      identity,
      tlsType: state.tlsType,
      authorizer: {
        authorize: (peer, request) => active().compiled.authorizer.authorize(peer, request),
      },
      onConnection: (accepted) => this.#accept(accepted),
      clock,
      events: { emit: (event) => events.emit({ type: 'connection', listener, event }) },
    })
  }

  /** @throws whatever the system says when the address cannot be bound */
  async listen(): Promise<ListenerAddress> {
    const { listener, active } = this.#options
    const { host, port } = active().compiled.state
    const bound = await this.#guard.listen({ host, port })
    return { listener, ...bound }
  }

  /** Judges every live connection by the current policy, and cuts those that it does not accept. */
  rejudge(): Promise<{ cut: number; kept: number }> {
    return this.#guard.rejudge()
  }

  /** Stops accepting; requests in flight may finish within `graceMs`. */
  async close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#closing = true
    const closed = this.#guard.close({ graceMs })
    for (const connection of this.#connections.values()) connection.finish()
    await closed
    // It never listened: this ends its timers.
    this.#http.close()
  }

  #accept(accepted: AcceptedConnection): void {
    const { socket } = accepted
    const { clock, events, limits, listener } = this.#options
    if (this.#closing) {
      socket.destroy()
      return
    }
    const connection = new Connection({
      accepted,
      serve: (exchange) => this.#serve(exchange, connection),
      closing: () => this.#closing,
      onRefused: (refused) => events.emit(refusedEvent(refused, { listener, connection })),
      limits,
      clock,
    })
    this.#connections.set(socket, connection)
    socket.once('close', () => this.#connections.delete(socket))
    this.#http.emit('connection', socket)
  }

  #take(exchange: Exchange): void {
    const { socket } = exchange.request
    const connection = this.#connections.get(socket)
    // Nothing is answered on a connection that the guard did not hand over.
    if (connection === undefined) socket.destroy()
    else connection.take(exchange)
  }

  #refuse(socket: Duplex, reason: RefusalReason | undefined): void {
    const connection = this.#connections.get(socket)
    if (connection === undefined || reason === undefined) socket.destroy()
    else connection.refuse(reason)
  }

  async #serve(exchange: Exchange, connection: Connection): Promise<void> {
    try {
      await serve(exchange, { ...this.#options, closing: () => this.#closing, connection })
    } catch (error) {
      connection.cut()
      this.#options.events.emit({ type: 'internal-error', error })
    }
  }
}

function refusedEvent(
  { reason, id }: RefusedBytes,
  { listener, connection }: { readonly listener: string; readonly connection: Connection },
): RequestEvent {
  const { code, status } = refusals[reason]
  const { peerName: peer } = connection
  const told =
    id === undefined ? { outcome: 'cut' as const } : { outcome: 'refused' as const, status, id }
  const who = { listener, ...(peer !== undefined && { peer }) }
  return { type: 'request', method: '-', path: '-', ...who, ...told, code, tookMs: 0 }
}
