/**
 * What a client may be answered by the gateway itself, with a closed list of codes. `title` is all it learns: nothing of
 * addresses, names or certificates behind the gateway.
 */
export const refusals: Readonly<Record<RefusalReason, Refusal>> = {
  'request-malformed': {
    code: 'HF-G201',
    status: 400,
    title: 'The request is not well-formed HTTP/1.1',
    fix: 'Send well-formed HTTP/1.1; a proxy or client that rewrites requests may be at fault',
  },
  'host-ambiguous': {
    code: 'HF-G202',
    status: 400,
    title: 'The request must have exactly one valid Host header',
    fix: 'Send exactly one Host header, and nothing but host and port in it',
  },
  'target-unsupported': {
    code: 'HF-G203',
    status: 400,
    title: 'The request target must be a path',
    fix: 'Send a path as the target, not a whole URL: do not configure the gateway as a forward proxy',
  },
  'method-unsupported': {
    code: 'HF-G204',
    status: 405,
    title: 'The method is not allowed here',
    fix: 'Use another method; CONNECT and TRACE are never forwarded',
  },
  'head-too-large': {
    code: 'HF-G205',
    status: 431,
    title: 'The header section is too large',
    fix: 'Send fewer or shorter headers and cookies',
  },
  'head-timeout': {
    code: 'HF-G206',
    status: 408,
    title: 'The header section came too slowly',
    fix: 'Send the whole head without pausing',
  },
  'expectation-unsupported': {
    code: 'HF-G207',
    status: 417,
    title: 'Only 100-continue can be expected',
    fix: 'Leave the Expect header out, or send 100-continue',
  },
  'upgrade-unsupported': {
    code: 'HF-G208',
    status: 501,
    title: 'Switching protocols is not supported',
    fix: 'Do not ask to switch protocols: WebSockets are not forwarded yet',
  },
  'transfer-coding-unsupported': {
    code: 'HF-G209',
    status: 501,
    title: 'The only supported transfer coding is chunked',
    fix: 'Send the body with Content-Length or chunked',
  },
  'version-unsupported': {
    code: 'HF-G210',
    status: 505,
    title: 'Use HTTP/1.1',
    fix: 'Use HTTP/1.1',
  },
  'upstream-unreachable': {
    code: 'HF-G301',
    status: 502,
    title: 'The upstream cannot be reached',
    fix: "Check that the upstream runs and that the listener's upstream.url is right",
  },
  'upstream-not-trusted': {
    code: 'HF-G302',
    status: 502,
    title: 'The upstream did not prove its identity',
    fix: "Look at the refusals in the event: the upstream's certificate, its names and upstream.anchors must fit",
  },
  'upstream-tls-failed': {
    code: 'HF-G303',
    status: 502,
    title: 'The upstream and the gateway could not agree on a TLS connection',
    fix: 'Check that the upstream speaks TLS 1.2 or 1.3, and that it accepts upstream.identity',
  },
  'upstream-connect-timeout': {
    code: 'HF-G304',
    status: 504,
    title: 'The upstream did not accept a connection in time',
    fix: 'Check the network between gateway and upstream',
  },
  'upstream-response-timeout': {
    code: 'HF-G305',
    status: 504,
    title: 'The upstream did not answer in time',
    fix: 'Look for what keeps the upstream busy',
  },
  'upstream-closed': {
    code: 'HF-G306',
    status: 502,
    title: 'The upstream closed the connection before it answered',
    fix: "Look at the upstream's log: it may have refused the gateway's certificate, or crashed",
  },
  'upstream-response-invalid': {
    code: 'HF-G307',
    status: 502,
    title: 'The upstream did not answer with well-formed HTTP/1.1',
    fix: 'Check that the upstream speaks HTTP/1.1 at this port',
  },
  'upstream-busy': {
    code: 'HF-G308',
    status: 503,
    title: 'Too many requests are waiting',
    fix: 'Send fewer requests at once, or give the upstream more capacity',
  },
}

export interface Refusal {
  readonly code: `HF-G${string}`
  readonly status: number
  readonly title: string
  /** For the operator and the documents: what to do. */
  readonly fix: string
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
