import { gatewayLimits } from './limits.ts'
import type { RefusalReason } from './refusals.ts'

/** The parts of a request's head that the rules read; node:http's `IncomingMessage` has them. */
export interface RequestHead {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersion: string
  readonly rawHeaders: readonly string[]
}

/**
 * Judges what a strict parser still lets through, where two readers could understand different requests.
 * @returns why the request is refused, `undefined` when it is not
 */
export function checkRequest(
  head: RequestHead,
  maxHeaders: number = gatewayLimits.maxHeaders,
): RefusalReason | undefined {
  if (head.rawHeaders.length > maxHeaders * 2) return 'head-too-large'
  const { hosts, codings, hasLength, upgrades } = readFields(head.rawHeaders)
  if (head.httpVersion !== '1.1' && head.httpVersion !== '1.0') return 'version-unsupported'
  // TRACE answers with what it received: our headers, to the client.
  if (head.method === 'CONNECT' || head.method === 'TRACE') return 'method-unsupported'
  if (!isOriginForm(head.url ?? '')) return 'target-unsupported'
  // RFC 9112 §3.2; HTTP/1.0 clients send one as well nowadays.
  if (hosts.length !== 1 || !isHost(hosts[0] ?? '')) return 'host-ambiguous'
  if (upgrades) return 'upgrade-unsupported'
  return checkFraming(head.httpVersion, { codings, hasLength })
}

interface Fields {
  readonly hosts: readonly string[]
  readonly codings: readonly string[]
  readonly hasLength: boolean
  readonly upgrades: boolean
}

function readFields(rawHeaders: readonly string[]): Fields {
  const hosts: string[] = []
  const codings: string[] = []
  let hasLength = false
  let upgrades = false
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase()
    if (name === 'host') hosts.push(rawHeaders[index + 1] ?? '')
    else if (name === 'transfer-encoding') codings.push(rawHeaders[index + 1] ?? '')
    else if (name === 'content-length') hasLength = true
    else if (name === 'upgrade') upgrades = true
  }
  return { hosts, codings, hasLength, upgrades }
}

// RFC 9112 §3.2.1. `#` never travels; anything outside printable ASCII is percent-encoded by whoever meant it.
function isOriginForm(target: string): boolean {
  return /^\/[\x21\x22\x24-\x7e]*$/.test(target)
}

// RFC 9110 §7.2: uri-host [ ":" port ]; a list, user or path in it is an attempt to be read in two ways.
function isHost(value: string): boolean {
  return /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+;=%-]+)(?::\d{1,5})?$/i.test(value)
}

// RFC 9112 §6.1: the parser refuses most of these already; a second look costs nothing, a smuggled request does.
function checkFraming(
  version: string,
  { codings, hasLength }: Pick<Fields, 'codings' | 'hasLength'>,
): RefusalReason | undefined {
  if (codings.length === 0) return undefined
  if (codings.length > 1 || hasLength || version === '1.0') return 'request-malformed'
  return codings[0]?.trim().toLowerCase() === 'chunked' ? undefined : 'transfer-coding-unsupported'
}
