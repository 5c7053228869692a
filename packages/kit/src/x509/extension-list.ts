import { DerReader, malformed, tags } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { defaultFalse, oidText } from './der-values.ts'
import { boolean, octetString, oid, sequence } from './der-writer.ts'
import type { UnreadExtension } from './extensions.ts'

// As many as a certificate may have.
const maxExtensions = 64

/**
 * Reads the `Extensions` of a CRL, of one of its entries, or of OCSP, whose meanings differ from a certificate's.
 * @throws {X509Error} der-malformed when one appears twice, or there is none
 */
export function decodeExtensionList({ content }: DerElement): readonly UnreadExtension[] {
  const reader = new DerReader(content)
  if (reader.done) throw malformed('empty extensions')
  const extensions: UnreadExtension[] = []
  while (!reader.done) {
    if (extensions.length >= maxExtensions) throw malformed('more than 64 extensions')
    const inner = reader.enter()
    const dotted = oidText(inner.read(tags.oid))
    const critical = defaultFalse(inner.optional(tags.boolean))
    const value = inner.read(tags.octetString).content
    inner.finish()
    // RFC 5280 §5.2, §5.3: at most one instance of each.
    if (extensions.some((other) => other.oid === dotted))
      throw malformed(`extension ${dotted} appears twice`)
    extensions.push({ oid: dotted, critical, value })
  }
  return extensions
}

/** One `Extension`. */
export function encodeExtension(extension: UnreadExtension): Uint8Array {
  return sequence(
    oid(extension.oid),
    ...(extension.critical ? [boolean(true)] : []),
    octetString(extension.value),
  )
}

/** The OIDs of critical extensions that are not among `known`. */
export function unknownCritical(
  extensions: readonly UnreadExtension[],
  known: readonly string[],
): readonly string[] {
  return extensions.flatMap(({ oid: dotted, critical }) =>
    critical && !known.includes(dotted) ? [dotted] : [],
  )
}
