import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { createServer } from 'node:tls'
import type { Server, TLSSocket, TlsOptions } from 'node:tls'
import { systemClock } from '../base/clock.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import { describePeer } from '../trust/peer.ts'
import type { Peer } from '../trust/peer.ts'
import { judgementFailed } from '../trust/refusal.ts'
import { publicRefusal, refuse } from '../trust/verdict.ts'
import type { Verdict } from '../trust/verdict.ts'
import { guardDefaults } from './guard-options.ts'
import type { AcceptedConnection, GuardEvent, GuardOptions } from './guard-options.ts'
import { closeServer, listenServer } from './listen.ts'
import type { Address } from './listen.ts'
import { readPeer } from './read-peer.ts'
import { refuseHttp } from './refuse-http.ts'
import { identityOptions, protocolOptions } from './secure-context.ts'

export interface RejudgeReport {
  readonly cut: number
  readonly kept: number
}

interface LiveConnection extends AcceptedConnection {
  /** Ends the wait for the verdict's own end. */
  readonly cancel: Cancel
}

const accepted = new WeakMap<object, AcceptedConnection>()

/** The judged connection that a socket belongs to; `undefined` for a socket that no guard accepted. */
export function acceptedConnection(socket: object): AcceptedConnection | undefined {
  return accepted.get(socket)
}

/**
 * Stands between TLS and a server. A connection's peer is judged when its handshake is complete, and only an accepted
 * one is handed on: no byte of a peer that was refused, or not judged yet, reaches a parser. OpenSSL itself trusts
 * nothing here (`ca: []`); it proves that the peer holds its key, and the authorizer decides. Whatever throws, refuses.
 */
export class Guard {
  readonly #options: GuardOptions
  readonly #clock: Clock
  readonly #server: Server
  readonly #live = new Map<TLSSocket, LiveConnection>()
  readonly #open = new Set<TLSSocket>()
  readonly #unwatch: Cancel
  /** Moves with every change of trust, so that a judgement begun before one is made again. */
  #epoch = 0

