import {
  DerReader,
  constructedContextTag,
  contextTag,
  malformed,
  readSingle,
  tags,
} from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { bitString, defaultFalse, integerBytes, oidText, smallInteger } from './der-values.ts'
import type { BitString } from './der-values.ts'
import { decodeGeneralName } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { decodeNameConstraints } from './name-constraints.ts'
import type { NameConstraints } from './name-constraints.ts'
import { extensionOids } from './oids.ts'
import {
  decodeCertificatePolicies,
  decodeInhibitAnyPolicy,
  decodePolicyConstraints,
  decodePolicyMappings,
} from './policy-extensions.ts'
import type { PolicyExtensions } from './policy-extensions.ts'

/** RFC 5280 §4.2.1.3, in the order of its bits. */
export const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const

export type KeyUsage = (typeof keyUsages)[number]

interface Criticality {
  readonly critical: boolean
}

export interface BasicConstraints extends Criticality {
  readonly ca: boolean
  readonly pathLength?: number
}

/** The extensions that this room reads. */
export interface CertificateExtensions extends PolicyExtensions {
  readonly basicConstraints?: BasicConstraints
  readonly keyUsage?: Criticality & { readonly usages: readonly KeyUsage[] }
  /** Dotted OIDs. */
  readonly extendedKeyUsage?: Criticality & { readonly purposes: readonly string[] }
  readonly subjectAltNames?: Criticality & { readonly names: readonly GeneralName[] }
  readonly subjectKeyIdentifier?: Criticality & { readonly keyIdentifier: Uint8Array }
  readonly authorityKeyIdentifier?: Criticality & {
    readonly keyIdentifier?: Uint8Array
    /** True when it has an issuer and a serial number. */
    readonly namesIssuer: boolean
  }
  readonly nameConstraints?: NameConstraints
  /**
   * All that say nothing of the certificate itself: what is not known here, and what only a path's verification
   * reads (`pathConstraintOids`), so that who grants or lists extensions misses none.
   */
  readonly unread: readonly UnreadExtension[]
}

export interface UnreadExtension extends Criticality {
  readonly oid: string
  /** The content of extnValue. */
  readonly value: Uint8Array
}

/** Extensions that constrain a path: evaluated there. */
export const pathConstraintOids: ReadonlySet<string> = new Set([
  extensionOids.nameConstraints,
  extensionOids.certificatePolicies,
  extensionOids.policyMappings,
  extensionOids.policyConstraints,
  extensionOids.inhibitAnyPolicy,
])

const limits = {
  maxExtensions: 64,
  maxGeneralNames: 1024,
  maxPurposes: 64,
}

const authorityInfoAccess = '1.3.6.1.5.5.7.1.1'

/** Reads `Extensions` (a SEQUENCE OF Extension). @throws {X509Error} der-malformed */
export function decodeExtensions(encoded: DerElement): CertificateExtensions {
  const reader = new DerReader(encoded.content)
  if (reader.done) throw malformed('empty extensions')
  const seen = new Set<string>()
  const read: { -readonly [Key in keyof CertificateExtensions]: CertificateExtensions[Key] } = {
    unread: [],
  }
  const unread: UnreadExtension[] = []
  while (!reader.done) {
    const extension = decodeExtension(reader.enter())
    // RFC 5280 §4.2: no more than one instance of an extension.
    if (seen.has(extension.oid)) throw malformed(`extension ${extension.oid} appears twice`)
    if (seen.size >= limits.maxExtensions) throw malformed('more than 64 extensions')
    seen.add(extension.oid)
    const decode = decoders.get(extension.oid)
    if (extension.oid === authorityInfoAccess) checkAuthorityInfoAccess(extension)
    if (decode !== undefined) Object.assign(read, decode(extension))
    if (decode === undefined || pathConstraintOids.has(extension.oid)) unread.push(extension)
  }
  return { ...read, unread }
}

function decodeExtension(reader: DerReader): UnreadExtension {
  const oid = oidText(reader.read(tags.oid))
  const critical = defaultFalse(reader.optional(tags.boolean))
  const value = reader.read(tags.octetString).content
  reader.finish()
  return { oid, critical, value }
}

type Decode = (extension: UnreadExtension) => Partial<CertificateExtensions>

