import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { it } from 'node:test'
import { systemClock } from '@handfast/kit/base'
import type { Clock } from '@handfast/kit/base'
import { fixedIdentity } from '@handfast/kit/identity'
import type { IdentitySource } from '@handfast/kit/identity'
import {
  createCertificate,
  encodeCertificatePem,
  generatePrivateKey,
  keySigner,
  parseGeneralName,
  parseName,
  publicKeyFromPrivate,
} from '@handfast/kit/x509'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Manager, Store } from '../store/store.ts'
import { addUser } from './add-user.ts'
import type { AppliedRevisions } from './allowed-subjects.ts'
import type { ControlEvent } from './events.ts'
import { ensureManager } from './manager.ts'
import { createRestServer } from './rest-server.ts'

// Where this room's tests play: a store in a folder of its own, and the REST API over real TLS.

export const password = 'correct horse: battery'
export const basic = (name: string, secret: string): string =>
  `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`
export const authorization: string = basic('alice', password)

export interface TestStore extends AsyncDisposable {
  readonly file: string
  readonly store: Store
  /** Closes the store and opens its file again. */
  reopen(): Promise<Store>
}

export async function openTestStore(): Promise<TestStore> {
  const folder = mkdtempSync(path.join(tmpdir(), 'handfast-control-'))
  const file = path.join(folder, 'handfast.db')
  let store = await openSqliteStore({ file })
  return {
    file,
    get store() {
      return store
    },
    async reopen() {
      await store.close()
      store = await openSqliteStore({ file })
      return store
    },
    async [Symbol.asyncDispose]() {
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Stage extends AsyncDisposable {
  readonly store: Store
  readonly manager: Manager
  readonly events: readonly ControlEvent[]
  readonly port: number
  readonly certificatePem: string
  /** Calls as alice, unless the headers say otherwise; `target` goes out as it is. */
  call(method: string, target: string, options?: CallOptions): Promise<Answer>
  /** The path of the manager's list, with a subject when one is given. */
  path(subject?: string, version?: string): string
}

export interface StageOptions {
  readonly tlsType?: 'ONE_WAY' | 'MUTUAL'
  readonly anchors?: readonly string[]
  readonly applied?: AppliedRevisions
  readonly clock?: Clock
  /** Default: one that is free. */
  readonly port?: number
  /** A store that outlives the stage. */
  readonly test?: TestStore
  /** Puts something else in the store's place for the server. */
  readonly wrapStore?: (store: Store) => Store
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { tlsType = 'MUTUAL', anchors = ['a1', 'a2'], clock = systemClock } = options
  await using stack = new AsyncDisposableStack()
  const { store } = options.test ?? stack.use(await openTestStore())
  await addUser(store, { name: 'alice', password, replace: true, actor: 'test', clock })
  const manager = await ensureManager(store, { name: 'O=M, L=London, C=GB', anchors, clock })
  const { identity, certificatePem } = await serverIdentity()
  const events: ControlEvent[] = []
  // Made before the server, so that it goes after it: the server has idle connections to end.
  const agent = new Agent({ keepAlive: true, ca: certificatePem, timeout: 10_000 })
  stack.defer(() => agent.destroy())
  const server = stack.use(
    createRestServer({
      identity,
      store: options.wrapStore?.(store) ?? store,
      cluster: { tlsType },
      clock,
      events: { emit: (event) => void events.push(event) },
      ...(options.applied && { applied: options.applied }),
    }),
  )
  const { port } = await server.listen({ host: '127.0.0.1', port: options.port ?? 0 })
  const owned = stack.move()
  return {
    store,
    manager,
    events,
    port,
    certificatePem,
    call: async (method, target, call = {}) => send({ method, target, port, agent, ...call }),
    path(subject, version = 'v1') {
      const list = `/api/${version}/mgm/${manager.holdingId}/mutual-tls/allowed-client-certificate-subjects`
      return subject === undefined ? list : `${list}/${encodeURIComponent(subject)}`
    },
    [Symbol.asyncDispose]: async () => owned.disposeAsync(),
  }
}

interface Call extends CallOptions {
  readonly method: string
  readonly target: string
  readonly port: number
  readonly agent: Agent
}

async function send({ method, target, port, agent, headers, body }: Call): Promise<Answer> {
  const outgoing = request({
    host: '127.0.0.1',
    port,
    agent,
    method,
    path: target,
    headers: { authorization, ...lengthOf(body, headers), ...headers },
    timeout: 10_000,
  })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream & Answer]
  const { statusCode, headers: found } = response as unknown as {
    statusCode: number
    headers: NodeJS.Dict<string | string[]>
  }
  return { status: statusCode, headers: found, body: await text(response) }
}

/** Node's client sends a DELETE's body without saying how long it is. */
function lengthOf(
  body: string | undefined,
  headers: CallOptions['headers'],
): Readonly<Record<string, string>> {
  if (body === undefined || headers?.['transfer-encoding'] !== undefined) return {}
  return { 'content-length': String(Buffer.byteLength(body)) }
}

async function serverIdentity(): Promise<{
  readonly identity: IdentitySource
  readonly certificatePem: string
}> {
  const key = await generatePrivateKey('ec-p256')
  const name = parseName('CN=rest')
  const now = Date.now()
  const certificate = await createCertificate(
    {
      serialNumber: Uint8Array.of(1, ...randomBytes(15)),
      issuer: name,
      subject: name,
      notBefore: new Date(now - 60_000),
      notAfter: new Date(now + 3_600_000),
      publicKey: publicKeyFromPrivate(key),
      extensions: {
        basicConstraints: { ca: true },
        extendedKeyUsage: ['serverAuth'],
        subjectAltNames: [parseGeneralName('IP:127.0.0.1')],
      },
    },
    keySigner(key),
  )
  return {
    identity: fixedIdentity({ name: 'rest', key, chain: [certificate] }),
    certificatePem: encodeCertificatePem(certificate),
  }
}

// The other tests import this file: declared there, this would run again.
if (import.meta.main) {
  it('the stage answers a call', { timeout: 20_000 }, async () => {
    await using stage = await openStage()
    const { status, body } = await stage.call('GET', stage.path())
    assert.deepEqual({ status, body }, { status: 200, body: '[]' })
  })
}
