import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
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
import { X509Error } from '../x509/errors.ts'
import { guardDefaults } from './guard-options.ts'
import type { AcceptedConnection, GuardEvent, GuardOptions } from './guard-options.ts'
import { handshakeFailure } from './handshake-failure.ts'
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

// Some 0.1 ms each: between batches, handshakes and requests have their turn.
const rejudgedAtOnce = 100

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
  /** Connections before the end of their handshake, by their other end. */
  readonly #handshaking = new Map<string, Socket>()
  /** Moves with every change of trust, so that a judgement begun before one is made again. */
  #epoch = 0

  constructor(options: GuardOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#server = createServer(serverOptions(options))
    this.#server.maxConnections = options.maxConnections ?? guardDefaults.maxConnections
    this.#server.on('connection', (raw: Socket) => this.#begin(raw))
    this.#server.on('secureConnection', (socket) => {
      this.#handshaking.delete(endOf(socket))
      void this.#admit(socket)
    })
    this.#server.on('tlsClientError', (error, socket) => this.#fail(error, socket))
    // An accept that fails (too many open files) must not end the process. That listening failed, `listen` says.
    this.#server.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#server.listening) this.#fail(error)
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
    // Whoever is accepted from here on was judged in this epoch.
    const sockets = [...this.#live.keys()]
    let cut = 0
    for (let start = 0; start < sockets.length; start += rejudgedAtOnce) {
      const batch = sockets.slice(start, start + rejudgedAtOnce)
      const cuts = await Promise.all(batch.map((socket) => this.#rejudgeOne(socket)))
      cut += cuts.filter(Boolean).length
      await setImmediate()
    }
    return { cut, kept: this.#live.size }
  }

  /** Stops accepting, waits up to `graceMs` for the connections to end, then ends them. */
  async close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#unwatch()
    // Nothing was asked of us on these yet: there is nothing to finish.
    for (const raw of this.#handshaking.values()) raw.destroy()
    await closeServer(this.#server, { graceMs, connections: this.#open })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #begin(raw: Socket): void {
    const end = endOf(raw)
    this.#handshaking.set(end, raw)
    // An answer is a head and a body: held back, the second would wait for a delayed acknowledgement.
    raw.setNoDelay(true)
    raw.once('close', () => {
      if (this.#handshaking.get(end) === raw) this.#handshaking.delete(end)
    })
  }

  /** Node reports a handshake that failed, or took too long, and leaves its connection open. */
  #fail(error: NodeJS.ErrnoException, socket?: TLSSocket): void {
    const remoteAddress = socket?.remoteAddress ?? ''
    if (socket !== undefined) this.#handshaking.get(endOf(socket))?.destroy()
    socket?.destroy()
    this.#emit({
      type: 'handshake-failed',
      remoteAddress,
      failure: handshakeFailure(error.code ?? ''),
      code: error.code ?? 'unknown',
      message: error.message.trim(),
    })
  }

  async #admit(socket: TLSSocket): Promise<void> {
    this.#open.add(socket)
    socket.once('close', () => this.#forget(socket))
    // Without a listener an error would end the process; the socket closes by itself.
    socket.on('error', () => undefined)
    try {
      const peer = this.#readPeer(socket)
      await this.#judgeNow({ socket, peer }, (verdict) => {
        if (socket.destroyed) return
        if (verdict.outcome === 'accept') this.#accept({ socket, peer, verdict })
        else this.#refuse({ socket, peer, verdict })
      })
    } catch (cause) {
      this.#refuse({ socket, peer: unreadPeer, verdict: failedVerdict(cause) })
    }
  }

  /** Hands the verdict on in the tick in which it holds: one that a change of trust overtook is made again. */
  async #judgeNow<T>(
    { socket, peer }: Pick<AcceptedConnection, 'socket' | 'peer'>,
    then: (verdict: Verdict) => T,
  ): Promise<T> {
    for (;;) {
      const epoch = this.#epoch
      const verdict = await this.#judge(peer)
      if (epoch === this.#epoch || socket.destroyed) return then(verdict)
    }
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
      const verdict = 'outcome' in answer ? answer : await withTimeLimit(answer, timeoutMs)
      return verdict.outcome === 'accept' && this.#isOver(verdict)
        ? failedVerdict(new Error('the verdict had ended before it was given'))
        : verdict
    } catch (cause) {
      return failedVerdict(cause)
    }
  }

  #isOver({ validUntil }: Verdict): boolean {
    return validUntil !== undefined && !(this.#clock.now() <= validUntil)
  }

  #accept(connection: AcceptedConnection): void {
    const { socket, peer } = connection
    const cancel = this.#watchEnd(connection)
    this.#live.set(socket, { ...connection, cancel })
    accepted.set(socket, connection)
    this.#emit({ type: 'connection-accepted', ...facts(socket, peer) })
    try {
      this.#options.onConnection(connection)
    } catch (cause) {
      this.#cut({ ...connection, cancel }, failedVerdict(cause))
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

  /** True when it cut the connection; one that ended meanwhile is left alone. */
  async #rejudgeOne(socket: TLSSocket): Promise<boolean> {
    const judged = this.#live.get(socket)
    if (judged === undefined) return false
    return this.#judgeNow(judged, (verdict) => {
      const live = this.#live.get(socket)
      if (live === undefined) return false
      if (verdict.outcome === 'accept') this.#renew(live, verdict)
      else this.#cut(live, verdict)
      return verdict.outcome !== 'accept'
    })
  }

  /** A verdict that still accepts may do so for another reason, and not for as long. */
  #renew({ socket, peer, cancel }: LiveConnection, verdict: Verdict): void {
    cancel()
    const renewed = { socket, peer, verdict }
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

function endOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`
}

const unreadPeer: Peer = {
  kind: 'malformed',
  sessionResumed: false,
  chainComplete: false,
  error: new X509Error('certificate-malformed', 'Cannot read chain: reading it failed'),
}

function failedVerdict(cause: unknown): Verdict {
  return refuse([judgementFailed(cause instanceof Error ? cause : new Error('unknown error'))])
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
