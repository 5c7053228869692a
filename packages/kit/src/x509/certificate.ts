import { createHash, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { equalBytes, toHex } from './bytes.ts'
import { DerReader, constructedContextTag, contextTag, readSingle, tags } from './der-reader.ts'
import { bitStringOctets, integerBytes, smallInteger, timeValue } from './der-values.ts'
import { X509Error } from './errors.ts'
import { decodeExtensions } from './extensions.ts'
import type { CertificateExtensions } from './extensions.ts'
import { parseKeyInfo } from './key-info.ts'
import type { KeyInfo } from './key-info.ts'
import { nameOfElement } from './name.ts'
import type { Name } from './name.ts'
import { describeLabels, encodePem, looksLikePem, parsePem } from './pem.ts'
import { decodeSignatureAlgorithm } from './signature.ts'
import type { SignatureAlgorithm } from './signature.ts'

/**
 * A certificate, parsed once. Parsing proves its form, nothing else.
 * @see RFC 5280 §4.1
 */
export interface Certificate {
  readonly der: Uint8Array
  /** The bytes that the signature covers, as received. */
  readonly tbs: Uint8Array
  readonly version: 1 | 2 | 3
  /** Lower-case hexadecimal, without leading zero octets; `00` for zero. */
  readonly serialNumber: string
  readonly issuer: Name
  readonly subject: Name
  readonly notBefore: Date
  readonly notAfter: Date
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array
  readonly keyInfo: KeyInfo
  readonly extensions: CertificateExtensions
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
}

const limits = {
  // A certificate of a thousand names is some 40 kB.
  maxCertificateBytes: 128 * 1024,
  maxBundleCertificates: 10_000,
}

/**
 * Reads one certificate from strict DER.
 * @throws {X509Error} certificate-malformed; its cause says what is wrong
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > limits.maxCertificateBytes)
    throw malformedCertificate('it is larger than 128 kB')
  try {
    return decodeCertificate(der)
  } catch (cause) {
    if (cause instanceof X509Error) throw malformedCertificate(cause.message, cause)
    throw cause
  }
}

/**
 * Reads the certificates of a PEM bundle, passing over other blocks, or of one DER file.
 * @throws {X509Error} pem-malformed | certificate-malformed (none found, or one is not sound)
 */
export function parseCertificates(bytes: Uint8Array | string): readonly Certificate[] {
  if (typeof bytes !== 'string' && !looksLikePem(bytes)) return [parseCertificate(bytes)]
  const blocks = parsePem(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8'))
  const certificates = blocks.filter((block) => certificateLabels.has(block.label))
  if (certificates.length > limits.maxBundleCertificates)
    throw malformedCertificate('more than 10,000 in one file')
  if (certificates.length === 0) {
    throw malformedCertificate(`no CERTIFICATE block, ${describeLabels(blocks)}`)
  }
  return certificates.map((block) => {
    try {
      return parseCertificate(block.der)
    } catch (cause) {
      if (!(cause instanceof X509Error)) throw cause
      throw malformedCertificate(`block at line ${block.line}: ${cause.message}`, cause)
    }
  })
}

export function encodeCertificatePem(certificate: Certificate): string {
  return encodePem('CERTIFICATE', certificate.der)
}

/** SHA-256 of the certificate, in lower-case hexadecimal. */
export function fingerprint(certificate: Certificate): string {
  return createHash('sha256').update(certificate.der).digest('hex')
}

/** SHA-256 of the public key (SubjectPublicKeyInfo), in lower-case hexadecimal: it survives a renewal with the same key. */
export function publicKeyFingerprint({
  publicKeyInfo,
}: Pick<Certificate, 'publicKeyInfo'>): string {
  return createHash('sha256').update(publicKeyInfo).digest('hex')
}

const publicKeys = new WeakMap<Certificate, KeyObject>()

/** The certificate's key for `node:crypto`. @throws {X509Error} key-malformed */
export function certificatePublicKey(certificate: Certificate): KeyObject {
  const known = publicKeys.get(certificate)
  if (known !== undefined) return known
  const key = publicKeyOf(certificate.publicKeyInfo)
  publicKeys.set(certificate, key)
  return key
}

/** @throws {X509Error} key-malformed */
export function publicKeyOf(publicKeyInfo: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(publicKeyInfo), format: 'der', type: 'spki' })
  } catch (cause) {
    throw new X509Error(
      'key-malformed',
      'Cannot read public key: it is not a key of its algorithm',
      { cause },
    )
  }
}

