import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import type { Peer } from '../trust/peer.ts'
import { TlsError } from './errors.ts'
import { readPeer } from './read-peer.ts'
import { protocolOptions } from './secure-context.ts'

export interface ProbeOptions {
  readonly host: string
  readonly port: number
  /** The server name to ask for; an IP address is asked for by none (RFC 6066 §3). Default: `host`. */
  readonly serverName?: string
  /** For connecting and the handshake together. Default: 10,000. */
  readonly timeoutMs?: number
}

/** What a server shows to whoever connects. Nothing about it is known to be true, but what TLS itself proves. */
export interface Presented {
  /** Its certificates, in the order sent. */
  readonly peer: Peer
  /** `TLSv1.3` */
  readonly protocol: string
  /** What it chose of `h2` and `http/1.1`; null when it chose none. */
  readonly alpn: string | null
  /**
   * False when it ended the handshake after it had shown its certificates, as TLS 1.2 servers do that insist on a
   * client's. With TLS 1.3 that would show only afterwards.
   */
  readonly completed: boolean
}

const defaultTimeoutMs = 10_000

/**
 * Does one handshake that trusts nothing and shows no certificate, sends nothing and hangs up. To look at a server,
 * never to talk to it: that is `dialTls`.
 * @throws {TlsError} dial-failed | dial-timeout
 */
export async function fetchPresented(options: ProbeOptions): Promise<Presented> {
  const { host, port, serverName = host, timeoutMs = defaultTimeoutMs } = options
  const { promise, resolve, reject } = Promise.withResolvers<Presented>()
  const socket = connect({
    ...protocolOptions(),
    host,
    port,
    ...(isIP(serverName) === 0 && { servername: serverName.replace(/\.$/, '') }),
    // With no anchor of its own, Node shows the whole chain; nobody relies on the connection.
    ca: [],
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
  })
  const timer = setTimeout(() => {
    reject(probeTimeout(options, timeoutMs))
    socket.destroy()
  }, timeoutMs)
  socket.once('secureConnect', () => resolve(presentedBy(socket, { completed: true })))
  socket.on('error', (cause: Error) => {
    // Read once: on Node 24 a second reading shows less.
    const presented = presentedBy(socket, { completed: false })
    // An alert comes from the server; a fault found on this side proves that it is not who it shows.
    if (isAlert(cause) && presented.peer.kind !== 'anonymous') resolve(presented)
    else reject(probeFailed(options, cause))
  })
  socket.once('close', () =>
    reject(probeFailed(options, new Error('the connection was closed during the handshake'))),
  )
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    // Not at once: the end of the handshake still has to be sent, or the server counts a failed one.
    socket.destroySoon()
  }
}

function presentedBy(socket: TLSSocket, { completed }: Pick<Presented, 'completed'>): Presented {
  const { alpnProtocol } = socket
  return {
    peer: readPeer(socket),
    protocol: socket.getProtocol() ?? 'unknown',
    alpn: typeof alpnProtocol === 'string' ? alpnProtocol : null,
    completed,
  }
}

function isAlert(cause: Error): boolean {
  return 'code' in cause && typeof cause.code === 'string' && cause.code.includes('ALERT')
}

function probeFailed(options: ProbeOptions, cause: Error): TlsError {
  return new TlsError('dial-failed', `Cannot connect to ${target(options)}: ${cause.message}`, {
    cause,
    hint: 'Check that the server runs, that the address is right, and that it speaks TLS 1.2 or 1.3',
  })
}

function probeTimeout(options: ProbeOptions, timeoutMs: number): TlsError {
  return new TlsError(
    'dial-timeout',
    `Cannot connect to ${target(options)}: no TLS connection within ${timeoutMs} ms`,
    { hint: 'Check that the server runs, that the address is right, and that it speaks TLS' },
  )
}

function target({ host, port }: ProbeOptions): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}
