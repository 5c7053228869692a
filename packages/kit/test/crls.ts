import { createPublicKey, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Certificate } from '../src/x509/certificate.ts'
import { createCrl } from '../src/x509/create-crl.ts'
import type { CrlTemplate } from '../src/x509/create-crl.ts'
import type { Crl } from '../src/x509/crl.ts'
import { bitString, explicit, integer, sequence, time } from '../src/x509/der-writer.ts'
import { encodeExtension } from '../src/x509/extension-list.ts'
import type { UnreadExtension } from '../src/x509/extensions.ts'
import { keySigner } from '../src/x509/keys.ts'
import { parseName } from '../src/x509/name-text.ts'
import { encodeSignatureAlgorithm, subjectKeyIdentifier } from '../src/x509/signature.ts'
import { testKey, testTime } from './certificates.ts'

const hourMs = 3_600_000
export const thisUpdate: Date = new Date(testTime.getTime() - hourMs)
export const nextUpdate: Date = new Date(testTime.getTime() + 24 * hourMs)

/** A sound CRL of the issuer, current at `testTime`, unless the template says otherwise. */
export function testCrl(
  issuer: { readonly certificate: Certificate; readonly key: KeyObject },
  template: Partial<CrlTemplate> = {},
): Promise<Crl> {
  const whole: CrlTemplate = {
    issuer: issuer.certificate.subject,
    thisUpdate,
    nextUpdate,
    crlNumber: 7n,
    authorityKeyIdentifier: subjectKeyIdentifier(createPublicKey(issuer.key)),
    entries: [],
    ...template,
  }
  return createCrl(whole, keySigner(issuer.key))
}

/** Parts of a CRL as they are to be written; `null` leaves one out. */
export interface RawCrl {
  readonly key?: KeyObject
  readonly version?: Uint8Array | null
  readonly issuer?: Uint8Array
  readonly thisUpdate?: Uint8Array
  readonly nextUpdate?: Uint8Array | null
  /** The content of revokedCertificates. */
  readonly entries?: Uint8Array | null
  readonly extensions?: readonly UnreadExtension[] | null
  readonly outerAlgorithm?: Uint8Array
}

export const crlNumberSeven: UnreadExtension = {
  oid: '2.5.29.20',
  critical: false,
  value: integer(7),
}

/** The bytes of a CRL with nothing checked: bad ones are what tests need. */
export function rawCrl({
  key = testKey(),
  version = integer(1),
  issuer = parseName('CN=Test Root,O=Test').der,
  thisUpdate: from = time(thisUpdate),
  nextUpdate: to = time(nextUpdate),
  entries = null,
  extensions = [crlNumberSeven],
  outerAlgorithm,
}: RawCrl = {}): Uint8Array {
  const algorithm = encodeSignatureAlgorithm(keySigner(key).algorithm)
  const tbs = sequence(
    ...(version === null ? [] : [version]),
    algorithm,
    issuer,
    from,
    ...(to === null ? [] : [to]),
    ...(entries === null ? [] : [sequence(entries)]),
    ...(extensions === null ? [] : [explicit(0, sequence(...extensions.map(encodeExtension)))]),
  )
  return sequence(tbs, outerAlgorithm ?? algorithm, bitString(sign('sha256', tbs, key)))
}
