import { isIP } from 'node:net'
import { checkServerIdentity, connect } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import type { Clock } from '../base/clock.ts'
import { systemClock } from '../base/clock.ts'
import type { IdentitySource } from '../identity/identity.ts'
import type { Anchor } from '../trust/anchor.ts'
import { createPolicy } from '../trust/policy.ts'
import type { Refusal } from '../trust/refusal.ts'
import { noEvidence, verdict } from '../trust/verdict.ts'
import { encodeCertificatePem } from '../x509/certificate.ts'
import { TlsError } from './errors.ts'
import { readPeer } from './read-peer.ts'
import { identityOptions, protocolOptions } from './secure-context.ts'

export interface DialOptions {
  readonly host: string
  readonly port: number
  /** The DNS name or IP address that the server's SAN must hold. A common name never counts. */
  readonly serverName: string
  /** At least one; the system's roots are never used. */
  readonly anchors: readonly Anchor[]
  /** Shown when the server asks for a certificate. */
  readonly identity?: IdentitySource
  /** For connecting and the handshake together. Default: 10,000. */
  readonly timeoutMs?: number
  readonly clock?: Pick<Clock, 'now'>
}

const defaultTimeoutMs = 10_000

/**
 * Connects to a TLS server and judges it: OpenSSL and our own verdict must both accept. Nothing is sent before.
 * With TLS 1.3 a server may still refuse this side's certificate afterwards; that shows on the first read.
 * @throws {TlsError} dial-failed | dial-timeout | server-refused, with every refusal
 * @throws {TrustError} anchors-missing
 */
export async function dialTls(options: DialOptions): Promise<TLSSocket> {
  const { serverName, anchors, clock = systemClock } = options
  const policy = createPolicy({
    tlsType: 'MUTUAL',
    purpose: 'serverAuth',
    anchors,
    allowList: 'any-name',
    serverName,
  })
  const socket = await handshake(options)
  let faults: readonly Refusal[]
  try {
    const judged = verdict(policy, readPeer(socket), noEvidence, clock.now())
    if (judged.outcome === 'accept' && socket.authorized) return socket
    faults = judged.faults
  } catch (cause) {
    socket.destroy()
    throw dialFailed(options, cause)
  }
  socket.destroy()
  const reasons = faults.map(({ code, what }) => `${code} ${what}`)
  // Where OpenSSL refuses what we accept, refuse: two locks on the same door.
  const said =
    reasons.length > 0
      ? reasons.join('; ')
      : `OpenSSL refuses it (${String(socket.authorizationError)})`
  throw new TlsError('server-refused', `Cannot trust the server at ${target(options)}: ${said}`, {
    refusals: faults,
    ...(faults[0] && { hint: faults[0].fix }),
  })
}

async function handshake(options: DialOptions): Promise<TLSSocket> {
  const { timeoutMs = defaultTimeoutMs } = options
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>()
  const socket = open(options)
  socket.setNoDelay(true)
  const timer = setTimeout(() => {
    reject(
      new TlsError(
        'dial-timeout',
        `Cannot connect to ${target(options)}: no TLS connection within ${timeoutMs} ms`,
        {
          hint: 'Check that the server runs, that the address is right, and that it speaks TLS',
        },
      ),
    )
    socket.destroy()
  }, timeoutMs)
  socket.once('secureConnect', () => resolve(socket))
  socket.on('error', (cause: Error) => reject(dialFailed(options, cause)))
  socket.once('close', () =>
    reject(dialFailed(options, new Error('the connection was closed during the handshake'))),
  )
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

function open(options: DialOptions): TLSSocket {
  try {
    return connect(connectOptions(options))
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof TypeError) throw cause
    // OpenSSL takes no identity that it finds too weak.
    throw dialFailed(options, cause)
  }
}

function connectOptions({
  host,
  port,
  serverName,
  anchors,
  identity,
}: DialOptions): ConnectionOptions {
  return {
    ...protocolOptions(),
    ...(identity && identityOptions(identity.current())),
    host,
    port,
    // RFC 6066 §3: an IP address is not a server name indication, and a name has no dot at its end.
    ...(isIP(serverName) === 0 && { servername: serverName.replace(/\.$/, '') }),
    ca: anchors.map(({ certificate }) => encodeCertificatePem(certificate)),
    // A pinned certificate and a trusted intermediate end the path themselves.
    allowPartialTrustChain: true,
    checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
    // `dialTls` refuses right after the handshake: a refusal there knows the certificates and names every reason.
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  }
}

function dialFailed(options: DialOptions, cause: unknown): TlsError {
  const reason = cause instanceof Error ? cause.message : 'unknown error'
  return new TlsError('dial-failed', `Cannot connect to ${target(options)}: ${reason}`, {
    cause,
    hint: 'Check that the server runs, that the address is right, and that it speaks TLS 1.2 or 1.3',
  })
}

function target({ host, port, serverName }: DialOptions): string {
  return serverName === host ? `${host}:${port}` : `${host}:${port} ("${serverName}")`
}
