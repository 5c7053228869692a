import { createServer, STATUS_CODES } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { limits } from './limits.ts'
import { renderRestError } from './rest-error.ts'

/** node:http's parser with limits. It never listens: a guard feeds it, by `emit('connection', socket)`. */
export function createHttpServer(listener: RequestListener): Server {
  const server = createServer(
    {
      insecureHTTPParser: false,
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
    },
    listener,
  )
  server.timeout = limits.idleTimeoutMs
  // 0: no limit. Beyond another one Node drops headers in silence; the size of the head bounds them.
  server.maxHeadersCount = 0
  // Node looks for late heads and requests only from `listening` on (node:_http_server, setupConnectionsTracking).
  server.emit('listening')
  return server
}

/** Answers bytes that are no request, in the API's own shape. */
export function answerMalformed(
  error: NodeJS.ErrnoException,
  socket: IncomingMessage['socket'],
): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const { status, title } = malformed[error.code ?? ''] ?? {
    status: 400,
    title: 'The request is malformed.',
  }
  const { contentType, body } = renderRestError({ title, status, details: {} }, undefined)
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      `Content-Type: ${contentType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-cache',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

const malformed: Readonly<Record<string, { readonly status: number; readonly title: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, title: 'The head of the request is too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, title: 'The request did not come in time.' },
}
