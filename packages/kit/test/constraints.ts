import { element, implicit, integer, oid, sequence } from '../src/x509/der-writer.ts'
import { encodeGeneralName } from '../src/x509/general-name.ts'
import type { GeneralName } from '../src/x509/general-name.ts'
import { extensionOids } from '../src/x509/oids.ts'
import { testExtension } from './certificates.ts'

/** A subtree's base as a name, or as it is to be encoded (an IP network is). */
export type TestSubtree = Exclude<GeneralName, { readonly type: 'ip' }> | Uint8Array

export interface TestConstraints {
  readonly permitted?: readonly TestSubtree[]
  readonly excluded?: readonly TestSubtree[]
}

/** One NameConstraints extension, critical unless it says otherwise. */
export function nameConstraints(
  { permitted, excluded }: TestConstraints,
  { critical = true }: { readonly critical?: boolean } = {},
): Uint8Array {
  const value = sequence(
    ...(permitted === undefined ? [] : [subtrees(0xa0, permitted)]),
    ...(excluded === undefined ? [] : [subtrees(0xa1, excluded)]),
  )
  return testExtension(extensionOids.nameConstraints, { critical, value })
}

/** The base of an IP subtree: `ipNetwork([192, 0, 2, 0], [255, 255, 255, 0])`. */
export function ipNetwork(address: readonly number[], mask: readonly number[]): Uint8Array {
  return implicit(7, Uint8Array.from([...address, ...mask]))
}

export function certificatePolicies(...policies: readonly string[]): Uint8Array {
  const value = sequence(...policies.map((policy) => sequence(oid(policy))))
  return testExtension(extensionOids.certificatePolicies, { value })
}

/** Pairs of the issuer's policy and the subject's. */
export function policyMappings(...pairs: readonly (readonly [string, string])[]): Uint8Array {
  const value = sequence(...pairs.map(([from, to]) => sequence(oid(from), oid(to))))
  return testExtension(extensionOids.policyMappings, { critical: true, value })
}

export interface TestPolicyConstraints {
  readonly requireExplicitPolicy?: number
  readonly inhibitPolicyMapping?: number
}

export function policyConstraints(
  { requireExplicitPolicy, inhibitPolicyMapping }: TestPolicyConstraints,
  { critical = true }: { readonly critical?: boolean } = {},
): Uint8Array {
  const value = sequence(
    ...(requireExplicitPolicy === undefined ? [] : [skip(0, requireExplicitPolicy)]),
    ...(inhibitPolicyMapping === undefined ? [] : [skip(1, inhibitPolicyMapping)]),
  )
  return testExtension(extensionOids.policyConstraints, { critical, value })
}

export function inhibitAnyPolicy(
  skipCertificates: number,
  { critical = true }: { readonly critical?: boolean } = {},
): Uint8Array {
  const value = integer(skipCertificates)
  return testExtension(extensionOids.inhibitAnyPolicy, { critical, value })
}

function subtrees(tag: number, bases: readonly TestSubtree[]): Uint8Array {
  const encoded = bases.map((base) =>
    sequence(base instanceof Uint8Array ? base : encodeGeneralName(base)),
  )
  return element(tag, Buffer.concat(encoded))
}

function skip(number: number, certificates: number): Uint8Array {
  return implicit(number, integer(certificates).subarray(2))
}
