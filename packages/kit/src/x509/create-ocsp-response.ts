import type { Certificate } from './certificate.ts'
import { constructedContextTag, contextTag, tags } from './der-reader.ts'
import { ascii, bitString, element, explicit, octetString, oid, sequence } from './der-writer.ts'
import { encodeExtension } from './extension-list.ts'
import { publicKeyInfoOf } from './key-info.ts'
import { responderKeyHash } from './ocsp-cert-id.ts'
import type { OcspCertId } from './ocsp-cert-id.ts'
import { encodeNonce } from './ocsp-nonce.ts'
import { ocspBasicOid, ocspErrorCodes, parseOcspResponse } from './ocsp-response.ts'
import type { OcspCertStatus, OcspErrorStatus, OcspResponse } from './ocsp-response.ts'
import { encodeReason, enumeratedTag } from './revocation-reason.ts'
import { encodeSignatureAlgorithm } from './signature.ts'
import type { Signer } from './signature.ts'

/** All that an answer will say. Times are written to the second, rounded down. */
export interface OcspResponseTemplate {
  /** Whose key signs. */
  readonly responder: Pick<Certificate, 'subject'>
  /**
   * `name` without it. `key` is shorter, and what RFC 5019 §2.2.3 prefers; but GnuTLS finds such a signer only where its
   * SubjectKeyIdentifier is the SHA-1 of its key, which ours is not.
   */
  readonly identifyBy?: 'name' | 'key'
  readonly producedAt: Date
  readonly responses: readonly [SingleOcspTemplate, ...SingleOcspTemplate[]]
  /** The request's, to be repeated. */
  readonly nonce?: Uint8Array
  /** The delegated signer's certificate; none where the CA itself signs. */
  readonly certificates?: readonly Certificate[]
}

export interface SingleOcspTemplate {
  /** The request's own, so that its bytes are repeated. */
  readonly certId: OcspCertId
  readonly certStatus: OcspCertStatus
  readonly thisUpdate: Date
  /** Absent: newer information is always there; RFC 5019 clients refuse that. */
  readonly nextUpdate?: Date
}

/**
 * Makes an answer and reads it back through the strict parser.
 * @throws {X509Error} ocsp-malformed when the template asks for what no answer may be
 * @throws {RangeError} when nextUpdate is not after thisUpdate, or the nonce has not 1 to 128 octets
 * @see RFC 6960 §4.2
 */
export async function createOcspResponse(
  template: OcspResponseTemplate,
  signer: Signer,
): Promise<OcspResponse> {
  const { responder, identifyBy, producedAt, responses, nonce, certificates = [] } = template
  const responderId =
    identifyBy === 'key'
      ? explicit(2, octetString(responderKeyHash(publicKeyInfoOf(signer.publicKey))))
      : explicit(1, responder.subject.der)
  const tbs = sequence(
    responderId,
    generalizedTime(producedAt),
    sequence(...responses.map(encodeSingle)),
    ...(nonce === undefined ? [] : [explicit(1, sequence(encodeExtension(encodeNonce(nonce))))]),
  )
  const signature = await signer.sign(tbs)
  const basic = sequence(
    tbs,
    encodeSignatureAlgorithm(signer.algorithm),
    bitString(signature),
    ...(certificates.length === 0
      ? []
      : [explicit(0, sequence(...certificates.map(({ der }) => der)))]),
  )
  const bytes = sequence(oid(ocspBasicOid), octetString(basic))
  return parseOcspResponse(sequence(enumerated(0), explicit(0, bytes)))
}

/** An answer that says why there is none. It is not signed: a client learns nothing from it. */
export function createOcspError(status: OcspErrorStatus): OcspResponse {
  return parseOcspResponse(sequence(enumerated(ocspErrorCodes[status])))
}

function encodeSingle({
  certId,
  certStatus,
  thisUpdate,
  nextUpdate,
}: SingleOcspTemplate): Uint8Array {
  if (nextUpdate !== undefined && !(nextUpdate > thisUpdate))
    throw new RangeError('nextUpdate is not after thisUpdate')
  return sequence(
    certId.der,
    encodeCertStatus(certStatus),
    generalizedTime(thisUpdate),
    ...(nextUpdate === undefined ? [] : [explicit(0, generalizedTime(nextUpdate))]),
  )
}

function encodeCertStatus(certStatus: OcspCertStatus): Uint8Array {
  if (certStatus.status !== 'revoked')
    return element(contextTag(certStatus.status === 'good' ? 0 : 2))
  const { revokedAt, reason } = certStatus
  return element(
    constructedContextTag(1),
    generalizedTime(revokedAt),
    ...(reason === 'unspecified' ? [] : [explicit(0, encodeReason(reason))]),
  )
}

/** RFC 6960 §4.2.2.1, RFC 5280 §4.1.2.5.2: to the second, no fraction, whatever the year. */
function generalizedTime(date: Date): Uint8Array {
  const digits = date.toISOString().replaceAll(/\.\d+|[-:T]/g, '')
  return element(tags.generalizedTime, ascii(digits))
}

function enumerated(value: number): Uint8Array {
  return element(enumeratedTag, Uint8Array.of(value))
}
