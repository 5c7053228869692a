import { equalBytes } from './bytes.ts'
import type { Certificate } from './certificate.ts'
import { parseIpAddress } from './ip-address.ts'

/**
 * True when the certificate names the server: an IP address by an IP name, to the octet; a DNS name by a DNS name,
 * where one `*` may stand for the whole leftmost label. The common name is never looked at.
 * @see RFC 9525 §6.3
 */
export function namesServer(certificate: Certificate, serverName: string): boolean {
  const names = certificate.extensions.subjectAltNames?.names ?? []
  const address = parseIpAddress(serverName)
  if (address !== undefined) {
    return names.some((name) => {
      const octets = name.type === 'ip' ? parseIpAddress(name.value) : undefined
      return octets !== undefined && equalBytes(octets, address)
    })
  }
  const wanted = labelsOf(serverName)
  return names.some((name) => name.type === 'dns' && matches(labelsOf(name.value), wanted))
}

function labelsOf(name: string): readonly string[] {
  return name.toLowerCase().replace(/\.$/, '').split('.')
}

function matches(pattern: readonly string[], wanted: readonly string[]): boolean {
  const [first, ...rest] = pattern
  const [wantedFirst, ...wantedRest] = wanted
  if (pattern.length !== wanted.length || rest.join('.') !== wantedRest.join('.')) return false
  // RFC 9525 §6.3: the wildcard is the whole leftmost label. `*.org` would name a registry's customers.
  if (first === '*') return rest.length >= 2 && wantedFirst !== ''
  return first === wantedFirst && !pattern.some((label) => label.includes('*'))
}
