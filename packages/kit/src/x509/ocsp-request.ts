import { DerReader, constructedContextTag, malformed, readSingle, tags } from './der-reader.ts'
import { bitStringOctets } from './der-values.ts'
import { explicit, sequence } from './der-writer.ts'
import { X509Error } from './errors.ts'
import { decodeExtensionList, encodeExtension, unknownCritical } from './extension-list.ts'
import { decodeGeneralName } from './general-name.ts'
import { decodeOcspCertId, ocspCertId } from './ocsp-cert-id.ts'
import type { CertIdDigest, CertIdSubject, OcspCertId } from './ocsp-cert-id.ts'
import { decodeNonce, encodeNonce, ocspNonceOid } from './ocsp-nonce.ts'

/**
 * What a client asks an OCSP responder. A signature on it is not checked: nothing here depends on who asks.
 * @see RFC 6960 §4.1
 */
export interface OcspRequest {
  readonly der: Uint8Array
  /** At least one. */
  readonly certIds: readonly OcspCertId[]
  readonly nonce?: Uint8Array
  readonly isSigned: boolean
  /** OIDs of critical extensions that are not known here: the request is not to be answered. */
  readonly unknownCritical: readonly string[]
}

export interface OcspRequestTemplate {
  readonly subjects: readonly [CertIdSubject, ...CertIdSubject[]]
  /** SHA-1, the one that every responder knows (RFC 5019 §2.1.1), without it. */
  readonly digest?: CertIdDigest
  /** Random octets: 32, as RFC 9654 §2.1 has it. Without them the answer may be an old one within its time. */
  readonly nonce?: Uint8Array
}

const limits = {
  maxRequestBytes: 64 * 1024,
  // Each costs a look-up; clients ask for one.
  maxCertIds: 100,
  // RFC 5019 §5: longer ones are posted.
  maxUrlBytes: 255,
}

/** @throws {RangeError} when the nonce has not 1 to 128 octets */
export function createOcspRequest({ subjects, digest, nonce }: OcspRequestTemplate): OcspRequest {
  const requests = subjects.map((subject) => sequence(ocspCertId(subject, digest).der))
  const extensions =
    nonce === undefined ? [] : [explicit(2, sequence(encodeExtension(encodeNonce(nonce))))]
  return parseOcspRequest(sequence(sequence(sequence(...requests), ...extensions)))
}

/**
 * Reads an OCSPRequest from strict DER.
 * @throws {X509Error} ocsp-malformed
 */
export function parseOcspRequest(der: Uint8Array): OcspRequest {
  if (der.length > limits.maxRequestBytes) throw malformedRequest('it is larger than 64 kB')
  try {
    return decodeRequest(der)
  } catch (cause) {
    if (cause instanceof X509Error) throw malformedRequest(cause.message, cause)
    throw cause
  }
}

/**
 * The URL that asks with GET; `undefined` where it would be longer than 255 characters: POST the bytes then, as
 * `application/ocsp-request`.
 * @see RFC 6960 appendix A.1, RFC 5019 §5
 */
export function ocspGetUrl(responderUrl: string, { der }: OcspRequest): string | undefined {
  const base64 = encodeURIComponent(Buffer.from(der).toString('base64'))
  const url = `${responderUrl.replace(/\/$/, '')}/${base64}`
  return url.length > limits.maxUrlBytes ? undefined : url
}

/**
 * The request in the last part of a GET's path: percent-encoded base64, whose slashes some clients leave as they are.
 * @throws {X509Error} ocsp-malformed
 */
export function parseOcspGetPath(encoded: string): OcspRequest {
  const der = base64Of(encoded)
  if (der === undefined) throw malformedRequest('its path is not base64 in percent-encoding')
  return parseOcspRequest(der)
}

function base64Of(encoded: string): Uint8Array | undefined {
  if (encoded.length > limits.maxRequestBytes) return undefined
  try {
    const text = decodeURIComponent(encoded)
    const der = Buffer.from(text, 'base64')
    return der.toString('base64') === text ? der : undefined
  } catch {
    return undefined
  }
}

function decodeRequest(der: Uint8Array): OcspRequest {
  const outer = new DerReader(readSingle(der, tags.sequence).content)
  const tbs = outer.enter()
  const signature = outer.optional(constructedContextTag(0))
  outer.finish()
  if (signature !== undefined) checkSignatureForm(signature.content)

  const version = tbs.optional(constructedContextTag(0))
  // X.690 §11.5: v1 is the default and is not written; there is no other.
  if (version !== undefined) throw malformed('version written out')
  const requestor = tbs.optional(constructedContextTag(1))
  if (requestor !== undefined) decodeGeneralName(readSingle(requestor.content))
  const list = tbs.enter()
  const encoded = tbs.optional(constructedContextTag(2))
  tbs.finish()

  const unknown: string[] = []
  const certIds: OcspCertId[] = []
  while (!list.done) {
    if (certIds.length >= limits.maxCertIds) throw malformed('more than 100 certificates')
    const request = list.enter()
    certIds.push(decodeOcspCertId(request.read(tags.sequence)))
    const single = request.optional(constructedContextTag(0))
    request.finish()
    if (single !== undefined) {
      const extensions = decodeExtensionList(readSingle(single.content, tags.sequence))
      unknown.push(...unknownCritical(extensions, []))
    }
  }
  if (certIds.length === 0) throw malformed('it asks for nothing')
  const extensions =
    encoded === undefined ? [] : decodeExtensionList(readSingle(encoded.content, tags.sequence))
  unknown.push(...unknownCritical(extensions, [ocspNonceOid]))
  const nonce = decodeNonce(extensions)
  return {
    der,
    certIds,
    ...(nonce && { nonce }),
    isSigned: signature !== undefined,
    unknownCritical: [...new Set(unknown)],
  }
}

/** RFC 6960 §4.1.1: Signature. */
function checkSignatureForm(content: Uint8Array): void {
  const reader = new DerReader(readSingle(content, tags.sequence).content)
  reader.read(tags.sequence)
  bitStringOctets(reader.read(tags.bitString))
  const certificates = reader.optional(constructedContextTag(0))
  reader.finish()
  if (certificates !== undefined) readSingle(certificates.content, tags.sequence)
}

function malformedRequest(what: string, cause?: unknown): X509Error {
  return new X509Error('ocsp-malformed', `Cannot read OCSP request: ${what}`, {
    cause,
    hint: 'Send the DER of an OCSPRequest, as "openssl ocsp -reqout" writes it',
  })
}
