import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { call } from '../support/call.ts'
import type { Answer } from '../support/call.ts'
import { makeClusterFolder } from '../support/cluster-folder.ts'
import type { ClusterFolder } from '../support/cluster-folder.ts'
import { runHandfast, startHandfast } from '../support/handfast.ts'
import type { RunningProcess } from '../support/running-process.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'

interface Ready {
  readonly restPort: number
  readonly gatewayPort: number
  readonly holdingId: string
}

test('what the REST API answered 204 for is in force after kill -9 and a new start', async () => {
  await using folder = await makeTemporaryFolder()
  await using upstream = await startUpstream()
  const files = await makeClusterFolder(folder.path, { upstreamPort: upstream.port })
  const password = await addUser(join(folder.path, 'data'))

  await using first = startHandfast(['up', '-c', files.configFile, '--json'])
  const before = await ready(first)
  assert.equal((await callGateway(before, files)).status, 403)
  const put = await allowList(before, {
    root: files.root,
    password,
    method: 'PUT',
    subject: files.client.subject,
  })
  assert.equal(put.status, 204)
  await first.stop('SIGKILL')

  await using second = startHandfast(['up', '-c', files.configFile, '--json'])
  const after = await ready(second)
  assert.equal(after.holdingId, before.holdingId)
  const listed = await allowList(after, { root: files.root, password, method: 'GET' })
  assert.deepEqual(JSON.parse(listed.body), ['CN=client, O=Example, L=Paris, C=FR'])
  const accepted = await callGateway(after, files)
  assert.equal(accepted.status, 200)
  assert.match(accepted.body, /Subject="CN=client,O=Example,L=Paris,C=FR"/)
  const { status } = await second.stop('SIGTERM')
  assert.equal(status, 0)
})

async function startUpstream(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((incoming, response) => {
    response.end(String(incoming.headers['x-forwarded-client-cert']))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address: AddressInfo | string | null = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function addUser(data: string): Promise<string> {
  const { status, stdout, stderr } = await runHandfast([
    'user',
    'add',
    'admin',
    '--data',
    data,
    '--json',
  ])
  assert.equal(status, 0, stderr)
  const added: unknown = JSON.parse(stdout)
  assert.ok(typeof added === 'object' && added !== null && 'password' in added)
  return String(added.password)
}

async function ready(program: RunningProcess): Promise<Ready> {
  const [, port, gateway, holdingId] = await program.waitFor(
    'stdout',
    /"type":"ready","rest":\{"host":"127\.0\.0\.1","port":(\d+)\},"listeners":\[\{[^\]]*"port":(\d+)\}\],"holdingId":"([0-9A-F]{12})"/,
  )
  return { restPort: Number(port), gatewayPort: Number(gateway), holdingId: holdingId ?? '' }
}

function callGateway({ gatewayPort }: Ready, { root, client }: ClusterFolder): Promise<Answer> {
  return call({ port: gatewayPort, path: '/', ca: root, cert: client.certificate, key: client.key })
}

function allowList(
  { restPort, holdingId }: Ready,
  change: { root: string; password: string; method: string; subject?: string },
): Promise<Answer> {
  const subject = change.subject === undefined ? '' : `/${encodeURIComponent(change.subject)}`
  return call({
    port: restPort,
    ca: change.root,
    method: change.method,
    auth: `admin:${change.password}`,
    path: `/api/v5_1/mgm/${holdingId}/mutual-tls/allowed-client-certificate-subjects${subject}`,
  })
}
