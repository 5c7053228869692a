import type { Clock } from '@handfast/kit/base'
import { dialTls } from '@handfast/kit/tls'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { CompiledUpstream } from './compile-upstream.ts'

export interface DialOptions {
  readonly timeoutMs: number
  readonly clock: Clock
}

/** A plain upstream did not take the connection in time; `dialTls` has an error of its own. */
export class DialTimeoutError extends Error {
  override readonly name = 'DialTimeoutError'
}

/**
 * Opens a connection on which a request may be sent: an upstream with TLS settings has proved its identity by then.
 * @throws {TlsError} from `dialTls`; {@link DialTimeoutError} or the system's error for a plain upstream
 */
export async function dial(upstream: CompiledUpstream, options: DialOptions): Promise<Socket> {
  const { host, port, tls } = upstream
  const socket =
    tls === undefined
      ? await dialPlain({ host, port }, options.timeoutMs)
      : await dialTls({ host, port, ...tls, ...options })
  // A head and a body are two writes: held back, the second would wait for a delayed acknowledgement.
  socket.setNoDelay(true)
  // TLS 1.3: that our certificate is refused comes as an alert after the handshake, and then as an ordinary end, which
  // undici would report instead.
  return socket.once('error', (error: Error) => socket.destroy(error))
}

function dialPlain(address: { host: string; port: number }, timeoutMs: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const socket = connect({ ...address, timeout: timeoutMs })
  const onTimeout = (): void => {
    socket.destroy(new DialTimeoutError(`no connection within ${timeoutMs} ms`))
  }
  socket.once('timeout', onTimeout).once('error', reject)
  socket.once('connect', () => {
    socket.off('timeout', onTimeout).off('error', reject).setTimeout(0)
    resolve(socket)
  })
  return promise
}
