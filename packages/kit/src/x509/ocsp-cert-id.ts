import { createHash } from 'node:crypto'
import { equalBytes, fromHex, toHex } from './bytes.ts'
import type { Certificate } from './certificate.ts'
import { DerReader, malformed, tags } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { integerBytes, nullContent, oidText } from './der-values.ts'
import { integer, nullValue, octetString, oid, sequence } from './der-writer.ts'

/** Digests that a CertID is made with. They find a certificate and protect nothing: SHA-1 does no harm here. */
const digests = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const

export type CertIdDigest = keyof typeof digests

/** Which certificate is meant. RFC 6960 §4.1.1 */
export interface OcspCertId {
  /** The digest's OID where it has no name here; nothing matches it then. */
  readonly digest: CertIdDigest | (string & {})
  /** Of the issuer's name, as the certificate has it. */
  readonly issuerNameHash: Uint8Array
  /** Of the issuer's public key, without tag, length and bit count. */
  readonly issuerKeyHash: Uint8Array
  /** Lower-case hexadecimal, without leading zero octets. */
  readonly serialNumber: string
  /** As received, for an answer to repeat. */
  readonly der: Uint8Array
}

export interface CertIdSubject {
  readonly certificate: Pick<Certificate, 'issuer' | 'serialNumber'>
  readonly issuer: Pick<Certificate, 'publicKeyInfo'>
}

export function ocspCertId(
  { certificate, issuer }: CertIdSubject,
  digest: CertIdDigest = 'sha1',
): OcspCertId {
  const hash = (bytes: Uint8Array): Uint8Array => createHash(digest).update(bytes).digest()
  const issuerNameHash = hash(certificate.issuer.der)
  const issuerKeyHash = hash(keyBits(issuer.publicKeyInfo))
  const { serialNumber } = certificate
  const der = sequence(
    // RFC 5754 §2: absent parameters for SHA-2 are preferred; NULL is what every OCSP client writes and compares.
    sequence(oid(digests[digest]), nullValue()),
    octetString(issuerNameHash),
    octetString(issuerKeyHash),
    integer(fromHex(serialNumber) ?? new Uint8Array(0)),
  )
  return { digest, issuerNameHash, issuerKeyHash, serialNumber, der }
}

/** True when the CertID means this certificate of this issuer. */
export function isCertIdOf(id: OcspCertId, subject: CertIdSubject): boolean {
  const { digest } = id
  if (!isDigest(digest)) return false
  const own = ocspCertId(subject, digest)
  return (
    id.serialNumber === own.serialNumber &&
    equalBytes(id.issuerNameHash, own.issuerNameHash) &&
    equalBytes(id.issuerKeyHash, own.issuerKeyHash)
  )
}

/** @throws {X509Error} der-malformed */
export function decodeOcspCertId(encoded: DerElement): OcspCertId {
  const reader = new DerReader(encoded.content)
  const algorithm = reader.enter()
  const dotted = oidText(algorithm.read(tags.oid))
  if (!algorithm.done) nullContent(algorithm.read(tags.null))
  algorithm.finish()
  const issuerNameHash = reader.read(tags.octetString).content
  const issuerKeyHash = reader.read(tags.octetString).content
  const serial = integerBytes(reader.read(tags.integer))
  reader.finish()
  // RFC 5280 §4.1.2.2: no certificate has another.
  if ((serial[0] ?? 0) >= 0x80 || serial.length > 20) throw malformed('serial number out of range')
  const digest = Object.keys(digests).find((name) => isDigest(name) && digests[name] === dotted)
  return {
    digest: digest ?? dotted,
    issuerNameHash,
    issuerKeyHash,
    serialNumber: toHex(serial[0] === 0 && serial.length > 1 ? serial.subarray(1) : serial),
    der: encoded.der,
  }
}

/** RFC 6960 §4.2.1: SHA-1 of the key, by which a responder may name itself. */
export function responderKeyHash(publicKeyInfo: Uint8Array): Uint8Array {
  return createHash('sha1').update(keyBits(publicKeyInfo)).digest()
}

function keyBits(publicKeyInfo: Uint8Array): Uint8Array {
  const reader = new DerReader(publicKeyInfo).enter()
  reader.read(tags.sequence)
  return reader.read(tags.bitString).content.subarray(1)
}

function isDigest(name: string): name is CertIdDigest {
  return Object.hasOwn(digests, name)
}
