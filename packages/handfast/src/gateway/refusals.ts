/**
 * What a client may be answered by the gateway itself, with a closed list of codes. `title` is all it learns: nothing of
 * addresses, names or certificates behind the gateway.
 */
export const refusals: Readonly<Record<RefusalReason, Refusal>> = {
  'request-malformed': {
    code: 'HF-G201',
    status: 400,
    title: 'The request is not well-formed HTTP/1.1',
  },
  'host-ambiguous': {
    code: 'HF-G202',
    status: 400,
    title: 'The request must have exactly one valid Host header',
  },
  'target-unsupported': {
    code: 'HF-G203',
    status: 400,
    title: 'The request target must be a path',
  },
  'method-unsupported': { code: 'HF-G204', status: 405, title: 'The method is not allowed here' },
  'head-too-large': { code: 'HF-G205', status: 431, title: 'The header section is too large' },
  'head-timeout': { code: 'HF-G206', status: 408, title: 'The header section came too slowly' },
  'expectation-unsupported': {
    code: 'HF-G207',
    status: 417,
    title: 'Only 100-continue can be expected',
  },
  'upgrade-unsupported': {
    code: 'HF-G208',
    status: 501,
    title: 'Switching protocols is not supported',
  },
  'transfer-coding-unsupported': {
    code: 'HF-G209',
    status: 501,
    title: 'The only supported transfer coding is chunked',
  },
  'version-unsupported': { code: 'HF-G210', status: 505, title: 'Use HTTP/1.1' },
  'upstream-unreachable': {
    code: 'HF-G301',
    status: 502,
    title: 'The upstream cannot be reached',
  },
  'upstream-not-trusted': {
    code: 'HF-G302',
    status: 502,
    title: 'The upstream did not prove its identity',
  },
  'upstream-tls-failed': {
    code: 'HF-G303',
    status: 502,
    title: 'The upstream and the gateway could not agree on a TLS connection',
  },
  'upstream-connect-timeout': {
    code: 'HF-G304',
    status: 504,
    title: 'The upstream did not accept a connection in time',
  },
  'upstream-response-timeout': {
    code: 'HF-G305',
    status: 504,
    title: 'The upstream did not answer in time',
  },
  'upstream-closed': {
    code: 'HF-G306',
    status: 502,
    title: 'The upstream closed the connection before it answered',
  },
  'upstream-response-invalid': {
    code: 'HF-G307',
    status: 502,
    title: 'The upstream did not answer with well-formed HTTP/1.1',
  },
  'upstream-busy': { code: 'HF-G308', status: 503, title: 'Too many requests are waiting' },
}

export interface Refusal {
  readonly code: `HF-G${string}`
  readonly status: number
  readonly title: string
}

export type RefusalReason =
  | 'request-malformed'
  | 'host-ambiguous'
  | 'target-unsupported'
  | 'method-unsupported'
  | 'head-too-large'
  | 'head-timeout'
  | 'expectation-unsupported'
  | 'upgrade-unsupported'
  | 'transfer-coding-unsupported'
  | 'version-unsupported'
  | 'upstream-unreachable'
  | 'upstream-not-trusted'
  | 'upstream-tls-failed'
  | 'upstream-connect-timeout'
  | 'upstream-response-timeout'
  | 'upstream-closed'
  | 'upstream-response-invalid'
  | 'upstream-busy'

/**
 * The body of a refusal.
 * @param id opaque; the same as in the event, so that an operator finds the whole story
 * @see RFC 9457
 */
export function problemBody(reason: RefusalReason, id: string): string {
  const { code, status, title } = refusals[reason]
  return JSON.stringify({ type: `urn:handfast:refusal:${code}`, title, status, code, id })
}
