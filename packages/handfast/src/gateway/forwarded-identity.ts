import { fingerprint, formatName } from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'

/**
 * The value of `X-Forwarded-Client-Cert` for one client certificate, in Envoy's form:
 * `Hash=<SHA-256 of the DER>;Subject="<RFC 4514>";URI=<SAN>;DNS=<SAN>`.
 *
 * Whatever the certificate holds, the value is printable ASCII and cannot be read as anything but these pairs: in
 * values, `"`, `\` and every octet outside printable ASCII are written as RFC 4514 escapes (`\22`, `\5C`, `\C3\A9`), so
 * that no raw quotation mark and no doubled backslash exists, and a value with a separator is quoted.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert
 */
export function forwardedIdentity(certificate: Certificate): string {
  const names = certificate.extensions.subjectAltNames?.names ?? []
  return [
    `Hash=${fingerprint(certificate)}`,
    // Quoted also when empty, as Envoy does: a subject nearly always holds "=" and ",".
    `Subject="${formatName(certificate.subject, { asciiOnly: true })}"`,
    ...names.flatMap((name) => (name.type === 'uri' ? [`URI=${writeValue(name.value)}`] : [])),
    ...names.flatMap((name) => (name.type === 'dns' ? [`DNS=${writeValue(name.value)}`] : [])),
  ].join(';')
}

function writeValue(value: string): string {
  const escaped = value.replaceAll(/["\\]|[^\x20-\x7e]/gu, escapeOctets)
  return /^[^\s,;="\\]+$/.test(escaped) ? escaped : `"${escaped}"`
}

function escapeOctets(character: string): string {
  const octets = Buffer.from(character, 'utf8').toString('hex').toUpperCase()
  return octets.replaceAll(/../g, (octet) => `\\${octet}`)
}
