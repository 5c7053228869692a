import type { Certificate } from './certificate.ts'
import { DerReader, malformed, readSingle, tags } from './der-reader.ts'
import { oidText } from './der-values.ts'
import { oid, sequence } from './der-writer.ts'
import type { UnreadExtension } from './extensions.ts'
import { decodeGeneralName, encodeGeneralName } from './general-name.ts'

const authorityInfoAccessOid = '1.3.6.1.5.5.7.1.1'

const ocspMethod = '1.3.6.1.5.5.7.48.1'
const caIssuersMethod = '1.3.6.1.5.5.7.48.2'

// Real certificates have two.
const maxDescriptions = 32

/** The http(s) URLs that a certificate names for its issuer: OCSP responders, and certificates of the issuer. */
export interface AuthorityInfoAccess {
  readonly ocsp: readonly string[]
  readonly caIssuers: readonly string[]
}

/**
 * Reads a certificate's authorityInfoAccess; empty lists when it has none. Other methods and other kinds of places
 * (LDAP, directory names) are passed over.
 * @throws {X509Error} der-malformed
 * @see RFC 5280 §4.2.2.1
 */
export function authorityInfoAccess({ extensions }: Certificate): AuthorityInfoAccess {
  const found = extensions.unread.find((extension) => extension.oid === authorityInfoAccessOid)
  const urls = { ocsp: new Set<string>(), caIssuers: new Set<string>() }
  for (const { method, url } of found === undefined ? [] : decodeDescriptions(found.value)) {
    if (url === undefined || !/^https?:/i.test(url)) continue
    if (method === ocspMethod) urls.ocsp.add(url)
    if (method === caIssuersMethod) urls.caIssuers.add(url)
  }
  return { ocsp: [...urls.ocsp], caIssuers: [...urls.caIssuers] }
}

/** The extension for a certificate, never critical. @throws {TypeError} when nothing is given, or a URL is not ASCII */
export function encodeAuthorityInfoAccess({
  ocsp = [],
  caIssuers = [],
}: Partial<AuthorityInfoAccess>): UnreadExtension {
  const descriptions = [
    ...ocsp.map((url) => description(ocspMethod, url)),
    ...caIssuers.map((url) => description(caIssuersMethod, url)),
  ]
  if (descriptions.length === 0) throw new TypeError('No place to write')
  return { oid: authorityInfoAccessOid, critical: false, value: sequence(...descriptions) }
}

interface AccessDescription {
  readonly method: string
  readonly url: string | undefined
}

function decodeDescriptions(value: Uint8Array): readonly AccessDescription[] {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  const descriptions: AccessDescription[] = []
  while (!reader.done) {
    if (descriptions.length >= maxDescriptions) throw malformed('more than 32 access descriptions')
    const inner = reader.enter()
    const method = oidText(inner.read(tags.oid))
    const place = decodeGeneralName(inner.read())
    inner.finish()
    descriptions.push({ method, url: place.type === 'uri' ? place.value : undefined })
  }
  if (descriptions.length === 0) throw malformed('authority information access without a place')
  return descriptions
}

function description(method: string, url: string): Uint8Array {
  return sequence(oid(method), encodeGeneralName({ type: 'uri', value: url }))
}
