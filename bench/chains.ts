import { randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import {
  createCertificate,
  generatePrivateKey,
  keySigner,
  parseName,
  publicKeyFromPrivate,
  subjectKeyIdentifier,
} from '@handfast/kit/x509'
import type { Certificate, ExtensionsTemplate } from '@handfast/kit/x509'

export interface Issuer {
  readonly certificate: Certificate
  readonly key: KeyObject
}

export const at: Date = new Date('2026-06-15T12:00:00Z')
export const notBefore: Date = new Date('2026-06-01T00:00:00Z')
export const notAfter: Date = new Date('2026-08-30T00:00:00Z')

export const leafExtensions: ExtensionsTemplate = {
  basicConstraints: { ca: false },
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['serverAuth', 'clientAuth'],
  subjectAltNames: [{ type: 'dns', value: 'web.example' }],
}

const caExtensions: ExtensionsTemplate = {
  basicConstraints: { ca: true },
  keyUsage: ['keyCertSign', 'cRLSign'],
}

/** A CA, self-signed without an issuer. */
export async function makeCa(name: string, issuer?: Issuer): Promise<Issuer> {
  const key = await generatePrivateKey('ec-p256')
  return { key, certificate: await make(name, { key, issuer, extensions: caExtensions }) }
}

export async function makeLeaf(name: string, issuer: Issuer): Promise<Certificate> {
  const key = await generatePrivateKey('ec-p256')
  return make(name, { key, issuer, extensions: leafExtensions })
}

interface Content {
  readonly key: KeyObject
  readonly issuer: Issuer | undefined
  readonly extensions: ExtensionsTemplate
}

async function make(text: string, { key, issuer, extensions }: Content): Promise<Certificate> {
  const subject = parseName(text)
  const issuerKey = publicKeyFromPrivate(issuer?.key ?? key)
  return createCertificate(
    {
      serialNumber: Uint8Array.from([1, ...randomBytes(15)]),
      issuer: issuer?.certificate.subject ?? subject,
      subject,
      notBefore,
      notAfter,
      publicKey: publicKeyFromPrivate(key),
      extensions: { ...extensions, authorityKeyIdentifier: subjectKeyIdentifier(issuerKey) },
    },
    keySigner(issuer?.key ?? key),
  )
}