  constructor(options: GuardOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#server = createServer(serverOptions(options))
    this.#server.maxConnections = options.maxConnections ?? guardDefaults.maxConnections
    this.#server.on('secureConnection', (socket) => void this.#admit(socket))
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      this.#emit({
        type: 'handshake-failed',
        remoteAddress: socket.remoteAddress ?? '',
        code: error.code ?? 'unknown',
        message: error.message,
      })
    })
    this.#unwatch = options.identity.watch(() =>
      this.#server.setSecureContext(serverOptions(options)),
    )
  }

  /** @throws {TlsError} listen-failed */
  async listen(address: Address): Promise<Address> {
    return listenServer(this.#server, address)
  }

  /** Judges every live connection again and cuts those that are no longer accepted. Call it after every change of trust. */
  async rejudge(): Promise<RejudgeReport> {
    this.#epoch += 1
    let cut = 0
    let judged = 0
    for (const connection of this.#live.values()) {
      const verdict = await this.#judge(connection.peer)
      if (verdict.outcome !== 'accept') {
        cut += 1
        this.#cut(connection, verdict)
      }
      judged += 1
      // Some 0.1 ms each: let handshakes and requests in between.
      if (judged % 100 === 0) await setImmediate()
    }
    return { cut, kept: this.#live.size }
  }

  /** Stops accepting, waits up to `graceMs` for the connections to end, then ends them. */
  async close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#unwatch()
    await closeServer(this.#server, { graceMs, connections: this.#open })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #admit(socket: TLSSocket): Promise<void> {
    this.#open.add(socket)
    socket.once('close', () => this.#forget(socket))
    // Without a listener an error would end the process; the socket closes by itself.
    socket.on('error', () => undefined)
    const peer = this.#readPeer(socket)
    let verdict = refuse([judgementFailed(new Error('the connection ended'))])
    let epoch = -1
    while (epoch !== this.#epoch && !socket.destroyed) {
      epoch = this.#epoch
      verdict = await this.#judge(peer)
    }
    if (socket.destroyed) return
    if (verdict.outcome === 'accept') this.#accept({ socket, peer, verdict })
    else this.#refuse({ socket, peer, verdict })
  }

  #readPeer(socket: TLSSocket): Peer {
    // A ONE_WAY listener asks for nothing; there is nothing to read.
    if (this.#options.tlsType === 'ONE_WAY') {
      return { kind: 'anonymous', sessionResumed: socket.isSessionReused(), chainComplete: true }
    }
    return readPeer(socket)
  }

  async #judge(peer: Peer): Promise<Verdict> {
    const timeoutMs = this.#options.authorizeTimeoutMs ?? guardDefaults.authorizeTimeoutMs
    try {
      const answer = this.#options.authorizer.authorize(peer)
      return answer instanceof Promise ? await withTimeLimit(answer, timeoutMs) : answer
    } catch (cause) {
      return refuse([judgementFailed(cause instanceof Error ? cause : new Error('unknown error'))])
    }
  }

  #accept(connection: AcceptedConnection): void {
    const { socket, peer, verdict } = connection
    const cancel = this.#watchEnd(connection)
    this.#live.set(socket, { ...connection, cancel })
    accepted.set(socket, connection)
    this.#emit({ type: 'connection-accepted', ...facts(socket, peer) })
    try {
      this.#options.onConnection(connection)
    } catch (cause) {
      const failed = judgementFailed(cause instanceof Error ? cause : new Error('unknown error'))
      this.#cut({ ...connection, cancel }, refuse([failed], verdict))
    }
  }

  /** Judges again when the verdict ends by itself: another path may still hold. */
  #watchEnd({ socket, verdict: { validUntil } }: AcceptedConnection): Cancel {
    if (validUntil === undefined) return () => undefined
    return this.#clock.schedule(
      new Date(validUntil.getTime() + 1),
      () => void this.#rejudgeOne(socket),
    )
  }

  async #rejudgeOne(socket: TLSSocket): Promise<void> {
    const connection = this.#live.get(socket)
    if (connection === undefined) return
    const verdict = await this.#judge(connection.peer)
    if (verdict.outcome !== 'accept') return this.#cut(connection, verdict)
    const renewed = { socket, peer: connection.peer, verdict }
    this.#live.set(socket, { ...renewed, cancel: this.#watchEnd(renewed) })
    accepted.set(socket, renewed)
  }

  #refuse({ socket, peer, verdict }: AcceptedConnection): void {
    const id = randomUUID()
    const { code, title } = publicRefusal(verdict)
    this.#emit({
      type: 'connection-refused',
      ...facts(socket, peer),
      id,
      publicCode: code,
      refusals: verdict.faults,
    })
    if (this.#options.refusal === 'drop') socket.destroy()
    else refuseHttp(socket, { code, title, id })
  }

  #cut({ socket, peer }: LiveConnection, verdict: Verdict): void {
    socket.destroy()
    this.#forget(socket)
    this.#emit({ type: 'connection-cut', ...facts(socket, peer), refusals: verdict.faults })
  }

  #forget(socket: TLSSocket): void {
    this.#open.delete(socket)
    this.#live.get(socket)?.cancel()
    this.#live.delete(socket)
    accepted.delete(socket)
  }

  #emit(event: GuardEvent): void {
    try {
      this.#options.events?.emit(event)
    } catch {
      // Whoever listens must not decide who is admitted.
    }
  }
}

function serverOptions({ identity, tlsType, handshakeTimeoutMs }: GuardOptions): TlsOptions {
  return {
    ...protocolOptions(),
    ...identityOptions(identity.current()),
    // Nothing: no CA names are sent, and OpenSSL trusts nobody. Absent or '' would be the public roots.
    ca: [],
    requestCert: tlsType === 'MUTUAL',
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: handshakeTimeoutMs ?? guardDefaults.handshakeTimeoutMs,
  }
}

function facts(socket: TLSSocket, peer: Peer): { remoteAddress: string; peer: string } {
  return { remoteAddress: socket.remoteAddress ?? '', peer: describePeer(peer) }
}

async function withTimeLimit<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  try {
    return await Promise.race([answer, promise])
  } finally {
    clearTimeout(timer)
  }
}
