import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  createCertificate,
  keySigner,
  parseCertificates,
  parseName,
  publicKeyFromPrivate,
  subjectKeyIdentifier,
} from '@handfast/kit/x509'
import type { Certificate, ExtensionsTemplate, Name, SignatureAlgorithm } from '@handfast/kit/x509'

/** "Now" in tests; every certificate below is valid at it unless the options say otherwise. */
export const testTime: Date = new Date('2026-06-15T12:00:00Z')

/** For tests of the program itself, which goes by the machine's clock. */
export const validNow: Pick<TestOptions, 'notBefore' | 'notAfter'> = {
  notBefore: new Date(Date.now() - 3_600_000),
  notAfter: new Date(Date.now() + 60 * 86_400_000),
}

/** A golden file made by openssl; packages/kit/src/x509/fixtures/README.md says how. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`../../kit/src/x509/fixtures/${name}`, import.meta.url))
}

export function golden(name: string): Buffer {
  return readFileSync(goldenPath(name))
}

export function goldenCertificate(name: string): Certificate {
  const [certificate] = parseCertificates(golden(name))
  if (certificate === undefined) throw new Error(`no certificate in ${name}`)
  return certificate
}

export interface TestIdentity {
  readonly certificate: Certificate
  readonly key: KeyObject
}

export interface TestAuthority extends TestIdentity {
  /** A leaf `CN=leaf,O=Test` for client and server, with DNS:leaf.example. */
  issue(options?: TestOptions): Promise<TestIdentity>
  intermediate(options?: TestOptions): Promise<TestAuthority>
}

/** What differs from a sound certificate. Nothing is checked: bad ones are what tests need. */
export interface TestOptions {
  readonly subject?: string | Name
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly serialNumber?: string
  readonly key?: KeyObject
  /** Replaces single extensions of the default; `undefined` leaves one out. */
  readonly extensions?: {
    readonly [Key in keyof ExtensionsTemplate]?: ExtensionsTemplate[Key] | undefined
  }
  /** What is written; the signature is made with SHA-256 all the same. */
  readonly signatureAlgorithm?: SignatureAlgorithm
}

/** A self-signed root, `CN=Test Root,O=Test`. */
export async function testAuthority(options: TestOptions = {}): Promise<TestAuthority> {
  const key = options.key ?? testKey()
  const subject = nameOf(options.subject ?? 'CN=Test Root,O=Test')
  return authorityOf(
    await make({ ...options, subject, key }, { name: subject, key, defaults: caDefaults }),
  )
}

export function testKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

const caDefaults: ExtensionsTemplate = {
  basicConstraints: { ca: true },
  keyUsage: ['keyCertSign', 'cRLSign'],
}

const leafDefaults: ExtensionsTemplate = {
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['serverAuth', 'clientAuth'],
  subjectAltNames: [{ type: 'dns', value: 'leaf.example' }],
}

function authorityOf({ certificate, key }: TestIdentity): TestAuthority {
  const issuer = { name: certificate.subject, key }
  return {
    certificate,
    key,
    issue: (options = {}) =>
      make({ subject: 'CN=leaf,O=Test', ...options }, { ...issuer, defaults: leafDefaults }),
    intermediate: async (options = {}) =>
      authorityOf(
        await make(
          { subject: 'CN=Test Intermediate,O=Test', ...options },
          { ...issuer, defaults: caDefaults },
        ),
      ),
  }
}

interface TestIssuer {
  readonly name: Name
  readonly key: KeyObject
  readonly defaults: ExtensionsTemplate
}

async function make(
  options: TestOptions & { readonly subject: string | Name },
  issuer: TestIssuer,
): Promise<TestIdentity> {
  const { key = testKey() } = options
  const signer = keySigner(issuer.key)
  const certificate = await createCertificate(
    {
      serialNumber: Buffer.from(options.serialNumber ?? '01', 'hex'),
      issuer: issuer.name,
      subject: nameOf(options.subject),
      notBefore: options.notBefore ?? new Date('2026-06-01T00:00:00Z'),
      notAfter: options.notAfter ?? new Date('2026-08-30T00:00:00Z'),
      publicKey: publicKeyFromPrivate(key),
      extensions: definedOnly({
        ...issuer.defaults,
        authorityKeyIdentifier: subjectKeyIdentifier(signer.publicKey),
        ...options.extensions,
      }),
    },
    { ...signer, algorithm: options.signatureAlgorithm ?? signer.algorithm },
  )
  return { certificate, key }
}

function nameOf(subject: string | Name): Name {
  return typeof subject === 'string' ? parseName(subject) : subject
}

function definedOnly(template: object): ExtensionsTemplate {
  return Object.fromEntries(Object.entries(template).filter(([, value]) => value !== undefined))
}
