import { concatBytes, fromHex } from './bytes.ts'
import { encodeFreshestCrl, encodeIssuingDistributionPoint } from './crl-distribution-points.ts'
import type { DistributionPoint, IssuingDistributionPoint } from './crl-distribution-points.ts'
import { crlEntryOids } from './crl-entry.ts'
import { afterOtherWork, crlOids, parseCrl } from './crl.ts'
import type { Crl, ParseCrlOptions } from './crl.ts'
import { contextTag, tags } from './der-reader.ts'
import { ascii, bitString, element, explicit, integer, sequence, time } from './der-writer.ts'
import { encodeExtension } from './extension-list.ts'
import type { UnreadExtension } from './extensions.ts'
import { encodeGeneralName } from './general-name.ts'
import type { Name } from './name.ts'
import { extensionOids } from './oids.ts'
import { encodeReason, revocationReasons } from './revocation-reason.ts'
import type { RevocationReason } from './revocation-reason.ts'
import { encodeSignatureAlgorithm } from './signature.ts'
import type { Signer } from './signature.ts'

export interface CrlEntryTemplate {
  /** As certificates have it, in hexadecimal, or big-endian octets; positive. */
  readonly serialNumber: string | Uint8Array
  /** Written to the second, rounded down. */
  readonly revokedAt: Date
  /** `unspecified` is not written (RFC 5280 §5.3.1). `remove-from-crl` is for deltas only. */
  readonly reason?: RevocationReason
  readonly invalidityDate?: Date
  /** Whose certificate it is, in an indirect CRL. It stands until another entry names another. */
  readonly certificateIssuer?: Name
}

/** All that a CRL will say: version 2, and no more than this. */
export interface CrlTemplate {
  readonly issuer: Name
  readonly thisUpdate: Date
  /** Never absent: without it nobody can tell an old list from the current one (RFC 5280 §5.1.2.5). */
  readonly nextUpdate: Date
  /** 0 to 2^159 - 1; grows with every CRL of one scope, deltas included. */
  readonly crlNumber: bigint
  /** The issuer's SubjectKeyIdentifier. */
  readonly authorityKeyIdentifier: Uint8Array
  readonly entries: Iterable<CrlEntryTemplate>
  /** Makes it a delta: the number of the complete CRL that it starts from. */
  readonly deltaBaseNumber?: bigint
  readonly issuingDistributionPoint?: Partial<IssuingDistributionPoint>
  /** Where the deltas are: URLs, or points. */
  readonly freshestCrl?: readonly (string | DistributionPoint)[]
}

const limits = {
  // 5 ms at most.
  entriesPerStep: 256,
}

/**
 * Makes a CRL and reads it back through the strict parser. 100,000 entries take some 0.4 s, in steps of a few
 * milliseconds; the signer is given all bytes at once (5 MB: 3 ms in memory).
 * @throws {X509Error} crl-malformed when the template asks for what no CRL may be
 * @throws {RangeError} when nextUpdate is not after thisUpdate, or a number is out of its range
 * @throws {TypeError} when a serial number is not one
 * @see RFC 5280 §5
 */
export async function createCrl(
  template: CrlTemplate,
  signer: Signer,
  { yieldNow = afterOtherWork }: ParseCrlOptions = {},
): Promise<Crl> {
  if (!(template.nextUpdate > template.thisUpdate))
    throw new RangeError('nextUpdate is not after thisUpdate')
  const algorithm = encodeSignatureAlgorithm(signer.algorithm)
  const revoked = await encodeEntries(template, yieldNow)
  const tbs = sequence(
    integer(1),
    algorithm,
    // The issuer's own bytes: another string type would be another name to a strict reader.
    template.issuer.der,
    time(template.thisUpdate),
    time(template.nextUpdate),
    // RFC 5280 §5.1.2.6: absent when there are none.
    ...(revoked.length === 0 ? [] : [sequence(revoked)]),
    explicit(0, sequence(...crlExtensions(template).map(encodeExtension))),
  )
  await yieldNow()
  const signature = await signer.sign(tbs)
  await yieldNow()
  return parseCrl(sequence(tbs, algorithm, bitString(signature)), { yieldNow })
}

