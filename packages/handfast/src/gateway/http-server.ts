import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { GatewayLimits } from './limits.ts'
import type { RefusalReason } from './refusals.ts'

/** One request and the place for its answer. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly expectsContinue: boolean
  /** What its head alone already decided. */
  readonly refusal?: RefusalReason
}

export interface HttpServerOptions {
  readonly limits: GatewayLimits
  readonly onExchange: (exchange: Exchange) => void
  /** A connection whose bytes are no request that could be answered through a response; `undefined`: it merely broke. */
  readonly onMalformed: (socket: Duplex, reason: RefusalReason | undefined) => void
}

/**
 * node:http's parser, set as strictly as it goes. It never listens: the guard feeds it with accepted connections, by
 * `emit('connection', socket)`.
 */
export function createHttpServer(options: HttpServerOptions): Server {
  const { limits, onExchange, onMalformed } = options
  const server = createServer({
    insecureHTTPParser: false,
    // The rules demand exactly one Host, of HTTP/1.0 too, and answer with a code.
    requireHostHeader: false,
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: limits.headersCheckMs,
    // Uploads may take as long as they move: `timeout` below bounds standing still.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
  })
  server.timeout = limits.idleTimeoutMs
  // 0: no limit. Node would drop headers beyond the limit in silence; the rules count them and refuse.
  server.maxHeadersCount = 0
  server
    .on('request', (request, response) => onExchange({ request, response, expectsContinue: false }))
    .on('checkContinue', (request, response) =>
      onExchange({ request, response, expectsContinue: true }),
    )
    .on('checkExpectation', (request, response) =>
      onExchange({
        request,
        response,
        expectsContinue: false,
        refusal: 'expectation-unsupported',
      }),
    )
    .on('connect', (_request, socket) => onMalformed(socket, 'method-unsupported'))
    .on('clientError', (error, socket) => onMalformed(socket, parserRefusal(error)))
  // Node looks for late heads only from `listening` on (node:_http_server, setupConnectionsTracking).
  server.emit('listening')
  return server
}

function parserRefusal(error: NodeJS.ErrnoException): RefusalReason | undefined {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'head-too-large'
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'head-timeout'
  return error.code?.startsWith('HPE_') === true ? 'request-malformed' : undefined
}
