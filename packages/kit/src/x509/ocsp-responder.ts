import { equalBytes } from './bytes.ts'
import { certificatePublicKey } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { cannotVerify, endOfSecond } from './certificate-faults.ts'
import { sameIssuer } from './crl-scope.ts'
import { describeKeyInfo } from './key-info.ts'
import { responderKeyHash } from './ocsp-cert-id.ts'
import type { BasicOcspResponse } from './ocsp-response.ts'
import { extensionName, purposeOids } from './oids.ts'
import { verifySignature } from './signature.ts'
import type { Signed } from './signature.ts'

/** Who signed an OCSP answer. */
export interface OcspResponder {
  readonly certificate: Certificate
  readonly isDelegate: boolean
  /**
   * False: the delegate's own certificate may have been revoked, and is to be looked up (RFC 6960 §4.2.2.2.1). True
   * where its issuer says that this is not needed, and for the issuer itself.
   */
  readonly noCheck: boolean
}

export type ResponderFaultReason =
  | 'ocsp-responder-unknown'
  | 'ocsp-responder-not-delegated'
  | 'ocsp-responder-expired'
  | 'ocsp-responder-key-weak'
  | 'ocsp-signature-algorithm-unsupported'
  | 'ocsp-signature-invalid'

export interface ResponderFault {
  readonly reason: ResponderFaultReason
  readonly found: string
}

const ocspNoCheckOid = '1.3.6.1.5.5.7.48.1.5'

interface ResponderQuestion {
  readonly issuer: Certificate
  readonly at: Date
}

/**
 * The issuer itself, or whom it delegated to with a certificate of its own making; nobody else may answer.
 * @see RFC 6960 §4.2.2.2
 */
export function ocspResponder(
  basic: BasicOcspResponse,
  { issuer, at }: ResponderQuestion,
): OcspResponder | ResponderFault {
  const { keyType, name } = basic.signatureAlgorithm
  if (keyType === undefined) return { reason: 'ocsp-signature-algorithm-unsupported', found: name }
  const named = [issuer, ...basic.certificates].filter((one) => isNamed(basic, one))
  const [first] = named
  if (first === undefined)
    return { reason: 'ocsp-responder-unknown', found: 'neither the issuer nor a certificate in it' }
  const signer = named.find((one) => isSignedBy(basic, one))
  if (signer === undefined) {
    return named.every(cannotVerify)
      ? { reason: 'ocsp-responder-key-weak', found: describeKeyInfo(first.keyInfo) }
      : { reason: 'ocsp-signature-invalid', found: 'not made with the key that it names' }
  }
  if (
    equalBytes(signer.publicKeyInfo, issuer.publicKeyInfo) &&
    sameIssuer(signer.subject, issuer.subject)
  )
    return { certificate: issuer, isDelegate: false, noCheck: true }
  const fault = delegationFault(signer, { issuer, at })
  if (fault !== undefined) return fault
  const noCheck = signer.extensions.unread.some(({ oid }) => oid === ocspNoCheckOid)
  return { certificate: signer, isDelegate: true, noCheck }
}

function isNamed({ responderId }: BasicOcspResponse, certificate: Certificate): boolean {
  return responderId.type === 'name'
    ? sameIssuer(responderId.name, certificate.subject)
    : equalBytes(responderId.keyHash, responderKeyHash(certificate.publicKeyInfo))
}

function delegationFault(
  delegate: Certificate,
  { issuer, at }: ResponderQuestion,
): ResponderFault | undefined {
  const notDelegated = (found: string): ResponderFault => ({
    reason: 'ocsp-responder-not-delegated',
    found,
  })
  const { extendedKeyUsage, keyUsage, unread } = delegate.extensions
  // RFC 6960 §4.2.2.2: issued directly, and anyExtendedKeyUsage is not enough.
  if (!sameIssuer(delegate.issuer, issuer.subject) || !isSignedBy(delegate, issuer))
    return notDelegated('its certificate is not of the same issuer')
  if (extendedKeyUsage?.purposes.includes(purposeOids.ocspSigning) !== true)
    return notDelegated('its certificate lacks the purpose ocspSigning')
  // RFC 5280 §4.2.1.12: the key usages that go with it.
  const usages = keyUsage?.usages
  if (usages?.includes('digitalSignature') === false && !usages.includes('nonRepudiation'))
    return notDelegated(`its key usage is ${usages.join(', ')}`)
  const unknown = unread.find(({ oid, critical }) => critical && oid !== ocspNoCheckOid)
  if (unknown !== undefined)
    return notDelegated(`its certificate has a critical ${extensionName(unknown.oid)}`)
  if (at >= delegate.notBefore && at <= endOfSecond(delegate.notAfter)) return undefined
  const [from, to] = [delegate.notBefore, delegate.notAfter].map((date) => date.toISOString())
  return { reason: 'ocsp-responder-expired', found: `its certificate holds from ${from} to ${to}` }
}

function isSignedBy(signed: Signed, signer: Certificate): boolean {
  if (cannotVerify(signer)) return false
  try {
    return verifySignature(signed, certificatePublicKey(signer))
  } catch {
    // A key that OpenSSL does not take has signed nothing.
    return false
  }
}
