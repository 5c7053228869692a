import type { Clock } from '@handfast/kit/base'
import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { linger } from './linger.ts'
import { problemBody, refusals } from './refusals.ts'
import type { RefusalReason } from './refusals.ts'

export interface RefuseOptions {
  readonly reason: RefusalReason
  /** Opaque; the same as in the event. */
  readonly id: string
  /** The connection ends with this answer. */
  readonly close: boolean
  readonly clock: Clock
  readonly lingerTimeoutMs: number
}

/** Answers with a problem; resolves when the request is done with, whether or not the client stayed to read. */
export async function refuseRequest(
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
  options: RefuseOptions,
): Promise<void> {
  const { request, response } = exchange
  const { reason, id, close, clock, lingerTimeoutMs } = options
  if (response.destroyed) return
  const body = problemBody(reason, id)
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  response.once('close', resolve)
  response.writeHead(refusals[reason].status, [
    ...problemHeaders(reason, body),
    ...(close ? ['Connection', 'close'] : []),
  ])
  if (close) {
    // The answer is whole for the client; only our end of it waits until the client has finished speaking.
    response.write(body)
    await linger(request, { clock, timeoutMs: lingerTimeoutMs })
    response.end()
  } else {
    response.end(body)
    await linger(request, { clock, timeoutMs: lingerTimeoutMs })
  }
  await closed
}

/** The same as bytes, where no request could be parsed to be answered. */
export function rawRefusal(reason: RefusalReason, id: string): string {
  const { status } = refusals[reason]
  const body = problemBody(reason, id)
  const headers = [...problemHeaders(reason, body), 'Connection', 'close']
  const lines = headers.map((part, index) => (index % 2 === 0 ? `${part}: ` : `${part}\r\n`))
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`
}

function problemHeaders(reason: RefusalReason, body: string): string[] {
  const headers = ['Content-Type', 'application/problem+json', 'Cache-Control', 'no-store']
  headers.push('Content-Length', String(Buffer.byteLength(body)))
  // RFC 9110 §15.5.6
  if (reason === 'method-unsupported') headers.push('Allow', allowedMethods)
  return headers
}

const allowedMethods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'
