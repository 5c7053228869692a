import type { KeyObject } from 'node:crypto'
import {
  boolean,
  element,
  explicit,
  implicit,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
} from './der-writer.ts'
import { tags } from './der-reader.ts'
import { keyUsages } from './extensions.ts'
import type { KeyUsage } from './extensions.ts'
import { encodeGeneralName } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { extensionOids, purposeOids } from './oids.ts'
import { subjectKeyIdentifier } from './signature.ts'

export type Purpose = Exclude<keyof typeof purposeOids, 'anyExtendedKeyUsage'>

/** What a certificate is to say of itself. */
export interface ExtensionsTemplate {
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number }
  readonly keyUsage?: readonly KeyUsage[]
  readonly extendedKeyUsage?: readonly Purpose[]
  readonly subjectAltNames?: readonly GeneralName[]
  /** The issuer's SubjectKeyIdentifier. */
  readonly authorityKeyIdentifier?: Uint8Array
}

export interface EncodeExtensionsOptions {
  /** RFC 5280 §4.2.1.6: SubjectAltName is critical when the subject is empty. */
  readonly emptySubject: boolean
  /** When given, a SubjectKeyIdentifier of it is written. */
  readonly publicKey?: KeyObject
}

/** The elements of `Extensions`, in a fixed order; none for an empty template. */
export function encodeExtensions(
  template: ExtensionsTemplate,
  { emptySubject, publicKey }: EncodeExtensionsOptions,
): readonly Uint8Array[] {
  const { basicConstraints, keyUsage, extendedKeyUsage, subjectAltNames, authorityKeyIdentifier } =
    template
  const written: Uint8Array[] = []
  if (basicConstraints !== undefined) {
    written.push(
      extension(extensionOids.basicConstraints, { critical: true, value: basic(basicConstraints) }),
    )
  }
  if (keyUsage !== undefined && keyUsage.length > 0) {
    const bits = keyUsage.map((usage) => keyUsages.indexOf(usage))
    written.push(extension(extensionOids.keyUsage, { critical: true, value: namedBits(bits) }))
  }
  if (extendedKeyUsage !== undefined && extendedKeyUsage.length > 0) {
    const value = sequence(...extendedKeyUsage.map((purpose) => oid(purposeOids[purpose])))
    written.push(extension(extensionOids.extendedKeyUsage, { critical: false, value }))
  }
  if (subjectAltNames !== undefined && subjectAltNames.length > 0) {
    const value = sequence(...subjectAltNames.map(encodeGeneralName))
    written.push(extension(extensionOids.subjectAltName, { critical: emptySubject, value }))
  }
  if (publicKey !== undefined) {
    const value = octetString(subjectKeyIdentifier(publicKey))
    written.push(extension(extensionOids.subjectKeyIdentifier, { critical: false, value }))
  }
  if (authorityKeyIdentifier !== undefined) {
    const value = sequence(implicit(0, authorityKeyIdentifier))
    written.push(extension(extensionOids.authorityKeyIdentifier, { critical: false, value }))
  }
  return written
}

/** `[3] EXPLICIT Extensions`, or nothing: an empty SEQUENCE is not allowed. */
export function encodeExtensionsField(extensions: readonly Uint8Array[]): readonly Uint8Array[] {
  return extensions.length === 0 ? [] : [explicit(3, sequence(...extensions))]
}

function extension(
  dotted: string,
  { critical, value }: { readonly critical: boolean; readonly value: Uint8Array },
): Uint8Array {
  return sequence(oid(dotted), ...(critical ? [boolean(true)] : []), octetString(value))
}

function basic({
  ca,
  pathLength,
}: {
  readonly ca: boolean
  readonly pathLength?: number
}): Uint8Array {
  // X.690 §11.5: FALSE is the default and is not written.
  if (!ca) return element(tags.sequence)
  return sequence(boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)]))
}
