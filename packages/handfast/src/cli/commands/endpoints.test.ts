import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer as createTcpServer } from 'node:net'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createServer } from 'node:tls'
import type { TlsOptions } from 'node:tls'
import { encodeCertificatePem, encodePrivateKeyPem } from '@handfast/kit/x509'
import { testAuthority, validNow } from '../../../test/certificates.ts'
import type { TestIdentity } from '../../../test/certificates.ts'
import { assertRefused, jsonField, runEach, temporaryFolder } from '../../../test/run-program.ts'
import type { ProgramRun } from '../../../test/run-program.ts'

const root = await testAuthority(validNow)
const issuing = await root.intermediate(validNow)
const leaf = await issuing.issue(validNow)
const stranger = await testAuthority({ ...validNow, subject: 'CN=Stranger' })
const self = await testAuthority({
  ...validNow,
  subject: 'CN=self',
  extensions: { basicConstraints: undefined, keyUsage: ['digitalSignature'] },
})

async function serve(
  t: TestContext,
  chain: readonly TestIdentity[],
  options: TlsOptions = {},
): Promise<string> {
  const [first] = chain
  assert.ok(first)
  const server = createServer({
    key: encodePrivateKeyPem(first.key),
    cert: chain.map(({ certificate }) => encodeCertificatePem(certificate)).join(''),
    ALPNProtocols: ['http/1.1'],
    ...options,
  })
  server.on('secureConnection', (socket) => socket.on('error', () => undefined))
  server.on('tlsClientError', () => undefined)
  return listen(t, server)
}

async function listen(t: TestContext, server: Server): Promise<string> {
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return `127.0.0.1:${address.port}`
}

function warnings(run: ProgramRun | undefined, file: number): readonly string[] {
  assert.ok(run)
  const found = jsonField(run, 'files', file, 'warnings') as readonly { readonly reason: string }[]
  return found.map(({ reason }) => reason)
}

const named = ['--server-name', 'leaf.example'] as const

test('inspect host:port says what a server shows, and what clients will miss', async (t) => {
  const cwd = await temporaryFolder(t)
  const mutual = { requestCert: true, rejectUnauthorized: true }
  const servers = [
    await serve(t, [leaf, issuing], mutual),
    await serve(t, [leaf, issuing], { ...mutual, maxVersion: 'TLSv1.2' }),
    await serve(t, [leaf]),
    await serve(t, [leaf, root, stranger, issuing]),
    await serve(t, [self]),
  ]
  const [run, text, unnamed] = await runEach([
    { args: ['inspect', ...servers, ...named, '--json'], cwd },
    { args: ['inspect', servers[0] ?? '', ...named], cwd },
    { args: ['inspect', `https://${servers[0]}/`, '--json'], cwd },
  ])
  assert.equal(run?.status, 0, run?.stderr)
  assert.deepEqual(
    servers.map((_, index) => warnings(run, index)),
    [
      [],
      ['handshake-ended'],
      ['intermediate-missing'],
      ['chain-out-of-order', 'root-sent', 'certificate-unrelated'],
      ['server-name-mismatch'],
    ],
  )
  assert.deepEqual(jsonField(run, 'files', 0, 'connection'), {
    serverName: 'leaf.example',
    protocol: 'TLSv1.3',
    alpn: 'http/1.1',
    completed: true,
  })
  assert.equal(jsonField(run, 'files', 3, 'items', 2, 'subject'), 'CN=Stranger')
  assert.match(JSON.stringify(jsonField(run, 'files', 4, 'items', 0)), /"self-signed"/)
  assert.match(
    text?.stdout ?? '',
    /TLSv1\.3, ALPN http\/1\.1, asked for "leaf\.example"\): 2 items/,
  )
  assert.deepEqual(warnings(unnamed, 0), ['server-name-mismatch'])
})

test('verify host:port judges what the server shows, by the name that is dialled', async (t) => {
  const cwd = await temporaryFolder(t)
  await writeFile(join(cwd, 'root.crt'), encodeCertificatePem(root.certificate))
  await writeFile(join(cwd, 'issuing.crt'), encodeCertificatePem(issuing.certificate))
  const whole = await serve(t, [leaf, issuing], { requestCert: true, rejectUnauthorized: true })
  const short = await serve(t, [leaf])
  const trusted = ['--anchor', 'root.crt', '--json'] as const
  const name = ['--name', 'leaf.example'] as const
  const [accepted, completed, other, missing] = await runEach([
    { args: ['verify', whole, ...trusted, ...name], cwd },
    { args: ['verify', short, ...trusted, ...name, '--intermediates', 'issuing.crt'], cwd },
    { args: ['verify', whole, ...trusted], cwd },
    { args: ['verify', short, ...trusted, ...name], cwd },
  ])
  for (const run of [accepted, completed]) {
    assert.equal(run?.status, 0, run?.stderr)
    assert.equal(jsonField(run, 'outcome'), 'accepted')
    assert.equal(jsonField(run, 'connection', 'protocol'), 'TLSv1.3')
  }
  assert.equal(other?.status, 1, other?.stderr)
  assert.equal(jsonField(other, 'faults', 0, 'code'), 'HF-T140')
  assert.equal(missing?.status, 1, missing?.stderr)
  assert.equal(jsonField(missing, 'faults', 0, 'code'), 'HF-T112')
})

test('inspect and verify say why a server shows nothing, and take a file first', async (t) => {
  const cwd = await temporaryFolder(t)
  await writeFile(join(cwd, 'root.crt'), encodeCertificatePem(root.certificate))
  await writeFile(join(cwd, 'web.example:443'), encodeCertificatePem(leaf.certificate))
  const plain = await listen(
    t,
    createTcpServer((socket) => socket.end('HTTP/1.1 400\r\n\r\n')),
  )
  const trusted = ['--anchor', 'root.crt'] as const
  const cases = [
    { args: ['inspect', plain], status: 1, code: 'HF-L102' },
    { args: ['verify', plain, ...trusted], status: 1, code: 'HF-L102' },
    { args: ['inspect', '127.0.0.1:99999'], status: 2, code: 'HF-U101' },
    { args: ['verify', '127.0.0.1:0', ...trusted], status: 2, code: 'HF-U101' },
    { args: ['inspect', plain, '--server-name', 'a b'], status: 2, code: 'HF-U101' },
    { args: ['verify', plain, ...trusted, '--purpose', 'client'], status: 2, code: 'HF-U101' },
    { args: ['verify', plain], status: 2, code: 'HF-U101' },
  ] as const
  const [file, ...runs] = await runEach([
    { args: ['inspect', 'web.example:443', '--json'], cwd },
    ...cases.map(({ args }) => ({ args, cwd })),
  ])
  assert.equal(file?.status, 0, file?.stderr)
  assert.equal(jsonField(file, 'files', 0, 'connection'), undefined)
  for (const [index, refusal] of cases.entries()) {
    await t.test(`${refusal.args.join(' ')}: ${refusal.code}`, () => {
      assertRefused(runs[index], refusal)
    })
  }
})
