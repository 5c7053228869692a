/** Names and values in turn, as they came: order, case and duplicates kept. */
export type RawHeaders = readonly string[]

export interface Forwarded {
  /** The value of `X-Forwarded-Client-Cert`; only of a peer whose certificate was accepted. */
  readonly identity?: string
  readonly remoteAddress: string | undefined
}

/**
 * The headers that an upstream is sent. What a client says about who or where it is never passes; what belongs to its own
 * connection does not either. Ours are added last, so that nothing a client nominates can take them away.
 */
export function upstreamHeaders(received: RawHeaders, forwarded: Forwarded): string[] {
  const headers = withoutHopByHop(received, (name) => !claims.has(canonicalName(name)))
  if (forwarded.identity !== undefined) headers.push('X-Forwarded-Client-Cert', forwarded.identity)
  if (forwarded.remoteAddress !== undefined) {
    headers.push('X-Forwarded-For', forwarded.remoteAddress)
  }
  // Every listener speaks TLS.
  headers.push('X-Forwarded-Proto', 'https')
  return headers
}

/** The headers that a client is sent: the upstream's, without those of the upstream's own connection. */
export function clientHeaders(received: RawHeaders): string[] {
  return withoutHopByHop(received)
}

function withoutHopByHop(
  received: RawHeaders,
  passes: (name: string) => boolean = () => true,
): string[] {
  const nominated = nominatedNames(received)
  const headers: string[] = []
  for (let index = 0; index + 1 < received.length; index += 2) {
    const name = received[index] ?? ''
    const lower = name.toLowerCase()
    if (hopByHop.has(lower) || (nominated?.has(lower) ?? false) || !passes(lower)) continue
    headers.push(name, received[index + 1] ?? '')
  }
  return headers
}

/** What `Connection:` nominates; `undefined` where it says only what is usual. */
function nominatedNames(headers: RawHeaders): ReadonlySet<string> | undefined {
  let names: Set<string> | undefined
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() !== 'connection') continue
    for (const option of (headers[index + 1] ?? '').split(',')) {
      const name = option.trim().toLowerCase()
      if (name === 'keep-alive' || name === 'close' || neverNominated.has(name)) continue
      names = (names ?? new Set()).add(name)
    }
  }
  return names
}

/**
 * As a backend that turns names into variables sees them: `X_Forwarded.Client-Cert` and `X-Forwarded-Client-Cert` are one
 * name to CGI and its heirs.
 */
function canonicalName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-')
}

// RFC 9110 §7.6.1, with the older names that some still send. Trailers are not forwarded, so they are not announced.
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

// RFC 9110 §7.6.1: a sender must not nominate what is meant for all recipients; these two would change what the request is.
const neverNominated: ReadonlySet<string> = new Set(['host', 'content-length'])

/** What only a gateway may say. In canonical form. */
const claims: ReadonlySet<string> = new Set([
  'x-forwarded-client-cert',
  // RFC 9440
  'client-cert',
  'client-cert-chain',
  // WSO2's gateways read the client's certificate from it (the Choreo Connect guide).
  'x-wso2-client-certificate',
  // RFC 7239, and what came before it
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
])
