import type { TLSSocket } from 'node:tls'

/** What a refused peer reads: no more than it may know. */
export interface PublicProblem {
  readonly code: string
  readonly title: string
  /** Finds the whole reason in this side's log. */
  readonly id: string
}

const limits = {
  // A client that is still sending must be read, or its kernel drops our answer with a reset.
  maxDrainedBytes: 16 * 1024 * 1024,
  maxDrainMs: 2_000,
}

/**
 * Answers with a fixed 403 and closes. What the peer sends is thrown away unread: nothing of it is parsed.
 * @see RFC 9457
 */
export function refuseHttp(socket: TLSSocket, problem: PublicProblem): void {
  const body = `${JSON.stringify({
    type: `urn:handfast:refusal:${problem.code}`,
    title: problem.title,
    status: 403,
    code: problem.code,
    id: problem.id,
  })}\n`
  socket.end(
    [
      'HTTP/1.1 403 Forbidden',
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
  drain(socket)
}

function drain(socket: TLSSocket): void {
  let drainedBytes = 0
  const timer = setTimeout(() => socket.destroy(), limits.maxDrainMs)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
  socket.on('data', (chunk: Uint8Array) => {
    drainedBytes += chunk.length
    if (drainedBytes > limits.maxDrainedBytes) socket.destroy()
  })
}
