import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@handfast/kit/base'
import type { Clock, Events } from '@handfast/kit/base'
import type { Refusal } from '@handfast/kit/trust'
import { encodeCertificatePem } from '@handfast/kit/x509'
import { addUser } from '../../control/add-user.ts'
import { startCluster } from '../cluster.ts'
import type { Cluster, ClusterEvent } from '../cluster.ts'
import { loadConfig } from '../config.ts'
import { startBackend } from './backend.ts'
import { changeAllowList } from './call.ts'
import type { CallTarget, RestAccess } from './call.ts'
import { demoConfig } from './demo-config.ts'
import {
  foundOrganisation,
  issueTo,
  prepareRequest,
  signFor,
  writeCredential,
  writePrivate,
} from './organisation.ts'
import type { Credential, Organisation } from './organisation.ts'
import { RefusalLog } from './refusal-log.ts'

export interface Stage extends AsyncDisposable {
  readonly cluster: Cluster
  readonly gateway: CallTarget
  readonly rest: RestAccess
  readonly rootFile: string
  readonly restConfigFile: string
  readonly credentials: Credentials
  /** The subject that is introduced and removed. */
  readonly newcomer: string
  readonly newcomerName: string
  readonly clientName: string
  /** Why the gateway refused the connection with this id, worst first. */
  refusalsOf(id: string): Promise<readonly Refusal[]>
  /** Why the gateway cut a live connection of this subject. */
  cutOf(subject: string): Promise<readonly Refusal[]>
}

interface Credentials {
  readonly clientB: Credential
  readonly sameSubjectOtherAuthority: Credential
  readonly newcomer: Credential
  readonly expired: Credential
  readonly serverOnly: Credential
}

const day = 24 * 60 * 60 * 1000
const organisationB = 'O=Client B Organization,L=Paris,C=FR'
const clientSubject = `CN=client-b,${organisationB}`
const newcomerSubject = `CN=client-b-batch,${organisationB}`
const gatewaySubject = 'CN=gateway,O=Client C Organization,L=Paris,C=FR'

/** Both organisations were founded a hundred days ago, so that a certificate of theirs can have expired by now. */
const foundedAt: Clock = { ...systemClock, now: () => new Date(Date.now() - 100 * day) }

export interface StageOptions {
  readonly folder: string
  readonly tell: (line: string) => void
  readonly events: Events<ClusterEvent>
}

/** Makes the organisations, their certificates and C's cluster in front of its backend, and introduces Client B. */
export async function setStage({ folder, tell, events }: StageOptions): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  tell('Client B and Client C each make a root and an intermediate authority')
  const [clientB, clientC] = await Promise.all([
    foundOrganisation({ name: 'Client B', folder: join(folder, 'client-b'), foundedAt }),
    foundOrganisation({ name: 'Client C', folder: join(folder, 'client-c'), foundedAt }),
  ])
  stack.use(clientB)
  tell(
    'Client B makes a key and a request (CSR); Client C checks the request and signs it with its client profile',
  )
  const credentials = await issueCredentials({ clientB, clientC })

  tell('Client C starts its backend, its gateway and its REST API')
  const backend = stack.use(await startBackendOf(clientC))
  await writeClusterFiles(clientC, backend.address.port)
  const user = 'admin'
  const added = await addUser(clientC.store, { name: user, actor: 'demo', clock: systemClock })
  const password = added.generatedPassword ?? ''
  await clientC[Symbol.asyncDispose]()

  const log = new RefusalLog(events)
  const config = await loadConfig(join(clientC.folder, 'handfast.yaml'))
  const cluster = stack.use(await startCluster(config, log))
  const root = encodeCertificatePem(clientC.root)
  const rest: RestAccess = {
    port: cluster.rest.port,
    root,
    user,
    password,
    allowListPath: `/api/v5_1/mgm/${cluster.holdingId}/mutual-tls/allowed-client-certificate-subjects`,
  }
  const restConfigFile = join(clientC.folder, 'rest.curl')
  await writePrivate(
    restConfigFile,
    `user = "${user}:${password}"\ncacert = "${clientC.rootFile}"\n`,
  )
  tell('Client C introduces Client B: its subject goes on the allow-list')
  await changeAllowList(rest, { method: 'PUT', subject: clientSubject })

  const owned = stack.move()
  return {
    cluster,
    gateway: { port: cluster.listeners[0]?.port ?? 0, root },
    rest,
    rootFile: clientC.rootFile,
    restConfigFile,
    credentials,
    newcomer: newcomerSubject,
    newcomerName: 'client-b-batch',
    clientName: 'client-b',
    refusalsOf: (id) => log.refusalsOf(id),
    cutOf: (subject) => log.cutOf(subject),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

interface Organisations {
  readonly clientB: Organisation
  readonly clientC: Organisation
}

async function issueCredentials({ clientB, clientC }: Organisations): Promise<Credentials> {
  const request = await prepareRequest(clientSubject)
  const now = systemClock
  const bySameSubject = { csr: request.csr, clock: now }
  const [signedByC, signedByB] = await Promise.all([
    signFor(clientC, bySameSubject),
    signFor(clientB, bySameSubject),
  ])
  const inB = (file: string): string => join(clientB.folder, file)
  const privateKey = request.key
  return {
    clientB: await writeCredential(inB('client-b'), { chain: signedByC, privateKey }),
    sameSubjectOtherAuthority: await writeCredential(inB('client-b-own-authority'), {
      chain: signedByB,
      privateKey,
    }),
    newcomer: await issueTo(clientC, {
      profile: 'client',
      subject: newcomerSubject,
      file: 'client-b-batch',
      clock: now,
    }),
    expired: await issueTo(clientC, {
      profile: 'client',
      subject: `CN=client-b-old,${organisationB}`,
      file: 'expired',
      clock: foundedAt,
    }),
    serverOnly: await issueTo(clientC, {
      profile: 'server',
      subject: `CN=client-b-server,${organisationB}`,
      subjectAltNames: ['DNS:server.client-b.example'],
      file: 'server-only',
      clock: now,
    }),
  }
}

async function startBackendOf(clientC: Organisation): ReturnType<typeof startBackend> {
  const credential = await issueTo(clientC, {
    profile: 'server',
    subject: 'CN=backend,O=Client C Organization,L=Paris,C=FR',
    subjectAltNames: ['DNS:backend.client-c.example'],
    file: 'backend',
    clock: systemClock,
  })
  return startBackend({ credential, rootFile: clientC.rootFile, gatewaySubject })
}

/** What an operator would have: a configuration and the two identities that it names. */
async function writeClusterFiles(clientC: Organisation, backendPort: number): Promise<void> {
  const local = {
    profile: 'server',
    subjectAltNames: ['IP:127.0.0.1', 'DNS:localhost'],
    clock: systemClock,
  } as const
  const place = 'O=Client C Organization,L=Paris,C=FR'
  await issueTo(clientC, { ...local, subject: `CN=rest,${place}`, file: 'rest' })
  await issueTo(clientC, { ...local, subject: `CN=gateway-listener,${place}`, file: 'gateway' })
  await issueTo(clientC, {
    profile: 'client',
    subject: gatewaySubject,
    file: 'gateway-client',
    clock: systemClock,
  })
  await writeFile(join(clientC.folder, 'handfast.yaml'), demoConfig({ backendPort }))
}
