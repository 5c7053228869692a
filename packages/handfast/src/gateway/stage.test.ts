import type { Cancel } from '@handfast/kit/base'
import type { IdentitySource } from '@handfast/kit/identity'
import { encodeCertificatePem } from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type {
  ClientRequest,
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  RequestOptions,
  Server,
} from 'node:http'
import { Agent, createServer as createHttpsServer, request as httpsRequest } from 'node:https'
import type { TestContext } from 'node:test'
import { connect } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { clientSubject } from './cast.test.ts'
import type { Cast, Credential } from './cast.test.ts'
import type { GatewayEvent } from './events.ts'
import { Gateway } from './gateway.ts'
import type { GatewayLimits } from './limits.ts'
import type {
  GatewayState,
  ListenerState,
  StateChange,
  StateSource,
  UpstreamState,
} from './state.ts'

// Where the tests of this room play: a backend, a gateway and a client, with real sockets between them.

/** A state source that a test moves. */
export class TestSource implements StateSource {
  readonly acknowledged: { readonly revision: number; readonly digest: string }[] = []
  readonly #watchers = new Set<(change: StateChange, next: GatewayState) => void>()
  #state: GatewayState

  constructor(state: GatewayState) {
    this.#state = state
  }

  current(): GatewayState {
    return this.#state
  }

  watch(fn: (change: StateChange, next: GatewayState) => void): Cancel {
    this.#watchers.add(fn)
    return () => void this.#watchers.delete(fn)
  }

  acknowledge(revision: number, digest: string): void {
    this.acknowledged.push({ revision, digest })
  }

