import type { KeyObject } from 'node:crypto'
import { parseCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { encodeExtensions, encodeExtensionsField } from './create-extensions.ts'
import type { ExtensionsTemplate } from './create-extensions.ts'
import { bitString, explicit, integer, sequence, time } from './der-writer.ts'
import { X509Error } from './errors.ts'
import { publicKeyInfoOf } from './key-info.ts'
import type { Name } from './name.ts'
import { encodeSignatureAlgorithm } from './signature.ts'
import type { Signer } from './signature.ts'

/** All that a certificate will say. Nothing is added but the SubjectKeyIdentifier of `publicKey`. */
export interface CertificateTemplate {
  /** Big-endian, positive, at most 20 octets with at least 64 random bits. */
  readonly serialNumber: Uint8Array
  readonly issuer: Name
  readonly subject: Name
  /** Written to the second, rounded down. */
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: KeyObject
  readonly extensions: ExtensionsTemplate
}

/**
 * Makes a version 3 certificate and reads it back through the strict parser.
 * @throws {X509Error} certificate-malformed when the template asks for what no certificate may be
 */
export async function createCertificate(
  template: CertificateTemplate,
  signer: Signer,
): Promise<Certificate> {
  // RFC 5280 §4.1.2.2. It is read in others' roots, but never made.
  if (!template.serialNumber.some((octet) => octet > 0)) {
    throw new X509Error('certificate-malformed', 'Cannot make certificate: serial number 0', {
      hint: 'Give a positive serial number with at least 64 random bits',
    })
  }
  const algorithm = encodeSignatureAlgorithm(signer.algorithm)
  const extensions = encodeExtensions(template.extensions, {
    emptySubject: template.subject.rdns.length === 0,
    publicKey: template.publicKey,
  })
  const tbs = sequence(
    explicit(0, integer(2)),
    integer(template.serialNumber),
    algorithm,
    // The issuer's own bytes: another string type would be another name to a strict reader.
    template.issuer.der,
    sequence(time(template.notBefore), time(template.notAfter)),
    template.subject.der,
    publicKeyInfoOf(template.publicKey),
    ...encodeExtensionsField(extensions),
  )
  const signature = await signer.sign(tbs)
  return parseCertificate(sequence(tbs, algorithm, bitString(signature)))
}
