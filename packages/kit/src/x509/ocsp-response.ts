import {
  DerReader,
  constructedContextTag,
  contextTag,
  malformed,
  readSingle,
  tags,
} from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { bitStringOctets, nullContent, oidText, timeValue } from './der-values.ts'
import { parseCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { X509Error } from './errors.ts'
import { decodeExtensionList, unknownCritical } from './extension-list.ts'
import { nameOfElement } from './name.ts'
import type { Name } from './name.ts'
import { decodeOcspCertId } from './ocsp-cert-id.ts'
import type { OcspCertId } from './ocsp-cert-id.ts'
import { decodeNonce, ocspNonceOid } from './ocsp-nonce.ts'
import { decodeReason, enumeratedTag } from './revocation-reason.ts'
import type { RevocationReason } from './revocation-reason.ts'
import { decodeSignatureAlgorithm } from './signature.ts'
import type { SignatureAlgorithm } from './signature.ts'

/** RFC 6960 §4.2.1: why there is no answer. */
export const ocspErrorCodes = {
  'malformed-request': 1,
  'internal-error': 2,
  'try-later': 3,
  'signature-required': 5,
  unauthorized: 6,
} as const

export type OcspErrorStatus = keyof typeof ocspErrorCodes

export type OcspResponse =
  | { readonly status: 'successful'; readonly der: Uint8Array; readonly basic: BasicOcspResponse }
  | { readonly status: OcspErrorStatus; readonly der: Uint8Array }

/** A signed answer, parsed once. Parsing proves its form, nothing else: `ocspStatus` judges it. */
export interface BasicOcspResponse {
  /** The bytes that the signature covers, as received. */
  readonly tbs: Uint8Array
  readonly responderId: ResponderId
  readonly producedAt: Date
  readonly responses: readonly SingleOcspResponse[]
  readonly nonce?: Uint8Array
  readonly certificates: readonly Certificate[]
  /** OIDs of critical extensions that are not known here: it cannot be relied on. */
  readonly unknownCritical: readonly string[]
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
}

export type ResponderId =
  | { readonly type: 'name'; readonly name: Name }
  /** SHA-1 of the key. */
  | { readonly type: 'key'; readonly keyHash: Uint8Array }

export type OcspCertStatus =
  | { readonly status: 'good' | 'unknown' }
  | { readonly status: 'revoked'; readonly revokedAt: Date; readonly reason: RevocationReason }

export interface SingleOcspResponse {
  readonly certId: OcspCertId
  readonly certStatus: OcspCertStatus
  readonly thisUpdate: Date
  readonly nextUpdate?: Date
  readonly unknownCritical: readonly string[]
}

export const ocspBasicOid = '1.3.6.1.5.5.7.48.1.1'

const limits = {
  // One answer with a chain of post-quantum certificates is some 40 kB.
  maxResponseBytes: 256 * 1024,
  maxResponses: 100,
  maxCertificates: 8,
}

/**
 * Reads an OCSPResponse from strict DER.
 * @throws {X509Error} ocsp-malformed
 * @see RFC 6960 §4.2
 */
export function parseOcspResponse(der: Uint8Array): OcspResponse {
  if (der.length > limits.maxResponseBytes) throw malformedResponse('it is larger than 256 kB')
  try {
    return decodeResponse(der)
  } catch (cause) {
    if (cause instanceof X509Error) throw malformedResponse(cause.message, cause)
    throw cause
  }
}

function decodeResponse(der: Uint8Array): OcspResponse {
  const outer = new DerReader(readSingle(der, tags.sequence).content)
  const [code, ...more] = outer.read(enumeratedTag).content
  const bytes = outer.optional(constructedContextTag(0))
  outer.finish()
  if (code === undefined || more.length > 0) throw malformed('response status out of range')
  if (code !== 0) {
    const found = errorStatuses.find((status) => ocspErrorCodes[status] === code)
    if (found === undefined) throw malformed(`response status ${code}`)
    // RFC 6960 §4.2.1: an error has no response bytes.
    if (bytes !== undefined) throw malformed('an error with an answer')
    return { status: found, der }
  }
  if (bytes === undefined) throw malformed('successful, without an answer')
  const reader = new DerReader(readSingle(bytes.content, tags.sequence).content)
  const type = oidText(reader.read(tags.oid))
  const response = reader.read(tags.octetString).content
  reader.finish()
  if (type !== ocspBasicOid) throw malformed(`response of type ${type}`)
  return { status: 'successful', der, basic: decodeBasic(readSingle(response, tags.sequence)) }
}

const errorStatuses = Object.keys(ocspErrorCodes).filter(isErrorStatus)

function decodeBasic(encoded: DerElement): BasicOcspResponse {
  const outer = new DerReader(encoded.content)
  const tbs = outer.read(tags.sequence)
  const signatureAlgorithm = decodeSignatureAlgorithm(outer.read(tags.sequence))
  const signature = bitStringOctets(outer.read(tags.bitString))
  const certificates = outer.optional(constructedContextTag(0))
  outer.finish()

  const reader = new DerReader(tbs.content)
  // X.690 §11.5: v1 is the default and is not written; there is no other.
  if (reader.peekTag() === constructedContextTag(0)) throw malformed('version written out')
  const responderId = decodeResponderId(reader.read())
  const producedAt = timeValue(reader.read(tags.generalizedTime))
  const responses = decodeResponses(reader.enter())
  const list = reader.optional(constructedContextTag(1))
  reader.finish()
  const extensions =
    list === undefined ? [] : decodeExtensionList(readSingle(list.content, tags.sequence))
  const nonce = decodeNonce(extensions)
  return {
    tbs: tbs.der,
    responderId,
    producedAt,
    responses,
    ...(nonce && { nonce }),
    certificates: certificates === undefined ? [] : decodeCertificates(certificates.content),
    unknownCritical: unknownCritical(extensions, [ocspNonceOid]),
    signatureAlgorithm,
    signature,
  }
}

function decodeResponderId({ tag, content }: DerElement): ResponderId {
  if (tag === constructedContextTag(1))
    return { type: 'name', name: nameOfElement(readSingle(content, tags.sequence)) }
  if (tag !== constructedContextTag(2)) throw malformed('unknown form of responder')
  const keyHash = readSingle(content, tags.octetString).content
  if (keyHash.length !== 20) throw malformed('key hash that is no SHA-1')
  return { type: 'key', keyHash }
}

function decodeResponses(reader: DerReader): readonly SingleOcspResponse[] {
  const responses: SingleOcspResponse[] = []
  while (!reader.done) {
    if (responses.length >= limits.maxResponses) throw malformed('more than 100 answers')
    responses.push(decodeSingle(reader.enter()))
  }
  if (responses.length === 0) throw malformed('no answer')
  return responses
}

function decodeSingle(reader: DerReader): SingleOcspResponse {
  const certId = decodeOcspCertId(reader.read(tags.sequence))
  const certStatus = decodeCertStatus(reader.read())
  const thisUpdate = timeValue(reader.read(tags.generalizedTime))
  const next = reader.optional(constructedContextTag(0))
  const list = reader.optional(constructedContextTag(1))
  reader.finish()
  const extensions =
    list === undefined ? [] : decodeExtensionList(readSingle(list.content, tags.sequence))
  return {
    certId,
    certStatus,
    thisUpdate,
    ...(next && { nextUpdate: timeValue(readSingle(next.content, tags.generalizedTime)) }),
    unknownCritical: unknownCritical(extensions, []),
  }
}

function decodeCertStatus(element: DerElement): OcspCertStatus {
  if (element.tag === contextTag(0) || element.tag === contextTag(2)) {
    nullContent(element)
    return { status: element.tag === contextTag(0) ? 'good' : 'unknown' }
  }
  if (element.tag !== constructedContextTag(1)) throw malformed('unknown certificate status')
  const reader = new DerReader(element.content)
  const revokedAt = timeValue(reader.read(tags.generalizedTime))
  const reason = reader.optional(constructedContextTag(0))
  reader.finish()
  return {
    status: 'revoked',
    revokedAt,
    reason:
      reason === undefined
        ? 'unspecified'
        : decodeReason(readSingle(reason.content, enumeratedTag)),
  }
}

function decodeCertificates(content: Uint8Array): readonly Certificate[] {
  const reader = new DerReader(readSingle(content, tags.sequence).content)
  const certificates: Certificate[] = []
  while (!reader.done) {
    if (certificates.length >= limits.maxCertificates) throw malformed('more than 8 certificates')
    certificates.push(parseCertificate(reader.read(tags.sequence).der))
  }
  return certificates
}

function isErrorStatus(name: string): name is OcspErrorStatus {
  return Object.hasOwn(ocspErrorCodes, name)
}

function malformedResponse(what: string, cause?: unknown): X509Error {
  return new X509Error('ocsp-malformed', `Cannot read OCSP response: ${what}`, {
    cause,
    hint: 'Check that the URL is an OCSP responder: it answers with DER, as "application/ocsp-response"',
  })
}
