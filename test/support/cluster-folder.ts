import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@handfast/kit/base'
import {
  encodeCertificatePem,
  encodePrivateKeyPem,
  parseGeneralName,
  parseName,
} from '@handfast/kit/x509'
import { Authority } from '../../packages/handfast/src/authority/authority.ts'
import { openSqliteStore } from '../../packages/handfast/src/store/sqlite-store.ts'

/** Files for `handfast up` with a plain HTTP upstream, and a client for its gateway. */
export interface ClusterFolder {
  readonly configFile: string
  readonly root: string
  readonly client: ClientFiles
  readonly passphrase: string
}

export interface ClientFiles {
  readonly certificate: string
  readonly key: string
  /** As a member name. */
  readonly subject: string
}

export interface ClusterFolderOptions {
  readonly upstreamPort: number
  readonly restPort?: number
}

/** Makes an authority in `folder`, what `up` needs, and a client certificate. */
export async function makeClusterFolder(
  folder: string,
  { upstreamPort, restPort = 0 }: ClusterFolderOptions,
): Promise<ClusterFolder> {
  const passphrase = 'correct horse battery staple'
  await using store = await openSqliteStore({ file: join(folder, 'ca', 'handfast.db') })
  await using authority = new Authority({ store, clock: systemClock, passphrase: () => passphrase })
  const place = 'O=Example,L=Paris,C=FR'
  await authority.initRoot({ label: 'root', name: parseName(`CN=Root,${place}`) })
  await authority.initIntermediate({
    label: 'issuing',
    parent: 'root',
    name: parseName(`CN=Issuing,${place}`),
  })
  const { certificate } = await authority.find('root')
  const root = encodeCertificatePem(certificate)
  await writeFile(join(folder, 'root.crt'), root)
  await issue(authority, folder, { file: 'server', profile: 'server', san: ['IP:127.0.0.1'] })
  const client = await issue(authority, folder, { file: 'client', profile: 'client', san: [] })
  const configFile = join(folder, 'handfast.yaml')
  await writeFile(configFile, clusterConfig({ upstreamPort, restPort }))
  return { configFile, root, client, passphrase }
}

interface LeafRequest {
  readonly file: string
  readonly profile: 'server' | 'client'
  readonly san: readonly string[]
}

async function issue(
  authority: Authority,
  folder: string,
  request: LeafRequest,
): Promise<ClientFiles> {
  const subject = `CN=${request.file},O=Example,L=Paris,C=FR`
  const { chain, privateKey } = await authority.issue({
    issuer: 'issuing',
    profile: request.profile,
    subject: parseName(subject),
    subjectAltNames: request.san.map(parseGeneralName),
  })
  const certificate = chain.map(encodeCertificatePem).join('')
  const key = encodePrivateKeyPem(privateKey)
  await writeFile(join(folder, `${request.file}.crt`), certificate)
  await writeFile(join(folder, `${request.file}.key`), key, { mode: 0o600 })
  return { certificate, key, subject }
}

function clusterConfig({ upstreamPort, restPort }: Required<ClusterFolderOptions>): string {
  return `dataFolder: ./data
manager:
  name: CN=Manager,O=Example,L=Paris,C=FR
  anchors: [{ file: root.crt }]
rest:
  host: 127.0.0.1
  port: ${restPort}
  identity: { certificate: server.crt, key: server.key }
gateway:
  listeners:
    - name: partners
      host: 127.0.0.1
      port: 0
      tlsType: MUTUAL
      identity: { certificate: server.crt, key: server.key }
      upstream: { url: "http://127.0.0.1:${upstreamPort}" }
`
}
