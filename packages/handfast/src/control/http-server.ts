import { createServer, STATUS_CODES } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { limits } from './limits.ts'
import { renderRestError } from './rest-error.ts'

/** For tests; see `limits.ts`. */
export interface HttpTimeouts {
  readonly headersTimeoutMs?: number
  readonly requestTimeoutMs?: number
  readonly timeoutCheckMs?: number
  readonly keepAliveTimeoutMs?: number
}

/** node:http's parser with limits. It never listens: a guard feeds it, by `emit('connection', socket)`. */
export function createHttpServer(listener: RequestListener, overrides: HttpTimeouts = {}): Server {
  const timeouts = { ...limits, ...overrides }
  const server = createServer(
    {
      insecureHTTPParser: false,
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: timeouts.headersTimeoutMs,
      requestTimeout: timeouts.requestTimeoutMs,
      connectionsCheckingInterval: timeouts.timeoutCheckMs,
      keepAliveTimeout: timeouts.keepAliveTimeoutMs,
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

/** Anything that a guard hands on. */
type Connection = IncomingMessage['socket']

export interface Feed {
  /** Hands a connection to the server. */
  readonly connect: (socket: Connection) => void
  /** Ends the connections once every request that has come is answered. */
  readonly end: () => Promise<void>
}

/**
 * Feeds a server, and ends its connections in peace. Node's own `closeIdleConnections` destroys: a response that is
 * finished for HTTP may still be on its way through TLS, and is lost (measured on 26.10).
 */
export function createFeed(server: Server): Feed {
  const connections = new Set<Connection>()
  const responses = new Set<ServerResponse>()
  const { promise: answered, resolve } = Promise.withResolvers<void>()
  let ending = false
  server.on('request', (_, response) => {
    responses.add(response)
    response.once('close', () => {
      responses.delete(response)
      if (ending && responses.size === 0) resolve()
    })
  })
  return {
    connect(socket) {
      connections.add(socket)
      socket.once('close', () => connections.delete(socket))
      server.emit('connection', socket)
    },
    async end() {
      ending = true
      if (responses.size > 0) await answered
      for (const socket of connections) socket.end()
    },
  }
}

/** Answers bytes that are no request, in the API's own shape. */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Connection): void {
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
