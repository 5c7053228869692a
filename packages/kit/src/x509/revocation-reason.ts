import { malformed } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { bitString } from './der-values.ts'
import { element } from './der-writer.ts'

/** CRLReason, RFC 5280 §5.3.1. */
const codes = {
  unspecified: 0,
  'key-compromise': 1,
  'ca-compromise': 2,
  'affiliation-changed': 3,
  superseded: 4,
  'cessation-of-operation': 5,
  'certificate-hold': 6,
  'remove-from-crl': 8,
  'privilege-withdrawn': 9,
  'aa-compromise': 10,
} as const

/** Why a certificate was revoked. `remove-from-crl` takes a hold back, in delta CRLs only. */
export type RevocationReason = keyof typeof codes

export const revocationReasons: readonly RevocationReason[] = Object.keys(codes).filter(isReason)

/** ReasonFlags, RFC 5280 §4.2.1.13: in the order of the bits from 1 on; bit 0 is unused. */
const flags = [
  'key-compromise',
  'ca-compromise',
  'affiliation-changed',
  'superseded',
  'cessation-of-operation',
  'certificate-hold',
  'privilege-withdrawn',
  'aa-compromise',
] as const

/** A reason by which CRLs may be split. */
export type ScopedReason = (typeof flags)[number]

/** All of them: what a CRL without `onlySomeReasons` covers. */
export const scopedReasons: readonly ScopedReason[] = flags

/** ENUMERATED, X.690 §8.4. */
export const enumeratedTag = 0x0a

export function encodeReason(reason: RevocationReason): Uint8Array {
  return element(enumeratedTag, Uint8Array.of(codes[reason]))
}

/**
 * Reads a CRLReason. A code that is defined nowhere still revokes: it is `unspecified`.
 * @throws {X509Error} der-malformed
 */
export function decodeReason({ content }: DerElement): RevocationReason {
  const [code] = content
  if (content.length !== 1 || code === undefined || code >= 0x80)
    throw malformed('reason code out of range')
  return revocationReasons.find((reason) => codes[reason] === code) ?? 'unspecified'
}

/** The content of ReasonFlags, which are tagged IMPLICIT everywhere. X.690 §11.2.2: no trailing zero bits. */
export function encodeReasonFlags(reasons: readonly ScopedReason[]): Uint8Array {
  const bits = reasons.map((reason) => flags.indexOf(reason) + 1)
  const highest = Math.max(0, ...bits)
  const octets = new Uint8Array(1 + (highest >> 3))
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return Uint8Array.of(octets.length * 8 - (highest + 1), ...octets)
}

/** @throws {X509Error} der-malformed when none is set, or a bit without a meaning */
export function decodeReasonFlags(encoded: DerElement): readonly ScopedReason[] {
  const { bytes, unusedBits } = bitString(encoded)
  const size = bytes.length * 8 - unusedBits
  const set = (bit: number): boolean => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0
  if (size > flags.length + 1 || size === 0 || !set(size - 1) || set(0))
    throw malformed('reason flags with bits that mean nothing')
  return flags.filter((_, index) => set(index + 1))
}

function isReason(name: string): name is RevocationReason {
  return Object.hasOwn(codes, name)
}
