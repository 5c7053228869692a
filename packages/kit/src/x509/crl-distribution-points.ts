import type { Certificate } from './certificate.ts'
import {
  DerReader,
  constructedContextTag,
  contextTag,
  malformed,
  readSingle,
  tags,
} from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { defaultFalse } from './der-values.ts'
import { boolean, element, explicit, implicit, sequence } from './der-writer.ts'
import type { UnreadExtension } from './extensions.ts'
import { decodeGeneralName, encodeGeneralName } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { decodeName } from './name.ts'
import type { Rdn } from './name.ts'
import { decodeReasonFlags, encodeReasonFlags } from './revocation-reason.ts'
import type { ScopedReason } from './revocation-reason.ts'

const crlDistributionPointsOid = '2.5.29.31'
export const freshestCrlOid = '2.5.29.46'

/** Where a CRL is found, or which part of a CA's certificates it covers. RFC 5280 §4.2.1.13 */
export type DistributionPointName =
  | { readonly type: 'full'; readonly names: readonly GeneralName[] }
  /** To be put below the name of the CRL's issuer. */
  | { readonly type: 'relative'; readonly rdn: Rdn; readonly der: Uint8Array }

export interface DistributionPoint {
  readonly name?: DistributionPointName
  /** Absent: all reasons. */
  readonly reasons?: readonly ScopedReason[]
  /** Who issues the CRL, where it is not the certificate's issuer. */
  readonly crlIssuer?: readonly GeneralName[]
}

/** RFC 5280 §5.2.5: what a CRL covers. At most one of the three `only` is true. */
export interface IssuingDistributionPoint {
  readonly name?: DistributionPointName
  readonly onlyContainsUserCerts: boolean
  readonly onlyContainsCaCerts: boolean
  readonly onlyContainsAttributeCerts: boolean
  readonly onlySomeReasons?: readonly ScopedReason[]
  readonly indirectCrl: boolean
}

const limits = {
  // Shards and mirrors: real certificates have one to four.
  maxPoints: 32,
  maxNames: 32,
}

/**
 * The certificate's cRLDistributionPoints; none when it has no such extension.
 * @throws {X509Error} der-malformed
 * @see RFC 5280 §4.2.1.13
 */
export function crlDistributionPoints(certificate: Certificate): readonly DistributionPoint[] {
  return pointsIn(certificate, crlDistributionPointsOid)
}

/**
 * The certificate's freshestCRL: where its issuer puts delta CRLs.
 * @throws {X509Error} der-malformed
 * @see RFC 5280 §4.2.1.15
 */
export function freshestCrl(certificate: Certificate): readonly DistributionPoint[] {
  return pointsIn(certificate, freshestCrlOid)
}

/** The http(s) URLs of distribution points, in order, each once. */
export function distributionPointUrls(points: readonly DistributionPoint[]): readonly string[] {
  const urls = points
    .flatMap(({ name }) => (name?.type === 'full' ? name.names : []))
    .flatMap((name) => (name.type === 'uri' && /^https?:/i.test(name.value) ? [name.value] : []))
  return [...new Set(urls)]
}

/**
 * The extension for a certificate: one point for each URL, never critical (RFC 5280 §4.2.1.13). Several URLs in one
 * inner list are copies of one CRL.
 * @throws {TypeError} when nothing is given, or a URL is not ASCII
 */
export function encodeCrlDistributionPoints(
  points: readonly (string | readonly string[] | DistributionPoint)[],
): UnreadExtension {
  return pointsExtension(crlDistributionPointsOid, points)
}

/** @throws {TypeError} when nothing is given, or a URL is not ASCII */
export function encodeFreshestCrl(
  points: readonly (string | readonly string[] | DistributionPoint)[],
): UnreadExtension {
  return pointsExtension(freshestCrlOid, points)
}

/** Reads CRLDistributionPoints. @throws {X509Error} der-malformed */
export function decodeDistributionPoints(value: Uint8Array): readonly DistributionPoint[] {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  const points: DistributionPoint[] = []
  while (!reader.done) {
    if (points.length >= limits.maxPoints) throw malformed('more than 32 distribution points')
    points.push(decodePoint(reader.enter()))
  }
  if (points.length === 0) throw malformed('distribution points without a point')
  return points
}

/** Reads IssuingDistributionPoint. @throws {X509Error} der-malformed */
export function decodeIssuingDistributionPoint(value: Uint8Array): IssuingDistributionPoint {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  // RFC 5280 §5.2.5: never an empty sequence.
  if (reader.done) throw malformed('empty issuing distribution point')
  const name = reader.optional(constructedContextTag(0))
  const onlyContainsUserCerts = defaultFalse(reader.optional(contextTag(1)))
  const onlyContainsCaCerts = defaultFalse(reader.optional(contextTag(2)))
  const reasons = reader.optional(contextTag(3))
  const indirectCrl = defaultFalse(reader.optional(contextTag(4)))
  const onlyContainsAttributeCerts = defaultFalse(reader.optional(contextTag(5)))
  reader.finish()
  const kinds = [onlyContainsUserCerts, onlyContainsCaCerts, onlyContainsAttributeCerts]
  if (kinds.filter(Boolean).length > 1) throw malformed('a CRL of only two kinds of certificates')
  return {
    ...(name && { name: decodePointName(name) }),
    onlyContainsUserCerts,
    onlyContainsCaCerts,
    onlyContainsAttributeCerts,
    ...(reasons && { onlySomeReasons: decodeReasonFlags(reasons) }),
    indirectCrl,
  }
}

