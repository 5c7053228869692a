import {
  extensionName,
  formatGeneralName,
  nameKey,
  parseCsr,
  purposeName,
  purposeOids,
} from '@handfast/kit/x509'
import type { CertificateExtensions, Csr, GeneralName, KeyUsage, Name } from '@handfast/kit/x509'
import { AuthorityError } from './errors.ts'
import { limits } from './limits.ts'
import { authorityProfiles } from './profiles.ts'
import type { Profile } from './profiles.ts'
import { leafKeyUsage } from './templates.ts'
import { printable, subjectText } from './text.ts'
import type { Note } from './text.ts'

/**
 * Reads a request from PEM or DER and checks that its holder has the key.
 * @throws {AuthorityError} request-too-large
 * @throws {X509Error} csr-malformed, csr-signature-invalid, pem-malformed
 */
export function readRequest(bytes: Uint8Array | string): { csr: Csr; warnings: readonly Note[] } {
  if (bytes.length > limits.maxRequestBytes) {
    throw new AuthorityError('request-too-large', 'Cannot read request: it is larger than 64 kB', {
      hint: 'Send the certificate request alone',
    })
  }
  const csr = parseCsr(bytes)
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1')
  const leaked = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)
  return {
    csr,
    warnings: leaked
      ? [
          {
            what: 'a private key beside the request',
            why: 'it was not read; a key stays with its holder',
          },
        ]
      : [],
  }
}

/** What the operator says instead of the request. */
export interface RequestOverrides {
  readonly subject?: Name | undefined
  readonly subjectAltNames?: readonly GeneralName[] | undefined
}

export interface TakenRequest {
  readonly subject: Name
  readonly subjectAltNames: readonly GeneralName[]
  /** What was asked for and is not granted. */
  readonly dropped: readonly Note[]
}

/** Subject and names are all that is taken from a request beside its key; the rest is the profile's. */
export function takeRequest(
  csr: Csr,
  grant: RequestOverrides & { readonly profile: Profile },
): TakenRequest {
  const asked = csr.requestedExtensions.subjectAltNames?.names ?? []
  const subject = grant.subject ?? csr.subject
  const subjectAltNames = grant.subjectAltNames ?? asked
  const { profile } = grant
  return {
    subject,
    subjectAltNames,
    dropped: [
      ...droppedSubject(csr.subject, subject),
      ...droppedNames(asked, subjectAltNames),
      ...droppedExtensions(csr.requestedExtensions, {
        keyUsage: leafKeyUsage(csr.publicKey, profile),
        purposes: profile.extendedKeyUsage.map((purpose) => purposeOids[purpose]),
        ca: false,
        by: `profile "${profile.name}"`,
      }),
    ],
  }
}

/** From the request of another CA its subject is taken, and its key. */
export function takeAuthorityRequest(
  csr: Csr,
  name: Name | undefined,
): { readonly name: Name; readonly dropped: readonly Note[] } {
  const granted = name ?? csr.subject
  return {
    name: granted,
    dropped: [
      ...droppedSubject(csr.subject, granted),
      ...droppedNames(csr.requestedExtensions.subjectAltNames?.names ?? [], []),
      ...droppedExtensions(csr.requestedExtensions, {
        keyUsage: authorityProfiles.intermediate.keyUsage,
        purposes: [],
        ca: true,
        by: 'profile "intermediate"',
      }),
    ],
  }
}

interface Granted {
  readonly keyUsage: readonly KeyUsage[]
  /** OIDs. */
  readonly purposes: readonly string[]
  readonly ca: boolean
  /** Who decided, for people. */
  readonly by: string
}

/** Every extension that a request asks for and does not get. */
function droppedExtensions(requested: CertificateExtensions, granted: Granted): readonly Note[] {
  const why = `${granted.by} does not grant it`
  const { basicConstraints, keyUsage, extendedKeyUsage } = requested
  const usages = (keyUsage?.usages ?? []).filter((usage) => !granted.keyUsage.includes(usage))
  const purposes = (extendedKeyUsage?.purposes ?? []).filter(
    (purpose) => !granted.purposes.includes(purpose),
  )
  return [
    ...(basicConstraints?.ca === true && !granted.ca
      ? [{ what: 'basicConstraints CA:TRUE', why }]
      : []),
    ...usages.map((usage) => ({ what: `keyUsage ${usage}`, why })),
    ...purposes.map((purpose) => ({ what: `extendedKeyUsage ${purposeName(purpose)}`, why })),
    ...(requested.subjectKeyIdentifier === undefined
      ? []
      : [{ what: 'subjectKeyIdentifier', why: 'it is made from the key' }]),
    ...(requested.authorityKeyIdentifier === undefined
      ? []
      : [{ what: 'authorityKeyIdentifier', why: "it is the issuer's" }]),
    ...requested.unread.map(({ oid }) => ({ what: extensionName(oid), why })),
  ]
}

function droppedSubject(asked: Name, granted: Name): readonly Note[] {
  if (asked.rdns.length === 0 || nameKey(asked) === nameKey(granted)) return []
  return [{ what: `subject ${subjectText(asked)}`, why: 'another subject was given' }]
}

function droppedNames(
  asked: readonly GeneralName[],
  granted: readonly GeneralName[],
): readonly Note[] {
  const kept = new Set(granted.map(formatGeneralName))
  return asked
    .map(formatGeneralName)
    .filter((name) => !kept.has(name))
    .map((name) => ({ what: `subjectAltName ${printable(name)}`, why: 'other names were given' }))
}
