import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { parseCertificate } from '../src/x509/certificate.ts'
import type { Certificate } from '../src/x509/certificate.ts'
import { encodeExtensions, encodeExtensionsField } from '../src/x509/create-extensions.ts'
import type { ExtensionsTemplate } from '../src/x509/create-extensions.ts'
import {
  bitString,
  boolean,
  explicit,
  integer,
  octetString,
  oid,
  sequence,
  time,
} from '../src/x509/der-writer.ts'
import { publicKeyInfoOf } from '../src/x509/key-info.ts'
import type { KeyAlgorithm } from '../src/x509/keys.ts'
import { supportsMlDsa } from '../src/x509/ml-dsa.ts'
import type { Name } from '../src/x509/name.ts'
import { parseName } from '../src/x509/name-text.ts'
import { encodeSignatureAlgorithm, keySigner, subjectKeyIdentifier } from '../src/x509/signature.ts'
import type { SignatureAlgorithm } from '../src/x509/signature.ts'

/** "Now" in tests; every certificate below is valid at it unless the options say otherwise. */
export const testTime: Date = new Date('2026-06-15T12:00:00Z')

const notBefore = new Date('2026-06-01T00:00:00Z')
const notAfter = new Date('2026-08-30T00:00:00Z')

export interface TestIdentity {
  readonly certificate: Certificate
  readonly key: KeyObject
}

export interface TestAuthority extends TestIdentity {
  /** A leaf `CN=leaf` for client and server, with DNS:leaf.example. */
  issue(options?: TestCertificateOptions): TestIdentity
  /** A CA below this one. */
  intermediate(options?: TestCertificateOptions): TestAuthority
}

/** What differs from a sound certificate. Nothing is checked: bad ones are what tests need. */
export interface TestCertificateOptions {
  /** RFC 4514 text, or a name as it is to be encoded. */
  readonly subject?: string | Name
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly serialNumber?: number
  /** The subject's private key; a new P-256 key without it. The same key with another authority cross-signs. */
  readonly key?: KeyObject
  /** A SubjectPublicKeyInfo to write instead of the key's own. */
  readonly publicKeyInfo?: Uint8Array
  /** Replaces single extensions of the default; `undefined` leaves one out. */
  readonly extensions?: {
    readonly [Key in keyof ExtensionsTemplate]?: ExtensionsTemplate[Key] | undefined
  }
  /** Further `Extension` elements, as `testExtension` makes them. */
  readonly extraExtensions?: readonly Uint8Array[]
  /** 1 and 2 have no extensions. */
  readonly version?: 1 | 2 | 3
  /** What is written, and the digest to sign with; the usual one of the issuer's key without it. */
  readonly signatureAlgorithm?: SignatureAlgorithm
}

/** A self-signed root, `CN=Test Root`. */
export function testAuthority(options: TestCertificateOptions = {}): TestAuthority {
  const key = options.key ?? testKey()
  const subject = nameOf(options.subject ?? 'CN=Test Root,O=Test')
  const certificate = make(
    { ...options, subject, key },
    { name: subject, key, defaults: authorityDefaults },
  )
  return authorityOf({ certificate, key })
}

export function testKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

/** Options of a test: it is skipped, and says why, where this Node makes no such keys. */
export function needsKey(algorithm: KeyAlgorithm): { readonly skip: string | false } {
  const missing = algorithm.startsWith('ml-dsa') && !supportsMlDsa()
  return { skip: missing ? `Node ${process.version} has no ${algorithm}` : false }
}

/** One `Extension` element with any content. */
export function testExtension(
  dotted: string,
  { critical = false, value }: { readonly critical?: boolean; readonly value: Uint8Array },
): Uint8Array {
  return sequence(oid(dotted), ...(critical ? [boolean(true)] : []), octetString(value))
}

function authorityOf({ certificate, key }: TestIdentity): TestAuthority {
  const issuer = { name: certificate.subject, key }
  const below = (
    options: TestCertificateOptions,
    defaults: ExtensionsTemplate,
    subject: string,
  ): TestIdentity => {
    const ownKey = options.key ?? testKey()
    return {
      key: ownKey,
      certificate: make({ subject, ...options, key: ownKey }, { ...issuer, defaults }),
    }
  }
  return {
    certificate,
    key,
    issue: (options = {}) => below(options, leafDefaults, 'CN=leaf,O=Test'),
    intermediate: (options = {}) =>
      authorityOf(below(options, authorityDefaults, 'CN=Test Intermediate,O=Test')),
  }
}

const authorityDefaults: ExtensionsTemplate = {
  basicConstraints: { ca: true },
  keyUsage: ['keyCertSign', 'cRLSign'],
}

const leafDefaults: ExtensionsTemplate = {
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['serverAuth', 'clientAuth'],
  subjectAltNames: [{ type: 'dns', value: 'leaf.example' }],
}

interface TestIssuer {
  readonly name: Name
  readonly key: KeyObject
  readonly defaults: ExtensionsTemplate
}

function make(
  options: TestCertificateOptions & { readonly subject: string | Name; readonly key: KeyObject },
  issuer: TestIssuer,
): Certificate {
  const { version = 3, signatureAlgorithm = ownAlgorithm(issuer.key) } = options
  const subject = nameOf(options.subject)
  const publicKey = createPublicKey(options.key)
  const algorithm = encodeSignatureAlgorithm(signatureAlgorithm)
  const authorityKeyIdentifier = subjectKeyIdentifier(createPublicKey(issuer.key))
  const template = { ...issuer.defaults, authorityKeyIdentifier, ...options.extensions }
  const extensions = encodeExtensions(definedOnly(template), {
    emptySubject: subject.rdns.length === 0,
    publicKey,
  })
  const tbs = sequence(
    ...(version === 1 ? [] : [explicit(0, integer(version - 1))]),
    integer(options.serialNumber ?? 1),
    algorithm,
    issuer.name.der,
    sequence(time(options.notBefore ?? notBefore), time(options.notAfter ?? notAfter)),
    subject.der,
    options.publicKeyInfo ?? publicKeyInfoOf(publicKey),
    ...(version === 3
      ? encodeExtensionsField([...extensions, ...(options.extraExtensions ?? [])])
      : []),
  )
  const signature = sign(signatureAlgorithm.digest ?? null, tbs, issuer.key)
  return parseCertificate(sequence(tbs, algorithm, bitString(signature)))
}

function ownAlgorithm(key: KeyObject): SignatureAlgorithm {
  return keySigner(key, createPublicKey(key)).algorithm
}

function nameOf(subject: string | Name): Name {
  return typeof subject === 'string' ? parseName(subject) : subject
}

function definedOnly(template: object): ExtensionsTemplate {
  return Object.fromEntries(Object.entries(template).filter(([, value]) => value !== undefined))
}
