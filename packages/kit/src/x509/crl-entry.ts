import { toHex } from './bytes.ts'
import { DerReader, constructedContextTag, malformed, readSingle, tags } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { integerBytes, timeValue } from './der-values.ts'
import { decodeExtensionList, unknownCritical } from './extension-list.ts'
import { decodeGeneralName } from './general-name.ts'
import type { Name } from './name.ts'
import { decodeReason, enumeratedTag } from './revocation-reason.ts'
import type { RevocationReason } from './revocation-reason.ts'

export const crlEntryOids = {
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  certificateIssuer: '2.5.29.29',
} as const

/** One certificate that a CRL names. RFC 5280 §5.3 */
export interface CrlEntry {
  /**
   * Lower-case hexadecimal, without leading zero octets, as certificates have it. A negative number, which no
   * certificate may have, is `-` and its two's complement.
   */
  readonly serialNumber: string
  readonly revokedAt: Date
  /** Absent reads as `unspecified`. */
  readonly reason: RevocationReason
  /** Since when the key may have been out of its owner's hands. */
  readonly invalidityDate?: Date
}

export interface EntryExtensions {
  readonly reason: RevocationReason
  readonly invalidityDate?: Date
  /** In indirect CRLs: who issued this certificate and those of the entries that follow. */
  readonly certificateIssuer?: Name
  /** OIDs of critical extensions that are not known here. */
  readonly unknownCritical: readonly string[]
}

/** Reads one whole entry. @throws {X509Error} der-malformed */
export function decodeCrlEntry(encoded: DerElement): CrlEntry {
  const reader = new DerReader(encoded.content)
  const serialNumber = serialText(integerBytes(reader.read(tags.integer)))
  const revokedAt = timeValue(reader.read())
  const extensions = reader.done ? undefined : decodeEntryExtensions(reader.read(tags.sequence))
  reader.finish()
  return {
    serialNumber,
    revokedAt,
    reason: extensions?.reason ?? 'unspecified',
    ...(extensions?.invalidityDate && { invalidityDate: extensions.invalidityDate }),
  }
}

/** Reads crlEntryExtensions. @throws {X509Error} der-malformed */
export function decodeEntryExtensions(encoded: DerElement): EntryExtensions {
  const extensions = decodeExtensionList(encoded)
  const valueOf = (oid: string): Uint8Array | undefined =>
    extensions.find((extension) => extension.oid === oid)?.value
  const reason = valueOf(crlEntryOids.reasonCode)
  const invalidity = valueOf(crlEntryOids.invalidityDate)
  const issuer = extensions.find(({ oid }) => oid === crlEntryOids.certificateIssuer)
  // RFC 5280 §5.3.3: always critical; whoever passes over it takes the entry for another issuer's certificate.
  if (issuer?.critical === false) throw malformed('certificate issuer that is not critical')
  return {
    reason: reason === undefined ? 'unspecified' : decodeReason(readSingle(reason, enumeratedTag)),
    // RFC 5280 §5.3.2: GeneralizedTime, also before 2050.
    ...(invalidity && {
      invalidityDate: timeValue(readSingle(invalidity, tags.generalizedTime)),
    }),
    ...(issuer && { certificateIssuer: decodeCertificateIssuer(issuer.value) }),
    unknownCritical: unknownCritical(extensions, Object.values(crlEntryOids)),
  }
}

/** The DER content of a serial number, from the text that certificates and entries have it in. */
export function serialOctets(serialNumber: string): Uint8Array {
  const negative = serialNumber.startsWith('-')
  const octets = Buffer.from(negative ? serialNumber.slice(1) : serialNumber, 'hex')
  return (octets[0] ?? 0) >= 0x80 && !negative ? Buffer.concat([Buffer.of(0), octets]) : octets
}

function serialText(octets: Uint8Array): string {
  if ((octets[0] ?? 0) >= 0x80) return `-${toHex(octets)}`
  return toHex(octets[0] === 0 && octets.length > 1 ? octets.subarray(1) : octets)
}

/** RFC 5280 §5.3.3: one or more names; the directory name is the one that certificates carry. */
function decodeCertificateIssuer(value: Uint8Array): Name {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  let issuer: Name | undefined
  while (!reader.done) {
    const isDirectoryName = reader.peekTag() === constructedContextTag(4)
    const name = decodeGeneralName(reader.read())
    if (isDirectoryName && issuer !== undefined) throw malformed('two certificate issuers')
    if (name.type === 'directory-name') issuer = name.value
  }
  if (issuer === undefined) throw malformed('certificate issuer without a directory name')
  return issuer
}
