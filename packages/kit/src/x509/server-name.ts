import { equalBytes } from './bytes.ts'
import type { Certificate } from './certificate.ts'
import { isDnsName } from './general-name.ts'
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
  // One dot at the end says that the name is absolute; a certificate's names have none.
  const wanted = serverName.replace(/\.$/, '')
  if (!isDnsName(wanted) || wanted.startsWith('*')) return false
  return names.some(
    // RFC 5280 §4.2.1.6: in the preferred name syntax. An address or an empty text as a DNS name names nothing.
    (name) =>
      name.type === 'dns' &&
      isDnsName(name.value) &&
      matches(labelsOf(name.value), labelsOf(wanted)),
  )
}

function labelsOf(name: string): readonly string[] {
  return name.toLowerCase().split('.')
}

function matches(pattern: readonly string[], wanted: readonly string[]): boolean {
  const [first, ...rest] = pattern
  const [wantedFirst, ...wantedRest] = wanted
  if (pattern.length !== wanted.length || rest.join('.') !== wantedRest.join('.')) return false
  // RFC 9525 §6.3: the wildcard is the whole leftmost label; isDnsName() admits no other, and not `*.org`.
  return first === '*' || first === wantedFirst
}
