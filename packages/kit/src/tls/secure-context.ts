import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import type { Identity } from '../identity/identity.ts'
import { certificatePublicKey, encodeCertificatePem, isSelfIssued } from '../x509/certificate.ts'
import { encodePrivateKeyPem } from '../x509/keys.ts'
import { verifySignature } from '../x509/signature.ts'
import type { Certificate } from '../x509/certificate.ts'

// RFC 9325 §4.2: forward secrecy and AEAD only. TLS 1.3's suites come first; the others are for TLS 1.2.
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/**
 * The options that both ends share. Always the whole set: `setSecureContext` lets what is left out fall back to
 * Node's defaults.
 */
export function protocolOptions(): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers,
    // Sessions never outlive trust: no tickets, no renegotiation (a TLS 1.2 client's succeeds by default).
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  }
}

/** An identity as `node:tls` takes it. The root is left out: whoever trusts it has it. */
export function identityOptions({ key, chain }: Identity): SecureContextOptions {
  const last = chain.at(-1)
  const sent =
    chain.length > 1 && last !== undefined && isSelfSigned(last) ? chain.slice(0, -1) : chain
  return { key: encodePrivateKeyPem(key), cert: sent.map(encodeCertificatePem).join('') }
}

/** A root's new key certified by its old one is self-issued as well (RFC 5280 §3.2), and the path needs it. */
function isSelfSigned(certificate: Certificate): boolean {
  return (
    isSelfIssued(certificate) && verifySignature(certificate, certificatePublicKey(certificate))
  )
}
