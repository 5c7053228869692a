import {
  decodeIssuingDistributionPoint,
  decodeDistributionPoints,
  freshestCrlOid,
} from './crl-distribution-points.ts'
import type { DistributionPoint, IssuingDistributionPoint } from './crl-distribution-points.ts'
import { indexEntries } from './crl-entries.ts'
import type { CrlEntries } from './crl-entries.ts'
import { crlsOfPem, encodeCrlPemText } from './crl-pem.ts'
import { DerReader, constructedContextTag, malformed, readSingle, tags } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { bitStringOctets, integerBytes, smallInteger, timeValue } from './der-values.ts'
import { equalBytes, toHex } from './bytes.ts'
import { X509Error } from './errors.ts'
import { decodeExtensionList, encodeExtension, unknownCritical } from './extension-list.ts'
import { decodeExtensions } from './extensions.ts'
import type { UnreadExtension } from './extensions.ts'
import { extensionOids } from './oids.ts'
import { nameOfElement } from './name.ts'
import type { Name } from './name.ts'
import { looksLikePem } from './pem.ts'
import { decodeSignatureAlgorithm } from './signature.ts'
import type { SignatureAlgorithm } from './signature.ts'
import { sequence } from './der-writer.ts'

export const crlOids = {
  crlNumber: '2.5.29.20',
  deltaCrlIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
} as const

/**
 * A certificate revocation list, parsed once. Parsing proves its form, nothing else: `crlStatus` judges it.
 * @see RFC 5280 §5.1
 */
export interface Crl {
  readonly der: Uint8Array
  /** The bytes that the signature covers, as received. */
  readonly tbs: Uint8Array
  readonly version: 1 | 2
  readonly issuer: Name
  readonly thisUpdate: Date
  readonly nextUpdate?: Date
  readonly crlNumber?: bigint
  /** In a delta CRL: the number of the complete one that it starts from. */
  readonly deltaBaseNumber?: bigint
  readonly issuingDistributionPoint?: IssuingDistributionPoint
  readonly authorityKeyIdentifier?: Uint8Array
  /** Where its deltas are. */
  readonly freshestCrl: readonly DistributionPoint[]
  /** OIDs of critical extensions, of the list or of an entry, that are not known here: it cannot be relied on. */
  readonly unknownCritical: readonly string[]
  readonly entries: CrlEntries
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
}

export interface ParseCrlOptions {
  /**
   * Called every few milliseconds of work; the next step waits for what it returns. Without it, other work of the event
   * loop goes first (`setImmediate`).
   */
  readonly yieldNow?: () => Promise<void>
}

const limits = {
  // Some 1.4 million entries; the largest public ones have one million.
  maxCrlBytes: 64 * 1024 * 1024,
  maxPemBytes: 96 * 1024 * 1024,
  maxCrlsInFile: 1000,
}

/**
 * Reads the one CRL of a PEM or DER file. 100,000 entries take some 50 ms, in steps of a few: the event loop is not held.
 * @throws {X509Error} crl-malformed | pem-malformed
 */
export async function parseCrl(
  bytes: Uint8Array | string,
  options: ParseCrlOptions = {},
): Promise<Crl> {
  const [crl, ...more] = await parseCrls(bytes, options)
  if (crl === undefined || more.length > 0) throw malformedCrl('more than one in one file')
  return crl
}

/**
 * Reads the CRLs of a PEM bundle, passing over other blocks, or of one DER file.
 * @throws {X509Error} crl-malformed (none found, or one is not sound) | pem-malformed
 */
export async function parseCrls(
  bytes: Uint8Array | string,
  { yieldNow = afterOtherWork }: ParseCrlOptions = {},
): Promise<readonly Crl[]> {
  if (bytes.length > limits.maxPemBytes) throw malformedCrl('it is larger than 96 MiB')
  const isDer = typeof bytes !== 'string' && !looksLikePem(bytes)
  const ders = isDer ? [bytes] : await crlsOfPem(bytes, yieldNow)
  if (ders.length > limits.maxCrlsInFile) throw malformedCrl('more than 1,000 in one file')
  const crls: Crl[] = []
  for (const der of ders) crls.push(await parseDer(der, yieldNow))
  return crls
}

export function encodeCrlPem(crl: Crl): string {
  return encodeCrlPemText(crl.der)
}

