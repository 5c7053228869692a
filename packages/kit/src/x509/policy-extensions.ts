import { DerReader, contextTag, malformed, readSingle, tags } from './der-reader.ts'
import { oidText, smallInteger } from './der-values.ts'

/** The extensions that say under which policies certificates are issued. @see RFC 5280 §4.2.1.4 */
export interface PolicyExtensions {
  readonly certificatePolicies?: {
    readonly critical: boolean
    /** Dotted OIDs. */
    readonly policies: readonly string[]
  }
  readonly policyMappings?: {
    readonly critical: boolean
    readonly mappings: readonly PolicyMapping[]
  }
  readonly policyConstraints?: {
    readonly critical: boolean
    /** After how many certificates a valid policy is required, and mapping ends. */
    readonly requireExplicitPolicy?: number
    readonly inhibitPolicyMapping?: number
  }
  /** After how many certificates anyPolicy means nothing. */
  readonly inhibitAnyPolicy?: { readonly critical: boolean; readonly skipCertificates: number }
}

export interface PolicyMapping {
  readonly issuerDomainPolicy: string
  readonly subjectDomainPolicy: string
}

export const anyPolicy = '2.5.29.32.0'

const limits = {
  // Ten times what the largest public authorities write.
  maxPolicies: 128,
  maxQualifiers: 64,
}

interface Encoded {
  readonly value: Uint8Array
  readonly critical: boolean
}

/** @throws {X509Error} der-malformed */
export function decodeCertificatePolicies({ value, critical }: Encoded): PolicyExtensions {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  if (reader.done) throw malformed('certificate policies without a policy')
  const policies = new Set<string>()
  while (!reader.done) {
    const information = reader.enter()
    const policy = oidText(information.read(tags.oid))
    const qualifiers = information.optional(tags.sequence)
    information.finish()
    if (qualifiers !== undefined) checkQualifiers(qualifiers.content)
    // RFC 5280 §4.2.1.4: an OID does not appear more than once.
    if (policies.has(policy)) throw malformed(`certificate policy ${policy} appears twice`)
    if (policies.size >= limits.maxPolicies) throw malformed('more than 128 certificate policies')
    policies.add(policy)
  }
  return { certificatePolicies: { critical, policies: [...policies] } }
}

/** Their form only: they are for people to read. */
function checkQualifiers(content: Uint8Array): void {
  const reader = new DerReader(content)
  if (reader.done) throw malformed('empty list of policy qualifiers')
  for (let count = 0; !reader.done; count += 1) {
    if (count >= limits.maxQualifiers) throw malformed('more than 64 policy qualifiers')
    const qualifier = reader.enter()
    oidText(qualifier.read(tags.oid))
    qualifier.read()
    qualifier.finish()
  }
}

/** @throws {X509Error} der-malformed */
export function decodePolicyMappings({ value, critical }: Encoded): PolicyExtensions {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  if (reader.done) throw malformed('policy mappings without a mapping')
  const mappings: PolicyMapping[] = []
  while (!reader.done) {
    if (mappings.length >= limits.maxPolicies) throw malformed('more than 128 policy mappings')
    const mapping = reader.enter()
    const issuerDomainPolicy = oidText(mapping.read(tags.oid))
    const subjectDomainPolicy = oidText(mapping.read(tags.oid))
    mapping.finish()
    mappings.push({ issuerDomainPolicy, subjectDomainPolicy })
  }
  return { policyMappings: { critical, mappings } }
}

/** @throws {X509Error} der-malformed */
export function decodePolicyConstraints({ value, critical }: Encoded): PolicyExtensions {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  const explicit = reader.optional(contextTag(0))
  const mapping = reader.optional(contextTag(1))
  reader.finish()
  // RFC 5280 §4.2.1.11: never an empty sequence.
  if (explicit === undefined && mapping === undefined) throw malformed('empty policy constraints')
  return {
    policyConstraints: {
      critical,
      ...(explicit && { requireExplicitPolicy: smallInteger(explicit) }),
      ...(mapping && { inhibitPolicyMapping: smallInteger(mapping) }),
    },
  }
}

/** @throws {X509Error} der-malformed */
export function decodeInhibitAnyPolicy({ value, critical }: Encoded): PolicyExtensions {
  const skipCertificates = smallInteger(readSingle(value, tags.integer))
  return { inhibitAnyPolicy: { critical, skipCertificates } }
}