  /** Changes the first listener. */
  change(listener: Partial<ListenerState>, rest: Partial<GatewayState> = {}): void {
    const [first, ...others] = this.#state.listeners
    if (first === undefined) throw new TypeError('no listener')
    const from = this.#state.revision
    const next = { ...this.#state, listeners: [{ ...first, ...listener }, ...others] }
    this.push({ ...next, revision: from + 1, ...rest })
  }

  push(next: GatewayState): void {
    const change = { from: this.#state.revision, to: next.revision, at: new Date() }
    this.#state = next
    for (const fn of this.#watchers) fn(change, next)
  }
}

/** Every event, and a way to wait for one. */
export class EventLog {
  readonly all: GatewayEvent[] = []
  readonly #waiting = new Set<() => void>()

  emit(event: GatewayEvent): void {
    this.all.push(event)
    for (const check of this.#waiting) check()
  }

  of<T extends GatewayEvent['type']>(type: T): Extract<GatewayEvent, { type: T }>[] {
    return this.all.filter(
      (event): event is Extract<GatewayEvent, { type: T }> => event.type === type,
    )
  }

  /** The first event of its type that `matches`, from the past or the future. */
  async first<T extends GatewayEvent['type']>(
    type: T,
    matches: (event: Extract<GatewayEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<GatewayEvent, { type: T }>> {
    const { promise, resolve } = Promise.withResolvers<Extract<GatewayEvent, { type: T }>>()
    const check = (): void => {
      const found = this.of(type).find(matches)
      if (found === undefined) return
      this.#waiting.delete(check)
      resolve(found)
    }
    this.#waiting.add(check)
    check()
    return promise
  }
}

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
}

export interface Backend {
  readonly port: number
  /** The head of every request that came. */
  readonly seen: readonly Seen[]
  readonly server: Server
}

/** An upstream on a free port; with `credential` it speaks TLS, and asks for a certificate of `clientRoot`. */
export async function startBackend(
  t: TestContext,
  options: {
    readonly credential?: Credential
    readonly clientRoot?: Certificate
    readonly answer?: RequestListener
  } = {},
): Promise<Backend> {
  const { credential, clientRoot, answer = (_request, response) => response.end('hello') } = options
  const seen: Seen[] = []
  const listener: RequestListener = (request, response) => {
    const { method = '', url = '', headers, rawHeaders } = request
    seen.push({ method, url, headers, rawHeaders })
    answer(request, response)
  }
  const server: Server =
    credential === undefined
      ? createHttpServer(listener)
      : createHttpsServer(
          {
            ...credential.pem,
            ...(clientRoot && { ca: encodeCertificatePem(clientRoot), requestCert: true }),
          },
          listener,
        )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: portOf(server), seen, server }
}

export function portOf(server: { address(): unknown }): number {
  const address = server.address()
  if (typeof address === 'object' && address !== null && 'port' in address)
    return Number(address.port)
  throw new TypeError('not listening')
}

export interface Stage {
  readonly gateway: Gateway
  readonly source: TestSource
  readonly events: EventLog
  readonly port: number
}

export interface StageOptions {
  readonly cast: Pick<Cast, 'front' | 'dialler'>
  readonly state: GatewayState
  readonly limits?: Partial<GatewayLimits>
}

export async function startGateway(t: TestContext, options: StageOptions): Promise<Stage> {
  const { cast, state, limits } = options
  const source = new TestSource(state)
  const events = new EventLog()
  const identities = identitiesOf(cast)
  const gateway = new Gateway({ source, identities, events, ...(limits && { limits }) })
  t.after(() => gateway.close({ graceMs: 0 }))
  await gateway.start()
  const port = gateway.addresses()[0]?.port ?? 0
  return { gateway, source, events, port }
}

export function identitiesOf({
  front,
  dialler,
}: Pick<Cast, 'front' | 'dialler'>): Map<string, IdentitySource> {
  return new Map([
    ['front', front.identity],
    ['dialler', dialler.identity],
  ])
}

/** One MUTUAL listener that admits the cast's client, before a plain upstream. */
export function mutualState(
  { partner, own }: Pick<Cast, 'partner' | 'own'>,
  upstream: Partial<UpstreamState> & { readonly url: string },
): GatewayState {
  const { id } = partner.anchor
  const allowList = [{ anchor: id, match: 'rdn-sequence', name: clientSubject }] as const
  const address = { name: 'web', host: '127.0.0.1', port: 0, identity: 'front' }
  const whole = { anchors: [], ...upstream }
  return {
    revision: 1,
    anchors: [partner.anchor, own.anchor],
    listeners: [{ ...address, tlsType: 'MUTUAL', anchors: [id], allowList, upstream: whole }],
  }
}

/** The same backend behind mutual TLS. */
export function mutualUpstream({ own }: Pick<Cast, 'own'>, port: number): UpstreamState {
  const anchors = [own.anchor.id]
  const url = `https://127.0.0.1:${port}`
  return { url, serverName: 'backend.example', anchors, identity: 'dialler' }
}

/** Opens a TLS connection to the gateway, to speak bytes. */
export async function dialGateway(
  t: TestContext,
  port: number,
  credential?: Credential,
): Promise<TLSSocket> {
  const options: ConnectionOptions = { host: '127.0.0.1', port, rejectUnauthorized: false }
  const socket = connect({ ...options, ...credential?.pem })
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')
  // A cut may show as a reset.
  socket.on('error', () => undefined)
  return socket
}

/** Everything that comes until the connection ends. */
export async function readToEnd(socket: TLSSocket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  if (!socket.closed) await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

export type Ask = Pick<RequestOptions, 'method' | 'path'> & {
  readonly headers?: Readonly<Record<string, string>>
}

/** An HTTP client with one keep-alive connection to the gateway. */
export class Client {
  readonly #agent: Agent
  readonly #port: number

  constructor(t: TestContext, port: number, credential?: Credential) {
    const shown = { ...credential?.pem, rejectUnauthorized: false }
    this.#agent = new Agent({ ...shown, keepAlive: true, maxSockets: 1 })
    this.#port = port
    t.after(() => this.#agent.destroy())
  }

  /** A request whose body is still to be written. */
  begin(options: Ask = {}): ClientRequest {
    const headers = { host: 'gateway.example', ...options.headers }
    const target = { agent: this.#agent, host: '127.0.0.1', port: this.#port, ...options }
    return httpsRequest({ ...target, headers })
  }

  async ask(options: Ask & { readonly body?: string | Uint8Array } = {}): Promise<Reply> {
    const { body, ...rest } = options
    const begun = this.begin(rest)
    begun.end(body)
    return readReply(await responseTo(begun))
  }
}

export async function responseTo(begun: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  begun.once('response', resolve).once('error', reject)
  return promise
}

export async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  const { statusCode: status = 0, headers, rawHeaders } = response
  return { status, headers, rawHeaders, body: Buffer.concat(chunks) }
}

/** The code of a problem that the gateway answered. */
export function problemCode(reply: Pick<Reply, 'body'>): string {
  const problem = JSON.parse(reply.body.toString()) as { code: string; type: string }
  if (problem.type !== `urn:handfast:refusal:${problem.code}`) throw new TypeError('no problem')
  return problem.code
}