/** Lets timers and sockets go first. */
export function afterOtherWork(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

async function parseDer(der: Uint8Array, yieldNow: () => Promise<void>): Promise<Crl> {
  if (der.length > limits.maxCrlBytes) throw malformedCrl('it is larger than 64 MiB')
  try {
    return await decodeCrl(der, yieldNow)
  } catch (cause) {
    const own = cause instanceof X509Error && cause.reason === 'crl-malformed'
    if (own || !(cause instanceof X509Error)) throw cause
    throw malformedCrl(cause.message, cause)
  }
}

async function decodeCrl(der: Uint8Array, yieldNow: () => Promise<void>): Promise<Crl> {
  const outer = new DerReader(readSingle(der, tags.sequence).content)
  const tbs = outer.read(tags.sequence)
  const outerAlgorithm = outer.read(tags.sequence)
  const signature = bitStringOctets(outer.read(tags.bitString))
  outer.finish()

  const reader = new DerReader(tbs.content)
  const version = decodeVersion(reader.optional(tags.integer))
  const innerAlgorithm = reader.read(tags.sequence)
  // RFC 5280 §5.1.1.2: both name the same algorithm.
  if (!equalBytes(innerAlgorithm.der, outerAlgorithm.der))
    throw malformedCrl('two signature algorithms')
  const issuer = nameOfElement(reader.read(tags.sequence))
  // RFC 5280 §5.1.2.3: never empty.
  if (issuer.rdns.length === 0) throw malformedCrl('no issuer')
  const thisUpdate = timeValue(reader.read())
  const nextUpdate = isTime(reader.peekTag()) ? timeValue(reader.read()) : undefined
  const revoked = reader.optional(tags.sequence)
  // RFC 5280 §5.1.2.6: absent when there are none.
  if (revoked?.content.length === 0) throw malformedCrl('empty list of revoked certificates')
  const encoded = reader.optional(constructedContextTag(0))
  reader.finish()
  // RFC 5280 §5.1.2.1: extensions are of version 2.
  if (encoded !== undefined && version === 1) throw malformedCrl('extensions in version 1')
  const extensions = encoded && decodeCrlExtensions(readSingle(encoded.content, tags.sequence))

  const entries = await indexEntries(revoked?.content ?? new Uint8Array(0), {
    crlIssuer: issuer,
    indirect: extensions?.issuingDistributionPoint?.indirectCrl === true,
    delta: extensions?.deltaBaseNumber !== undefined,
    yieldNow,
  })
  return {
    der,
    tbs: tbs.der,
    version,
    issuer,
    thisUpdate,
    ...(nextUpdate && { nextUpdate }),
    freshestCrl: [],
    ...extensions,
    unknownCritical: [
      ...new Set([...(extensions?.unknownCritical ?? []), ...entries.unknownCritical]),
    ],
    entries,
    signatureAlgorithm: decodeSignatureAlgorithm(outerAlgorithm),
    signature,
  }
}

type CrlExtensions = Pick<
  Crl,
  | 'crlNumber'
  | 'deltaBaseNumber'
  | 'issuingDistributionPoint'
  | 'authorityKeyIdentifier'
  | 'freshestCrl'
  | 'unknownCritical'
>

function decodeCrlExtensions(encoded: DerElement): CrlExtensions {
  const extensions = decodeExtensionList(encoded)
  const find = (oid: string): UnreadExtension | undefined =>
    extensions.find((extension) => extension.oid === oid)
  const number = find(crlOids.crlNumber)
  const base = find(crlOids.deltaCrlIndicator)
  const point = find(crlOids.issuingDistributionPoint)
  const freshest = find(freshestCrlOid)
  const authorityKeyIdentifier = decodeAuthorityKeyIdentifier(
    find(extensionOids.authorityKeyIdentifier),
  )
  // RFC 5280 §5.2.3, §5.2.6: never critical.
  if (number?.critical === true) throw malformed('CRL number marked critical')
  if (freshest?.critical === true) throw malformed('freshest CRL marked critical')
  // RFC 5280 §5.2.4: always critical; whoever passes over it takes the delta for a complete CRL.
  if (base?.critical === false) throw malformed('delta CRL indicator that is not critical')
  // RFC 5280 §5.2.6: a delta has no deltas.
  if (base !== undefined && freshest !== undefined) throw malformed('freshest CRL in a delta')
  return {
    ...(number && { crlNumber: decodeCrlNumber(number.value) }),
    ...(base && { deltaBaseNumber: decodeCrlNumber(base.value) }),
    ...(point && { issuingDistributionPoint: decodeIssuingDistributionPoint(point.value) }),
    ...(authorityKeyIdentifier && { authorityKeyIdentifier }),
    freshestCrl: freshest === undefined ? [] : decodeDistributionPoints(freshest.value),
    unknownCritical: unknownCritical(extensions, Object.values(crlOids)),
  }
}

function decodeAuthorityKeyIdentifier(
  extension: UnreadExtension | undefined,
): Uint8Array | undefined {
  if (extension === undefined) return undefined
  // The same as in certificates: RFC 5280 §5.2.1.
  const list = readSingle(sequence(encodeExtension(extension)))
  return decodeExtensions(list).authorityKeyIdentifier?.keyIdentifier
}

function decodeCrlNumber(value: Uint8Array): bigint {
  const octets = integerBytes(readSingle(value, tags.integer))
  // RFC 5280 §5.2.3: at most 20 octets, and it only grows from 0.
  if ((octets[0] ?? 0) >= 0x80) throw malformed('negative CRL number')
  if (octets.length > 20) throw malformed('CRL number of more than 20 octets')
  return BigInt(`0x${toHex(octets)}`)
}

function decodeVersion(element: DerElement | undefined): 1 | 2 {
  if (element === undefined) return 1
  if (smallInteger(element) === 1) return 2
  throw malformedCrl('unknown version')
}

function isTime(tag: number | undefined): boolean {
  return tag === tags.utcTime || tag === tags.generalizedTime
}

function malformedCrl(what: string, cause?: unknown): X509Error {
  return new X509Error('crl-malformed', `Cannot read CRL: ${what}`, {
    cause,
    hint: 'Check that the file is a CRL (PEM "X509 CRL" or DER) and was copied whole',
  })
}
