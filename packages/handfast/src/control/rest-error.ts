import type { FastifyError } from 'fastify'
import { StoreError } from '../store/errors.ts'
import { ControlError } from './errors.ts'
import type { ControlErrorReason } from './errors.ts'
import { limits } from './limits.ts'

/** Corda's error body, with what goes into the head of the answer. */
export interface RestError {
  readonly title: string
  readonly status: number
  readonly details: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** Absent for what HTTP itself refused. */
  readonly code?: string
  /** True when the fault is ours, so that the client is told its number and nothing else. */
  readonly internal: boolean
}

export interface RequestFacts {
  readonly requestId: string
  /** The header, when there is one. */
  readonly contentLength: string | undefined
}

/** The one place where an error gets the form that clients of the REST API see. */
export function toRestError(error: unknown, request: RequestFacts): RestError {
  const { requestId } = request
  if (error instanceof ControlError) return fromControlError(error) ?? internalError(requestId)
  if (error instanceof StoreError && error.reason === 'database-busy') {
    return { ...plain(503, 'The database is busy.'), code: error.code, headers: retryAfter }
  }
  return fromFramework(error, request) ?? internalError(requestId)
}

/** The body as bytes: JSON, or plain text for a client that wants no JSON. */
export function renderRestError(
  error: Pick<RestError, 'title' | 'status' | 'details'>,
  accept: string | undefined,
): { readonly contentType: string; readonly body: string } {
  const { title, status, details } = error
  if (acceptsJson(accept)) {
    return { contentType: 'application/json', body: JSON.stringify({ title, status, details }) }
  }
  const lines = Object.entries(details).map(([key, value]) => `${key}: ${value}`)
  return { contentType: 'text/plain; charset=utf-8', body: [title, ...lines].join('\n') }
}

/** JSON is the default: only a client that names other types alone gets text. @see RFC 9110 §12.5.1 */
export function acceptsJson(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').map((range) => range.trim().toLowerCase())
  return ranges.every((range) => range === '') || ranges.some(isJsonRange)
}

function isJsonRange(range: string): boolean {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
  const refused = parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
  return !refused && ['*/*', 'application/*', 'application/json'].includes(type)
}

const retryAfter = { 'Retry-After': String(limits.retryAfterSeconds) }
// RFC 7617 §2.1: names and passwords are UTF-8.
const challenge = { 'WWW-Authenticate': 'Basic realm="handfast", charset="UTF-8"' }

interface Form {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Reasons that are not here cannot come out of a request but by a fault of ours. */
const forms: Readonly<Partial<Record<ControlErrorReason, Form>>> = {
  'credentials-missing': { status: 401, headers: challenge },
  'credentials-wrong': { status: 401, headers: challenge },
  'verifications-exhausted': { status: 503, headers: retryAfter },
  'cluster-one-way': { status: 400 },
  'subject-invalid': { status: 400 },
  'holding-id-invalid': { status: 400 },
  'manager-not-found': { status: 404 },
  'manager-without-anchors': { status: 409 },
  'allow-list-full': { status: 409 },
  'path-not-found': { status: 404 },
  'method-not-allowed': { status: 405 },
  'body-too-large': { status: 400 },
  'request-malformed': { status: 400 },
}

function fromControlError({ reason, message, details, code }: ControlError): RestError | undefined {
  const form = forms[reason]
  if (form === undefined) return undefined
  const shown = Object.entries(details).map(([key, value]) => [key, String(value)] as const)
  const headers = {
    ...form.headers,
    // RFC 9110 §15.5.6: a 405 says what is allowed.
    ...(reason === 'method-not-allowed' && { Allow: String(details['allow']) }),
  }
  const { status } = form
  return {
    title: message,
    status,
    details: Object.fromEntries(shown),
    headers,
    code,
    internal: false,
  }
}

/** What Fastify itself refuses, in Corda's words where there are some. */
function fromFramework(error: unknown, { contentLength }: RequestFacts): RestError | undefined {
  if (!isFastifyError(error)) return undefined
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const { maxBodyBytes } = limits
    // Without a Content-Length it was not read to its end.
    const length = contentLength ?? `more than ${maxBodyBytes}`
    return plain(
      400,
      `Content length is ${length} which exceeds the maximum limit of ${maxBodyBytes}.`,
    )
  }
  const { statusCode } = error
  if (statusCode === undefined || statusCode < 400 || statusCode > 499) return undefined
  return plain(statusCode, 'The request is malformed.')
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('FST_')
}

function internalError(requestId: string): RestError {
  return { ...plain(500, 'Unexpected error occurred.'), details: { requestId }, internal: true }
}

function plain(status: number, title: string): RestError {
  return { title, status, details: {}, headers: {}, internal: false }
}
