import type { KeyObject } from 'node:crypto'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '@handfast/kit/base'
import {
  createCsr,
  encodeCertificatePem,
  encodeCsrPem,
  encodePrivateKeyPem,
  generatePrivateKey,
  keySigner,
  parseGeneralName,
  parseName,
} from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import { databaseFile, defaultDataFolder } from '../data-folder.ts'
import { Authority } from '../../authority/authority.ts'
import { openSqliteStore } from '../../store/sqlite-store.ts'
import type { Store } from '../../store/store.ts'

/** One organisation of the demo: a folder, a database, a root and an intermediate. */
export interface Organisation extends AsyncDisposable {
  readonly name: string
  readonly folder: string
  readonly store: Store
  readonly root: Certificate
  /** Where the root's certificate is, to hand to others. */
  readonly rootFile: string
  /** An authority that lives in another time makes certificates that have expired in ours. */
  readonly authorityAt: (clock: Clock) => Authority
}

export interface OrganisationOptions {
  /** `Client C` */
  readonly name: string
  readonly folder: string
  /** When the authorities were made: before everything that they issue. */
  readonly foundedAt: Clock
}

const issuingLabel = 'issuing'

/** Makes what `handfast ca init` makes: an offline root, and the intermediate that issues. */
export async function foundOrganisation({
  name,
  folder,
  foundedAt,
}: OrganisationOptions): Promise<Organisation> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const passphrase = randomBytes(32).toString('base64url')
  await writePrivate(join(folder, 'passphrase'), `${passphrase}\n`)
  const store = await openSqliteStore({ file: databaseFile(join(folder, defaultDataFolder)) })
  const authorityAt = (clock: Clock): Authority =>
    new Authority({ store, clock, passphrase: () => passphrase })
  const authority = authorityAt(foundedAt)
  const place = `O=${name} Organization,L=Paris,ST=Iles-De-France,C=FR`
  const { issuer: root } = await authority.initRoot({
    label: 'root',
    name: parseName(`CN=${name} Root CA,${place}`),
  })
  await authority.initIntermediate({
    label: issuingLabel,
    parent: 'root',
    name: parseName(`CN=${name} Issuing CA,${place}`),
  })
  const rootFile = join(folder, 'root.crt')
  await writeFile(rootFile, encodeCertificatePem(root.certificate))
  return {
    name,
    folder,
    store,
    root: root.certificate,
    rootFile,
    authorityAt,
    [Symbol.asyncDispose]: () => store.close(),
  }
}

/** A key and the chain for it, in memory and in two files. */
export interface Credential {
  readonly certificateFile: string
  readonly keyFile: string
  readonly certificate: string
  readonly key: string
}

export interface CredentialRequest {
  readonly profile: 'client' | 'server'
  readonly subject: string
  readonly subjectAltNames?: readonly string[]
  /** File name without its ending. */
  readonly file: string
}

/** Issues a certificate for a new key and writes both. */
export async function issueTo(
  { folder, authorityAt }: Organisation,
  request: CredentialRequest & { readonly clock: Clock },
): Promise<Credential> {
  const { subject, subjectAltNames = [], profile, clock } = request
  const { chain, privateKey } = await authorityAt(clock).issue({
    issuer: issuingLabel,
    profile,
    subject: parseName(subject),
    subjectAltNames: subjectAltNames.map(parseGeneralName),
  })
  return writeCredential(join(folder, request.file), { chain, privateKey })
}

/** A key that never leaves its owner, and the request for it. */
export interface PreparedRequest {
  readonly key: KeyObject
  readonly csr: string
}

export async function prepareRequest(subject: string): Promise<PreparedRequest> {
  const key = await generatePrivateKey('ec-p256')
  const csr = await createCsr({ subject: parseName(subject) }, keySigner(key))
  return { key, csr: encodeCsrPem(csr) }
}

/** Signs another organisation's request with the client profile. The signer sees the request only, never the key. */
export async function signFor(
  signer: Organisation,
  { csr, clock }: { readonly csr: string; readonly clock: Clock },
): Promise<readonly Certificate[]> {
  const { chain } = await signer
    .authorityAt(clock)
    .signCsr({ issuer: issuingLabel, profile: 'client', csr })
  return chain
}

export async function writeCredential(
  path: string,
  { chain, privateKey }: { readonly chain: readonly Certificate[]; readonly privateKey: KeyObject },
): Promise<Credential> {
  const credential = {
    certificateFile: `${path}.crt`,
    keyFile: `${path}.key`,
    certificate: chain.map(encodeCertificatePem).join(''),
    key: encodePrivateKeyPem(privateKey),
  }
  await writeFile(credential.certificateFile, credential.certificate)
  await writePrivate(credential.keyFile, credential.key)
  return credential
}

export async function writePrivate(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600 })
  // The mode above is for new files only.
  await chmod(path, 0o600)
}