/** @throws {TypeError} when it would say nothing: RFC 5280 §5.2.5 forbids the empty sequence */
export function encodeIssuingDistributionPoint(
  point: Partial<IssuingDistributionPoint>,
): Uint8Array {
  const flag = (number: number, value: boolean | undefined): readonly Uint8Array[] =>
    value === true ? [implicit(number, boolean(true).subarray(2))] : []
  const parts = [
    ...(point.name === undefined ? [] : [explicit(0, encodePointName(point.name))]),
    ...flag(1, point.onlyContainsUserCerts),
    ...flag(2, point.onlyContainsCaCerts),
    ...(point.onlySomeReasons === undefined
      ? []
      : [implicit(3, encodeReasonFlags(point.onlySomeReasons))]),
    ...flag(4, point.indirectCrl),
    ...flag(5, point.onlyContainsAttributeCerts),
  ]
  if (parts.length === 0) throw new TypeError('An issuing distribution point that says nothing')
  return sequence(...parts)
}

function pointsIn({ extensions }: Certificate, oid: string): readonly DistributionPoint[] {
  const found = extensions.unread.find((extension) => extension.oid === oid)
  return found === undefined ? [] : decodeDistributionPoints(found.value)
}

function decodePoint(reader: DerReader): DistributionPoint {
  const name = reader.optional(constructedContextTag(0))
  const reasons = reader.optional(contextTag(1))
  const crlIssuer = reader.optional(constructedContextTag(2))
  reader.finish()
  // RFC 5280 §4.2.1.13: never of reasons alone.
  if (name === undefined && crlIssuer === undefined)
    throw malformed('distribution point with neither a name nor a CRL issuer')
  return {
    ...(name && { name: decodePointName(name) }),
    ...(reasons && { reasons: decodeReasonFlags(reasons) }),
    ...(crlIssuer && { crlIssuer: decodeNames(crlIssuer) }),
  }
}

/** `[0] EXPLICIT`, because DistributionPointName is a CHOICE (X.680 §31.2.7). */
function decodePointName({ content }: DerElement): DistributionPointName {
  const choice = readSingle(content)
  if (choice.tag === constructedContextTag(0)) return { type: 'full', names: decodeNames(choice) }
  if (choice.tag !== constructedContextTag(1)) throw malformed('unknown distribution point name')
  const der = element(tags.set, choice.content)
  const [rdn = []] = decodeName(sequence(der)).rdns
  return { type: 'relative', rdn, der }
}

function decodeNames({ content }: DerElement): readonly GeneralName[] {
  const reader = new DerReader(content)
  const names: GeneralName[] = []
  while (!reader.done) {
    if (names.length >= limits.maxNames) throw malformed('more than 32 general names')
    names.push(decodeGeneralName(reader.read()))
  }
  if (names.length === 0) throw malformed('empty general names')
  return names
}

function encodePointName(name: DistributionPointName): Uint8Array {
  return name.type === 'full'
    ? explicit(0, Buffer.concat(name.names.map(encodeGeneralName)))
    : explicit(1, readSingle(name.der, tags.set).content)
}

function encodePoint(point: string | readonly string[] | DistributionPoint): Uint8Array {
  const { name, reasons, crlIssuer } = pointOf(point)
  if (name === undefined && crlIssuer === undefined)
    throw new TypeError('A distribution point with neither a name nor a CRL issuer')
  return sequence(
    ...(name === undefined ? [] : [explicit(0, encodePointName(name))]),
    ...(reasons === undefined ? [] : [implicit(1, encodeReasonFlags(reasons))]),
    ...(crlIssuer === undefined
      ? []
      : [explicit(2, Buffer.concat(crlIssuer.map(encodeGeneralName)))]),
  )
}

function pointOf(point: string | readonly string[] | DistributionPoint): DistributionPoint {
  if (typeof point === 'string') return pointOf([point])
  if (!isList(point)) return point
  return { name: { type: 'full', names: point.map((value) => ({ type: 'uri', value })) } }
}

function isList(point: readonly string[] | DistributionPoint): point is readonly string[] {
  return Array.isArray(point)
}

function pointsExtension(
  oid: string,
  points: readonly (string | readonly string[] | DistributionPoint)[],
): UnreadExtension {
  if (points.length === 0) throw new TypeError('No distribution point')
  return { oid, critical: false, value: sequence(...points.map(encodePoint)) }
}
