import type { Clock } from '@handfast/kit/base'
import type { IncomingMessage } from 'node:http'

export interface LingerOptions {
  readonly clock: Clock
  readonly timeoutMs: number
}

/**
 * Reads the rest of a request's body and throws it away, for a while: closing with bytes unread makes TCP reset the
 * connection, and the client may lose the answer that it was already sent. A client that goes on for longer is cut.
 * @returns resolves when the request is complete or its connection is gone
 */
export async function linger(request: IncomingMessage, options: LingerOptions): Promise<void> {
  if (request.complete || request.socket.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const { clock, timeoutMs } = options
  const deadline = new Date(clock.now().getTime() + timeoutMs)
  const cancel = clock.schedule(deadline, () => request.socket.destroy())
  request.once('end', resolve).once('close', resolve).resume()
  await promise
  cancel()
}
