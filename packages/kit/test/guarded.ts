import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { systemClock } from '../src/base/clock.ts'
import { fixedIdentity } from '../src/identity/identity.ts'
import { Guard } from '../src/tls/guard.ts'
import type { AcceptedConnection, GuardEvent, GuardOptions } from '../src/tls/guard-options.ts'
import { createAllowList } from '../src/trust/allow-list.ts'
import { caAnchor } from '../src/trust/anchor.ts'
import { policyAuthorizer } from '../src/trust/authorizer.ts'
import { createPolicy } from '../src/trust/policy.ts'
import type { Policy } from '../src/trust/policy.ts'
import { encodeCertificatePem } from '../src/x509/certificate.ts'
import { encodePrivateKeyPem } from '../src/x509/keys.ts'
import { formatName } from '../src/x509/name-text.ts'
import { testAuthority } from './certificates.ts'
import type { TestAuthority, TestCertificateOptions, TestIdentity } from './certificates.ts'

/** Certificates that are valid on this machine's clock: TLS itself looks at it. */
const day = 24 * 60 * 60 * 1000
const validNow: TestCertificateOptions = {
  notBefore: new Date(Date.now() - day),
  notAfter: new Date(Date.now() + 30 * day),
}

export function liveAuthority(options: TestCertificateOptions = {}): TestAuthority {
  return alive(testAuthority({ ...validNow, ...options }))
}

function alive(authority: TestAuthority): TestAuthority {
  return {
    ...authority,
    issue: (leaf = {}) => authority.issue({ ...validNow, ...leaf }),
    intermediate: (ca = {}) => alive(authority.intermediate({ ...validNow, ...ca })),
  }
}

/** Accepts the given subjects from one authority, and nobody else. */
export function listing(authority: TestAuthority, subjects: readonly TestIdentity[]): Policy {
  const anchor = caAnchor(authority.certificate)
  const entries = subjects.map(({ certificate }) => ({
    anchor: anchor.id,
    match: 'rdn-sequence' as const,
    name: formatName(certificate.subject),
  }))
  return createPolicy({
    tlsType: 'MUTUAL',
    purpose: 'clientAuth',
    anchors: [anchor],
    allowList: createAllowList(entries),
  })
}

export interface GuardedServer extends AsyncDisposable {
  readonly guard: Guard
  readonly port: number
  /** PEM of the root that vouches for the server. */
  readonly root: string
  readonly events: readonly GuardEvent[]
  readonly accepted: readonly AcceptedConnection[]
  /** Requests that reached the parser. */
  readonly requests: readonly IncomingMessage[]
  /** The next event of a type, or the one that came already. */
  event<Type extends GuardEvent['type']>(type: Type): Promise<Extract<GuardEvent, { type: Type }>>
}

export type GuardedOptions = Partial<GuardOptions> & { readonly policy?: () => Policy }

/** An HTTP server behind a guard, on a port that the system chose. */
export async function startGuarded(options: GuardedOptions = {}): Promise<GuardedServer> {
  const authority = liveAuthority({ subject: 'CN=Server Root' })
  const server = authority.issue({
    subject: 'CN=server',
    extensions: { subjectAltNames: [{ type: 'ip', value: '127.0.0.1' }] },
  })
  const events: GuardEvent[] = []
  const waiting = new Set<() => void>()
  const accepted: AcceptedConnection[] = []
  const requests: IncomingMessage[] = []
  const http = createServer((request, response) => {
    requests.push(request)
    request.resume().on('end', () => response.end('welcome'))
  })
  const { policy, ...rest } = options
  const guard = new Guard({
    identity: fixedIdentity({ name: 'server', key: server.key, chain: [server.certificate] }),
    authorizer: policyAuthorizer(policy ?? (() => listing(authority, [])), systemClock),
    tlsType: 'MUTUAL',
    onConnection: (connection) => {
      accepted.push(connection)
      http.emit('connection', connection.socket)
    },
    events: {
      emit: (event) => {
        events.push(event)
        for (const look of waiting) look()
      },
    },
    ...rest,
  })
  const { port } = await guard.listen({ host: '127.0.0.1', port: 0 })
  return {
    guard,
    port,
    root: encodeCertificatePem(authority.certificate),
    events,
    accepted,
    requests,
    event: (type) => waitForEvent(type, { events, waiting }),
    [Symbol.asyncDispose]: async () => {
      await guard.close()
      http.close()
    },
  }
}

export interface ClientOptions extends ConnectionOptions {
  readonly identity?: TestIdentity
  /** Sent after the leaf. */
  readonly intermediates?: readonly TestIdentity[]
}

export function connectTo(
  { port, root }: Pick<GuardedServer, 'port' | 'root'>,
  { identity, intermediates = [], ...options }: ClientOptions = {},
): TLSSocket {
  const chain = identity === undefined ? [] : [identity, ...intermediates]
  return connect({
    host: '127.0.0.1',
    port,
    ca: root,
    ...(identity && {
      key: encodePrivateKeyPem(identity.key),
      cert: chain.map(({ certificate }) => encodeCertificatePem(certificate)).join(''),
    }),
    ...options,
  })
}

export interface Spoken {
  /** All that was received until the end. */
  readonly text: string
  readonly error?: Error
}

export const aRequest = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

/** Sends once the handshake is done, and reads until the connection ends. */
export function speak(socket: TLSSocket, sent: string | Uint8Array = aRequest): Promise<Spoken> {
  const { promise, resolve, reject } = Promise.withResolvers<Spoken>()
  let text = ''
  let error: Error | undefined
  const timer = setTimeout(() => {
    socket.destroy()
    reject(new Error(`no end of the connection within 20 s, after "${text}"`))
  }, 20_000)
  socket.once('secureConnect', () => socket.write(sent))
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  socket.on('error', (cause: Error) => (error = cause))
  socket.once('close', () => {
    clearTimeout(timer)
    resolve({ text, ...(error && { error }) })
  })
  return promise
}

async function waitForEvent<Type extends GuardEvent['type']>(
  type: Type,
  {
    events,
    waiting,
  }: { readonly events: readonly GuardEvent[]; readonly waiting: Set<() => void> },
): Promise<Extract<GuardEvent, { type: Type }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Extract<GuardEvent, { type: Type }>>()
  const look = (): void => {
    const found = events.find(
      (event): event is Extract<GuardEvent, { type: Type }> => event.type === type,
    )
    if (found !== undefined) resolve(found)
  }
  const timer = setTimeout(() => reject(new Error(`no event "${type}" within 20 s`)), 20_000)
  waiting.add(look)
  look()
  try {
    return await promise
  } finally {
    waiting.delete(look)
    clearTimeout(timer)
  }
}
