import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import {
  createCertificate,
  generatePrivateKey,
  keySigner,
  parseName,
  subjectKeyIdentifier,
} from '@handfast/kit/x509'
import type { Certificate, CertificateTemplate } from '@handfast/kit/x509'

// openssl ocsp knows no other time than the machine's.
const now = new Date()
export const hours = (count: number): Date => new Date(now.getTime() + count * 3_600_000)
export const validity = { notBefore: hours(-24), notAfter: hours(24 * 30) }

export interface Identity {
  readonly certificate: Certificate
  readonly key: KeyObject
}

interface IdentityOptions {
  readonly subject: string
  readonly serialNumber: number
  readonly extensions: CertificateTemplate['extensions']
}

async function makeIdentity(options: IdentityOptions, issuer?: Identity): Promise<Identity> {
  const key = await generatePrivateKey('ec-p256')
  const subject = parseName(options.subject)
  const signerKey = issuer?.key ?? key
  const authorityKeyIdentifier = subjectKeyIdentifier(createPublicKey(signerKey))
  const certificate = await createCertificate(
    {
      ...validity,
      serialNumber: Uint8Array.of(options.serialNumber),
      issuer: issuer?.certificate.subject ?? subject,
      subject,
      publicKey: createPublicKey(key),
      extensions: { ...options.extensions, authorityKeyIdentifier },
    },
    keySigner(signerKey),
  )
  return { certificate, key }
}

export const root = await makeIdentity({
  subject: 'CN=Test Root,O=Test',
  serialNumber: 1,
  extensions: { basicConstraints: { ca: true }, keyUsage: ['keyCertSign', 'cRLSign'] },
})
const leaf = { subject: 'CN=leaf,O=Test', extensions: { keyUsage: ['digitalSignature'] } } as const
export const good = await makeIdentity({ ...leaf, serialNumber: 0x0a }, root)
export const revoked = await makeIdentity({ ...leaf, serialNumber: 0xff }, root)
export const responder = await makeIdentity(
  {
    subject: 'CN=Responder,O=Test',
    serialNumber: 0x0b,
    extensions: { keyUsage: ['digitalSignature'], extendedKeyUsage: ['ocspSigning'] },
  },
  root,
)
