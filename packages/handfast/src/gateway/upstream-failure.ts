import { TlsError } from '@handfast/kit/tls'
import { errors } from 'undici'
import { DialTimeoutError } from './dial.ts'
import type { RefusalReason } from './refusals.ts'
import { UpstreamBusyError } from './upstream.ts'

/** What a client is told when its upstream failed with `error` before any of an answer was sent. */
export function upstreamRefusal(error: Error): RefusalReason {
  if (error instanceof UpstreamBusyError) return 'upstream-busy'
  if (error instanceof DialTimeoutError) return 'upstream-connect-timeout'
  if (error instanceof TlsError) return tlsRefusal(error)
  const code = codeOf(error)
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return 'upstream-response-timeout'
  // What undici does not send was malformed, and slipped through our rules.
  if (code === 'UND_ERR_INVALID_ARG') return 'request-malformed'
  if (error instanceof errors.HTTPParserError || invalidResponseCodes.has(code)) {
    return 'upstream-response-invalid'
  }
  // TLS 1.3: a server refuses our certificate only after our side of the handshake is complete.
  if (isTlsCode(code)) return 'upstream-tls-failed'
  return unreachableCodes.has(code) ? 'upstream-unreachable' : 'upstream-closed'
}

/** For operators: what happened, with its causes. */
export function explain(error: Error): string {
  const code = codeOf(error)
  const message = code === '' ? error.message : `${error.message} (${code})`
  return error.cause instanceof Error ? `${message}: ${explain(error.cause)}` : message
}

function tlsRefusal(error: TlsError): RefusalReason {
  if (error.reason === 'server-refused') return 'upstream-not-trusted'
  if (error.reason === 'dial-timeout') return 'upstream-connect-timeout'
  return unreachableCodes.has(codeOf(error.cause)) ? 'upstream-unreachable' : 'upstream-tls-failed'
}

function isTlsCode(code: string): boolean {
  return code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO'
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : ''
}

// From dialling only: once a connection stands, its end is ECONNRESET, EPIPE or undici's own.
const unreachableCodes: ReadonlySet<string> = new Set([
  'EACCES',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPERM',
  'ETIMEDOUT',
])

const invalidResponseCodes: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
  // node:http refuses to send such a header on.
  'ERR_HTTP_INVALID_STATUS_CODE',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
])