const decoders = new Map<string, Decode>([
  [extensionOids.basicConstraints, decodeBasicConstraints],
  [extensionOids.keyUsage, decodeKeyUsage],
  [extensionOids.extendedKeyUsage, decodeExtendedKeyUsage],
  [extensionOids.subjectAltName, decodeSubjectAltName],
  [extensionOids.subjectKeyIdentifier, decodeSubjectKeyIdentifier],
  [extensionOids.authorityKeyIdentifier, decodeAuthorityKeyIdentifier],
  [
    extensionOids.nameConstraints,
    ({ value, critical }) => ({ nameConstraints: { critical, ...decodeNameConstraints(value) } }),
  ],
  [extensionOids.certificatePolicies, decodeCertificatePolicies],
  [extensionOids.policyMappings, decodePolicyMappings],
  [extensionOids.policyConstraints, decodePolicyConstraints],
  [extensionOids.inhibitAnyPolicy, decodeInhibitAnyPolicy],
])

function decodeBasicConstraints({
  value,
  critical,
}: UnreadExtension): Partial<CertificateExtensions> {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  const ca = defaultFalse(reader.optional(tags.boolean))
  const length = reader.optional(tags.integer)
  reader.finish()
  // RFC 5280 §4.2.1.9: pathLen is meaningful only with cA.
  if (length !== undefined && !ca) throw malformed('path length on a certificate that is no CA')
  return {
    basicConstraints: { ca, critical, ...(length && { pathLength: smallInteger(length) }) },
  }
}

function decodeKeyUsage({ value, critical }: UnreadExtension): Partial<CertificateExtensions> {
  const bits = bitString(readSingle(value, tags.bitString))
  const usages = keyUsages.filter((_, index) => bitSet(bits, index))
  // RFC 5280 §4.2.1.3: at least one bit is set. X.690 §11.2.2: no trailing zero bits.
  if (usages.length === 0) throw malformed('key usage without a usage')
  const size = bits.bytes.length * 8 - bits.unusedBits
  if (!bitSet(bits, size - 1)) throw malformed('key usage with trailing zero bits')
  return { keyUsage: { usages, critical } }
}

function decodeExtendedKeyUsage({
  value,
  critical,
}: UnreadExtension): Partial<CertificateExtensions> {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  const purposes: string[] = []
  while (!reader.done) purposes.push(oidText(reader.read(tags.oid)))
  if (purposes.length === 0) throw malformed('extended key usage without a purpose')
  if (purposes.length > limits.maxPurposes) throw malformed('more than 64 purposes')
  return { extendedKeyUsage: { purposes, critical } }
}

function decodeSubjectAltName({
  value,
  critical,
}: UnreadExtension): Partial<CertificateExtensions> {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  const names: GeneralName[] = []
  while (!reader.done) {
    if (names.length >= limits.maxGeneralNames) throw malformed('more than 1024 alternative names')
    names.push(decodeGeneralName(reader.read()))
  }
  if (names.length === 0) throw malformed('subject alternative name without a name')
  return { subjectAltNames: { names, critical } }
}

function decodeSubjectKeyIdentifier({
  value,
  critical,
}: UnreadExtension): Partial<CertificateExtensions> {
  // RFC 5280 §4.2.1.1 and §4.2.1.2: neither identifier is ever critical.
  if (critical) throw malformed('subject key identifier marked critical')
  return {
    subjectKeyIdentifier: { keyIdentifier: readSingle(value, tags.octetString).content, critical },
  }
}

function decodeAuthorityKeyIdentifier({
  value,
  critical,
}: UnreadExtension): Partial<CertificateExtensions> {
  if (critical) throw malformed('authority key identifier marked critical')
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  const keyIdentifier = reader.optional(contextTag(0))?.content
  const issuer = reader.optional(constructedContextTag(1))
  const serial = reader.optional(contextTag(2))
  reader.finish()
  // RFC 5280 §4.2.1.1: issuer and serial are both present or both absent.
  if ((issuer === undefined) !== (serial === undefined))
    throw malformed('half an authority key identifier')
  if (serial !== undefined) integerBytes(serial)
  return {
    authorityKeyIdentifier: {
      critical,
      namesIssuer: issuer !== undefined,
      ...(keyIdentifier && { keyIdentifier }),
    },
  }
}

/** Its form only: whoever fetches from these places reads them. RFC 5280 §4.2.2.1 */
function checkAuthorityInfoAccess({ value }: UnreadExtension): void {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  if (reader.done) throw malformed('authority information access without a place')
  while (!reader.done) {
    const description = reader.enter()
    oidText(description.read(tags.oid))
    decodeGeneralName(description.read())
    description.finish()
  }
}

function bitSet({ bytes, unusedBits }: BitString, index: number): boolean {
  if (index < 0 || index >= bytes.length * 8 - unusedBits) return false
  return ((bytes[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0
}