function crlExtensions(template: CrlTemplate): readonly UnreadExtension[] {
  const { deltaBaseNumber, issuingDistributionPoint, freshestCrl } = template
  const extension = (oid: string, value: Uint8Array, critical = false): UnreadExtension => ({
    oid,
    critical,
    value,
  })
  const keyIdentifier = sequence(element(contextTag(0), template.authorityKeyIdentifier))
  return [
    extension(extensionOids.authorityKeyIdentifier, keyIdentifier),
    extension(crlOids.crlNumber, crlNumber(template.crlNumber)),
    ...(deltaBaseNumber === undefined
      ? []
      : [extension(crlOids.deltaCrlIndicator, crlNumber(deltaBaseNumber), true)]),
    ...(issuingDistributionPoint === undefined
      ? []
      : [
          extension(
            crlOids.issuingDistributionPoint,
            encodeIssuingDistributionPoint(issuingDistributionPoint),
            true,
          ),
        ]),
    ...(freshestCrl === undefined ? [] : [encodeFreshestCrl(freshestCrl)]),
  ]
}

function crlNumber(value: bigint): Uint8Array {
  // RFC 5280 §5.2.3: at most 20 octets, the sign's included.
  if (value < 0n || value >= 1n << 159n) throw new RangeError(`Not a CRL number: ${value}`)
  const hex = value.toString(16)
  return integer(Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'))
}

async function encodeEntries(
  { entries, deltaBaseNumber }: CrlTemplate,
  yieldNow: () => Promise<void>,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let piece: Uint8Array[] = []
  for (const entry of entries) {
    if (entry.reason === 'remove-from-crl' && deltaBaseNumber === undefined)
      throw new TypeError('Only a delta CRL takes an entry back')
    piece.push(encodeEntry(entry))
    if (piece.length < limits.entriesPerStep) continue
    pieces.push(concatBytes(piece))
    piece = []
    await yieldNow()
  }
  return concatBytes([...pieces, ...piece])
}

function encodeEntry(entry: CrlEntryTemplate): Uint8Array {
  const extensions = entryExtensions(entry)
  return sequence(
    integer(serialOctets(entry.serialNumber)),
    time(entry.revokedAt),
    ...(extensions.length === 0 ? [] : [sequence(...extensions)]),
  )
}

/** Encoded once: nearly every entry has one of these and no more. */
const reasonExtensions: ReadonlyMap<RevocationReason, Uint8Array> = new Map(
  revocationReasons
    .filter((reason) => reason !== 'unspecified')
    .map((reason) => [
      reason,
      encodeExtension({
        oid: crlEntryOids.reasonCode,
        critical: false,
        value: encodeReason(reason),
      }),
    ]),
)

function entryExtensions({
  reason = 'unspecified',
  invalidityDate,
  certificateIssuer,
}: CrlEntryTemplate): readonly Uint8Array[] {
  const written: Uint8Array[] = []
  const known = reasonExtensions.get(reason)
  if (known !== undefined) written.push(known)
  if (invalidityDate !== undefined) {
    // RFC 5280 §5.3.2: GeneralizedTime, also before 2050.
    const digits = invalidityDate.toISOString().replaceAll(/\.\d+|[-:T]/g, '')
    const value = element(tags.generalizedTime, ascii(digits))
    written.push(encodeExtension({ oid: crlEntryOids.invalidityDate, critical: false, value }))
  }
  if (certificateIssuer !== undefined) {
    const value = sequence(encodeGeneralName({ type: 'directory-name', value: certificateIssuer }))
    written.push(encodeExtension({ oid: crlEntryOids.certificateIssuer, critical: true, value }))
  }
  return written
}

function serialOctets(serialNumber: string | Uint8Array): Uint8Array {
  const octets = typeof serialNumber === 'string' ? fromHex(serialNumber) : serialNumber
  // RFC 5280 §4.1.2.2: positive, at most 20 octets.
  if (
    octets === undefined ||
    octets.length === 0 ||
    octets.length > 20 ||
    octets.every((o) => o === 0)
  )
    throw new TypeError('A serial number is 1 to 20 octets, in hexadecimal, and not 0')
  return octets
}
