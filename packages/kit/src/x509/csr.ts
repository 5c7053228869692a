import type { KeyObject } from 'node:crypto'
import { publicKeyOf } from './certificate.ts'
import { encodeExtensions } from './create-extensions.ts'
import type { ExtensionsTemplate } from './create-extensions.ts'
import { DerReader, constructedContextTag, malformed, readSingle, tags } from './der-reader.ts'
import { bitStringOctets, oidText, smallInteger } from './der-values.ts'
import { bitString, element, integer, oid, sequence, setOf } from './der-writer.ts'
import { X509Error } from './errors.ts'
import { decodeExtensions } from './extensions.ts'
import type { CertificateExtensions } from './extensions.ts'
import { parseKeyInfo, publicKeyInfoOf } from './key-info.ts'
import type { KeyInfo } from './key-info.ts'
import { nameOfElement } from './name.ts'
import type { Name } from './name.ts'
import { describeLabels, encodePem, looksLikePem, parsePem } from './pem.ts'
import { decodeSignatureAlgorithm, encodeSignatureAlgorithm, verifySignature } from './signature.ts'
import type { SignatureAlgorithm, Signer } from './signature.ts'

/**
 * A request for a certificate. Whoever made it holds the private key: that was checked. What it asks for is no more
 * than that.
 * @see RFC 2986 §4
 */
export interface Csr {
  readonly der: Uint8Array
  readonly subject: Name
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array
  readonly publicKey: KeyObject
  readonly keyInfo: KeyInfo
  readonly requestedExtensions: CertificateExtensions
  readonly signatureAlgorithm: SignatureAlgorithm
}

export interface CsrTemplate {
  readonly subject: Name
  readonly extensions?: ExtensionsTemplate
}

const extensionRequest = '1.2.840.113549.1.9.14'

const limits = {
  maxCsrBytes: 64 * 1024,
  maxAttributes: 32,
}

/**
 * Reads one request from PEM or DER and checks that its signature was made with its own key.
 * @throws {X509Error} csr-malformed | csr-signature-invalid | pem-malformed
 */
export function parseCsr(bytes: Uint8Array | string): Csr {
  const der = csrBytes(bytes)
  if (der.length > limits.maxCsrBytes) throw malformedCsr('it is larger than 64 kB')
  try {
    return decodeCsr(der)
  } catch (cause) {
    const own = cause instanceof X509Error && cause.reason.startsWith('csr-')
    if (own || !(cause instanceof X509Error)) throw cause
    throw malformedCsr(cause.message, cause)
  }
}

export async function createCsr(
  { subject, extensions = {} }: CsrTemplate,
  signer: Signer,
): Promise<Csr> {
  const requested = encodeExtensions(extensions, { emptySubject: subject.rdns.length === 0 })
  const attributes =
    requested.length === 0 ? [] : [sequence(oid(extensionRequest), setOf(sequence(...requested)))]
  const info = sequence(
    integer(0),
    subject.der,
    publicKeyInfoOf(signer.publicKey),
    element(constructedContextTag(0), ...attributes),
  )
  const signature = await signer.sign(info)
  return parseCsr(sequence(info, encodeSignatureAlgorithm(signer.algorithm), bitString(signature)))
}

export function encodeCsrPem(csr: Csr): string {
  return encodePem('CERTIFICATE REQUEST', csr.der)
}

function csrBytes(bytes: Uint8Array | string): Uint8Array {
  if (typeof bytes !== 'string' && !looksLikePem(bytes)) return bytes
  const blocks = parsePem(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8'))
  const requests = blocks.filter(
    ({ label }) => label === 'CERTIFICATE REQUEST' || label === 'NEW CERTIFICATE REQUEST',
  )
  const [request] = requests
  if (request === undefined)
    throw malformedCsr(`no CERTIFICATE REQUEST block, ${describeLabels(blocks)}`)
  if (requests.length > 1) throw malformedCsr('more than one request in one file')
  return request.der
}

function decodeCsr(der: Uint8Array): Csr {
  const outer = new DerReader(readSingle(der, tags.sequence).content)
  const info = outer.read(tags.sequence)
  const signatureAlgorithm = decodeSignatureAlgorithm(outer.read(tags.sequence))
  const signature = bitStringOctets(outer.read(tags.bitString))
  outer.finish()

  const reader = new DerReader(info.content)
  if (smallInteger(reader.read(tags.integer)) !== 0) throw malformedCsr('unknown version')
  const subject = nameOfElement(reader.read(tags.sequence))
  const publicKeyInfo = reader.read(tags.sequence).der
  const requestedExtensions = decodeAttributes(reader)
  reader.finish()

  const keyInfo = parseKeyInfo(publicKeyInfo)
  if (keyInfo.type === 'unsupported')
    throw malformedCsr(`its key is of a type not known here (${keyInfo.name})`)
  const publicKey = publicKeyOf(publicKeyInfo)
  if (!verifySignature({ tbs: info.der, signature, signatureAlgorithm }, publicKey)) {
    throw new X509Error(
      'csr-signature-invalid',
      `Cannot accept request: its signature (${signatureAlgorithm.name}) was not made with its own key`,
      { hint: 'Make the request anew with "handfast request" or "openssl req -new -sha256"' },
    )
  }
  return {
    der,
    subject,
    publicKeyInfo,
    publicKey,
    keyInfo,
    requestedExtensions,
    signatureAlgorithm,
  }
}

/** RFC 2986 §4.1: attributes are [0] IMPLICIT SET; only RFC 2985's extensionRequest is of interest. */
function decodeAttributes(reader: DerReader): CertificateExtensions {
  // Some tools leave the empty set out.
  const encoded = reader.optional(constructedContextTag(0))
  if (encoded === undefined) return { unread: [] }
  const attributes = new DerReader(encoded.content)
  let requested: CertificateExtensions | undefined
  for (let count = 0; !attributes.done; count += 1) {
    if (count >= limits.maxAttributes) throw malformed('more than 32 attributes')
    const attribute = attributes.enter()
    const type = oidText(attribute.read(tags.oid))
    const values = attribute.enter(tags.set)
    attribute.finish()
    if (type !== extensionRequest) continue
    if (requested !== undefined) throw malformed('two extension requests')
    requested = decodeExtensions(values.read(tags.sequence))
    values.finish()
  }
  return requested ?? { unread: [] }
}

function malformedCsr(what: string, cause?: unknown): X509Error {
  return new X509Error('csr-malformed', `Cannot read request: ${what}`, {
    cause,
    hint: 'Check that the file is a certificate request (PEM "CERTIFICATE REQUEST" or DER) and was copied whole',
  })
}
