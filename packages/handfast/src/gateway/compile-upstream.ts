import type { IdentitySource } from '@handfast/kit/identity'
import type { Anchor } from '@handfast/kit/trust'
import { isDnsName } from '@handfast/kit/x509'
import { isIP } from 'node:net'
import { anchorsOf } from './compile-anchors.ts'
import type { AnchorsById } from './compile-anchors.ts'
import { GatewayError } from './errors.ts'
import type { GatewayErrorReason } from './errors.ts'
import type { UpstreamState } from './state.ts'
import { canonicalJson } from './state-digest.ts'

/** How to reach an upstream, and whom to expect there. */
export interface CompiledUpstream {
  /** Equal keys: the same settings, down to the anchors' certificates; connections may stay. */
  readonly key: string
  readonly host: string
  readonly port: number
  /** Absent for plain HTTP. */
  readonly tls?: UpstreamTls
}

export interface UpstreamTls {
  readonly serverName: string
  readonly anchors: readonly Anchor[]
  readonly identity?: IdentitySource
}

export interface CompileUpstreamOptions {
  /** The listener's name, for errors. */
  readonly listener: string
  readonly anchors: AnchorsById
  readonly identityOf: (name: string) => IdentitySource
}

/** @throws {GatewayError} upstream-url-invalid and others */
export function compileUpstream(
  state: UpstreamState,
  options: CompileUpstreamOptions,
): CompiledUpstream {
  const { protocol, host, port } = parseAddress(state, options.listener)
  const tls = protocol === 'https:' ? compileTls(state, options) : undefined
  if (tls === undefined) refuseTlsSettings(state, options.listener)
  const trusted = tls?.anchors.map((anchor) => [anchor.kind, hex(anchor.certificate.der)])
  return { key: canonicalJson([state, trusted]), host, port, ...(tls && { tls }) }
}

interface Address {
  readonly protocol: string
  readonly host: string
  readonly port: number
}

function parseAddress({ url }: UpstreamState, listener: string): Address {
  const parsed = URL.parse(url)
  const refuse = (what: string): GatewayError =>
    refusal('upstream-url-invalid', { listener, what: `its upstream "${url}" ${what}` })
  if (parsed === null) throw refuse('is not a URL')
  const { protocol, hostname, href, origin } = parsed
  if (protocol !== 'http:' && protocol !== 'https:') throw refuse('is neither http: nor https:')
  // Catches credentials, path, query and fragment alike.
  if (href !== `${origin}/`) throw refuse('has more than scheme, host and port')
  const port = Number(parsed.port || (protocol === 'https:' ? 443 : 80))
  if (port === 0) throw refuse('has port 0')
  return { protocol, host: hostname.replace(/^\[(.*)\]$/, '$1'), port }
}

function compileTls(state: UpstreamState, options: CompileUpstreamOptions): UpstreamTls {
  const { listener, identityOf } = options
  const { serverName, identity } = state
  if (serverName === undefined || !(isIP(serverName) !== 0 || isServerName(serverName))) {
    const found = serverName === undefined ? 'no server name' : `server name "${serverName}"`
    throw refusal('upstream-server-name-invalid', {
      listener,
      what: `its upstream has ${found}, wanted is the DNS name or address in the upstream's certificate`,
    })
  }
  if (state.anchors.length === 0) {
    throw refusal('upstream-anchors-missing', {
      listener,
      what: 'its upstream speaks TLS, but no anchor may vouch for it',
    })
  }
  const anchors = anchorsOf(state.anchors, options)
  return { serverName, anchors, ...(identity !== undefined && { identity: identityOf(identity) }) }
}

function isServerName(name: string): boolean {
  return isDnsName(name) && !name.includes('*')
}

function refuseTlsSettings(
  { serverName, anchors, identity }: UpstreamState,
  listener: string,
): void {
  if (serverName === undefined && identity === undefined && anchors.length === 0) return
  throw refusal('setting-without-effect', {
    listener,
    what: 'its upstream is plain http:, so server name, anchors and identity would protect nothing',
  })
}

function refusal(
  reason: GatewayErrorReason,
  { listener, what }: { readonly listener: string; readonly what: string },
): GatewayError {
  return new GatewayError(reason, `Cannot use listener "${listener}": ${what}`, {
    details: { listener },
  })
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
