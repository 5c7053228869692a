import { equalBytes } from './bytes.ts'
import type { Certificate } from './certificate.ts'
import { isCertIdOf } from './ocsp-cert-id.ts'
import { ocspResponder } from './ocsp-responder.ts'
import type { OcspResponder, ResponderFaultReason } from './ocsp-responder.ts'
import type { BasicOcspResponse, OcspResponse, SingleOcspResponse } from './ocsp-response.ts'
import { extensionName } from './oids.ts'
import { isPermanent } from './revocation-status.ts'
import type { NotRevoked, Revoked } from './revocation-status.ts'

export interface OcspQuestion {
  readonly certificate: Certificate
  /** Its issuer on a verified path: the certificate's signature was made with this one's key. */
  readonly issuer: Certificate
  readonly at: Date
  /** The request's. The answer must repeat it: without that it may be an old one. */
  readonly nonce?: Uint8Array
  /** Responders that keep answers for everyone leave the nonce out (RFC 5019 §2.2.1). Another nonce is refused either way. */
  readonly allowMissingNonce?: boolean
  /** How far an answer may come from the future; 0 without it. */
  readonly skewMs?: number
}

/** Why an answer does not settle the question. */
export type OcspDoubtReason =
  | ResponderFaultReason
  | 'ocsp-no-answer'
  | 'ocsp-other-certificate'
  | 'ocsp-answers-differ'
  | 'ocsp-critical-extension-unknown'
  | 'ocsp-nonce-missing'
  | 'ocsp-nonce-mismatch'
  | 'ocsp-not-yet-valid'
  | 'ocsp-expired'
  | 'ocsp-next-update-missing'

export interface OcspDoubt {
  readonly reason: OcspDoubtReason
  /** What was found, in a few words. */
  readonly found: string
}

export type OcspStatus =
  | (NotRevoked & { readonly responder: OcspResponder })
  | (Revoked & { readonly responder: OcspResponder })
  /** The responder knows no such certificate, or none of this issuer. */
  | { readonly status: 'unknown'; readonly responder: OcspResponder }
  | { readonly status: 'undetermined'; readonly why: readonly OcspDoubt[] }

/**
 * What an OCSP answer says of a certificate. Whatever falls short of RFC 6960 §3.2 is `undetermined`, with what was
 * wrong. An answer past its time still revokes (but for a hold).
 */
export function ocspStatus(response: OcspResponse, question: OcspQuestion): OcspStatus {
  if (response.status !== 'successful')
    return undetermined({ reason: 'ocsp-no-answer', found: response.status })
  const { basic } = response
  const responder = ocspResponder(basic, question)
  if ('reason' in responder) return undetermined(responder)
  const matching = basic.responses.filter(({ certId }) => isCertIdOf(certId, question))
  const [unknown] = [...basic.unknownCritical, ...matching.flatMap((one) => one.unknownCritical)]
  if (unknown !== undefined) {
    const found = extensionName(unknown)
    return undetermined({ reason: 'ocsp-critical-extension-unknown', found })
  }
  const single = singleOf(matching)
  if ('reason' in single) return undetermined(single)
  const faults = currencyFaults(single, { ...question, basic })
  return answerOf(single, { responder, faults, at: question.at })
}

/** RFC 6960 §3.2 (1): one answer for the certificate; of several, one that revokes it counts. */
function singleOf(matching: readonly SingleOcspResponse[]): SingleOcspResponse | OcspDoubt {
  const [first, ...more] = matching
  if (first === undefined)
    return { reason: 'ocsp-other-certificate', found: 'no answer for this certificate' }
  const revoked = matching.find(({ certStatus }) => certStatus.status === 'revoked')
  if (revoked !== undefined || more.length === 0) return revoked ?? first
  return { reason: 'ocsp-answers-differ', found: `${matching.length} answers for one certificate` }
}

interface Judged {
  readonly responder: OcspResponder
  readonly faults: readonly OcspDoubt[]
  readonly at: Date
}

function answerOf(single: SingleOcspResponse, { responder, faults, at }: Judged): OcspStatus {
  const { certStatus, nextUpdate } = single
  if (certStatus.status === 'revoked' && (faults.length === 0 || isPermanent(certStatus)))
    return { ...certStatus, responder }
  if (faults.length > 0) return { status: 'undetermined', why: faults }
  if (certStatus.status !== 'good') return { status: 'unknown', responder }
  const end = nextUpdate ?? at
  const { notAfter } = responder.certificate
  return { status: 'good', validUntil: notAfter < end ? notAfter : end, responder }
}

/** What keeps an answer from proving that a certificate is *not* revoked. RFC 6960 §3.2 (5), (6), §4.4.1 */
function currencyFaults(
  { thisUpdate, nextUpdate }: SingleOcspResponse,
  question: OcspQuestion & { readonly basic: BasicOcspResponse },
): readonly OcspDoubt[] {
  const { at, basic, nonce, skewMs = 0 } = question
  const faults: OcspDoubt[] = []
  const isFresh = nonce !== undefined && basic.nonce !== undefined && equalBytes(nonce, basic.nonce)
  if (nonce !== undefined && basic.nonce === undefined && question.allowMissingNonce !== true)
    faults.push({ reason: 'ocsp-nonce-missing', found: 'the answer has no nonce' })
  if (nonce !== undefined && basic.nonce !== undefined && !isFresh)
    faults.push({ reason: 'ocsp-nonce-mismatch', found: 'the nonce of another request' })
  const latest = thisUpdate > basic.producedAt ? thisUpdate : basic.producedAt
  if (at.getTime() + skewMs < latest.getTime())
    faults.push({ reason: 'ocsp-not-yet-valid', found: `of ${latest.toISOString()}` })
  // RFC 6960 §2.4: without nextUpdate there is always newer information; only a nonce shows that this is it.
  if (nextUpdate === undefined && !isFresh)
    faults.push({ reason: 'ocsp-next-update-missing', found: 'neither nextUpdate nor our nonce' })
  if (nextUpdate !== undefined && at > nextUpdate)
    faults.push({ reason: 'ocsp-expired', found: `next update at ${nextUpdate.toISOString()}` })
  return faults
}

function undetermined({ reason, found }: OcspDoubt): OcspStatus {
  return { status: 'undetermined', why: [{ reason, found }] }
}
