import { fixedIdentity } from '@handfast/kit/identity'
import type { IdentitySource } from '@handfast/kit/identity'
import {
  createCertificate,
  encodeCertificatePem,
  encodePrivateKeyPem,
  generatePrivateKey,
  keySigner,
  parseGeneralName,
  parseName,
  publicKeyFingerprint,
  publicKeyFromPrivate,
} from '@handfast/kit/x509'
import type { Certificate, GeneralName, Name } from '@handfast/kit/x509'
import type { KeyObject } from 'node:crypto'
import { randomBytes } from 'node:crypto'
import type { AnchorRecord } from './state.ts'

// Who plays in the tests of this room; stage.test.ts is where.

const hourMs = 3_600_000

/** A key with its chain, in the forms that the tests need. */
export interface Credential {
  readonly identity: IdentitySource
  readonly leaf: Certificate
  /** For node:tls. */
  readonly pem: { readonly key: string; readonly cert: string }
}

export interface Issue {
  readonly subject: string
  /** As `parseGeneralName` reads them. */
  readonly names?: readonly (string | GeneralName)[]
  readonly purpose?: 'clientAuth' | 'serverAuth'
}

/** An organisation's root. */
export class Organisation {
  readonly root: Certificate
  readonly #key: KeyObject

  private constructor(root: Certificate, key: KeyObject) {
    this.root = root
    this.#key = key
  }

  static async create(name: string): Promise<Organisation> {
    const key = await generatePrivateKey('ec-p256')
    const subject = parseName(`CN=${name} Root,O=${name}`)
    const root = await createCertificate(
      {
        ...validity(),
        subject,
        issuer: subject,
        publicKey: publicKeyFromPrivate(key),
        extensions: { basicConstraints: { ca: true }, keyUsage: ['keyCertSign', 'cRLSign'] },
      },
      keySigner(key),
    )
    return new Organisation(root, key)
  }

  get anchor(): AnchorRecord {
    const certificate = Buffer.from(this.root.der).toString('base64')
    return { id: publicKeyFingerprint(this.root), kind: 'ca', certificate }
  }

  async issue({ subject, names = [], purpose = 'clientAuth' }: Issue): Promise<Credential> {
    const key = await generatePrivateKey('ec-p256')
    const leaf = await this.certify(parseName(subject), { key, names, purpose })
    const identity = fixedIdentity({ name: subject, key, chain: [leaf] })
    const pem = { key: encodePrivateKeyPem(key), cert: encodeCertificatePem(leaf) }
    return { identity, leaf, pem }
  }

  certify(
    subject: Name,
    {
      key,
      names = [],
      purpose = 'clientAuth',
    }: Omit<Issue, 'subject'> & { readonly key: KeyObject },
  ): Promise<Certificate> {
    const subjectAltNames = names.map((name) =>
      typeof name === 'string' ? parseGeneralName(name) : name,
    )
    return createCertificate(
      {
        ...validity(),
        subject,
        issuer: this.root.subject,
        publicKey: publicKeyFromPrivate(key),
        extensions: {
          keyUsage: ['digitalSignature'],
          extendedKeyUsage: [purpose],
          ...(subjectAltNames.length > 0 && { subjectAltNames }),
        },
      },
      keySigner(this.#key),
    )
  }
}

function validity(): { serialNumber: Uint8Array; notBefore: Date; notAfter: Date } {
  // OpenSSL takes its time from the system, so these cannot stand at a fixed one.
  const now = Date.now()
  const serialNumber = Uint8Array.of(0x40, ...randomBytes(15))
  return { serialNumber, notBefore: new Date(now - hourMs), notAfter: new Date(now + hourMs) }
}

/** Who plays: a partner's client, our gateway, and our backend, each with its own name. */
export interface Cast {
  readonly own: Organisation
  readonly partner: Organisation
  readonly client: Credential
  /** What the gateway shows to clients. */
  readonly front: Credential
  /** What the gateway shows to backends. */
  readonly dialler: Credential
  readonly backend: Credential
}

export const clientSubject = 'CN=Operator,O=Partner,L=London,C=GB'

export async function createCast(): Promise<Cast> {
  const own = await Organisation.create('Own')
  const partner = await Organisation.create('Partner')
  const names = ['DNS:op.partner.example', 'URI:spiffe://partner/operator']
  const serverAuth = { purpose: 'serverAuth' } as const
  return {
    own,
    partner,
    client: await partner.issue({ subject: clientSubject, names }),
    front: await own.issue({ ...serverAuth, subject: 'CN=f', names: ['DNS:gateway.example'] }),
    dialler: await own.issue({ subject: 'CN=dialler,O=Own' }),
    backend: await own.issue({ ...serverAuth, subject: 'CN=b', names: ['DNS:backend.example'] }),
  }
}