/** True when subject and issuer are the same name; says nothing about who signed. */
export function isSelfIssued(certificate: Certificate): boolean {
  return equalBytes(certificate.subject.der, certificate.issuer.der)
}

const certificateLabels: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE'])

function decodeCertificate(der: Uint8Array): Certificate {
  const outer = new DerReader(readSingle(der, tags.sequence).content)
  const tbs = outer.read(tags.sequence)
  const outerAlgorithm = outer.read(tags.sequence)
  const signature = bitStringOctets(outer.read(tags.bitString))
  outer.finish()

  const reader = new DerReader(tbs.content)
  const version = decodeVersion(reader)
  const serialNumber = decodeSerialNumber(integerBytes(reader.read(tags.integer)))
  const innerAlgorithm = reader.read(tags.sequence)
  // RFC 5280 §4.1.1.2: both name the same algorithm.
  if (!equalBytes(innerAlgorithm.der, outerAlgorithm.der))
    throw malformedCertificate('two signature algorithms')
  const issuer = nameOfElement(reader.read(tags.sequence))
  const validity = reader.enter()
  const notBefore = timeValue(validity.read())
  const notAfter = timeValue(validity.read())
  validity.finish()
  const subject = nameOfElement(reader.read(tags.sequence))
  const publicKeyInfo = reader.read(tags.sequence).der
  if (version > 1) for (const number of [1, 2]) reader.optional(contextTag(number))
  const extensions = reader.optional(constructedContextTag(3))
  reader.finish()
  // RFC 5280 §4.1.2.1: extensions are of version 3.
  if (extensions !== undefined && version !== 3)
    throw malformedCertificate('extensions in a certificate before version 3')

  const decodedExtensions =
    extensions === undefined
      ? { unread: [] }
      : decodeExtensions(readSingle(extensions.content, tags.sequence))
  if (subject.rdns.length === 0) checkNameless(decodedExtensions)

  return {
    der,
    tbs: tbs.der,
    version,
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKeyInfo,
    keyInfo: parseKeyInfo(publicKeyInfo),
    extensions: decodedExtensions,
    signatureAlgorithm: decodeSignatureAlgorithm(outerAlgorithm),
    signature,
  }
}

/** RFC 5280 §4.1.2.6: a CA has a subject; without one, the alternative names are all there is, and critical. */
function checkNameless({ basicConstraints, subjectAltNames }: CertificateExtensions): void {
  if (basicConstraints?.ca === true) throw malformedCertificate('a CA without a subject')
  if (subjectAltNames?.critical === false) {
    throw malformedCertificate('no subject, and alternative names that are not critical')
  }
}

function decodeVersion(reader: DerReader): 1 | 2 | 3 {
  const explicit = reader.optional(constructedContextTag(0))
  if (explicit === undefined) return 1
  const number = smallInteger(readSingle(explicit.content, tags.integer))
  if (number === 1) return 2
  if (number === 2) return 3
  throw malformedCertificate(`version number ${number}`)
}

function decodeSerialNumber(bytes: Uint8Array): string {
  // RFC 5280 §4.1.2.2: at most 20 octets, not negative. Zero is a fault of a path, but for a root.
  if (bytes.length > 20) throw malformedCertificate('serial number of more than 20 octets')
  if ((bytes[0] ?? 0) >= 0x80) throw malformedCertificate('negative serial number')
  return toHex(bytes[0] === 0 && bytes.length > 1 ? bytes.subarray(1) : bytes)
}

function malformedCertificate(what: string, cause?: unknown): X509Error {
  return new X509Error('certificate-malformed', `Cannot read certificate: ${what}`, {
    cause,
    hint: 'Check that the file is a certificate (PEM "CERTIFICATE" or DER) and was copied whole',
  })
}
