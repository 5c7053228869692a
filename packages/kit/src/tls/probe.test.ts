import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { test } from 'node:test'
import { createServer } from 'node:tls'
import type { TlsOptions } from 'node:tls'
import { liveAuthority } from '../../test/guarded.ts'
import type { TestIdentity } from '../../test/certificates.ts'
import { encodeCertificatePem } from '../x509/certificate.ts'
import { encodePrivateKeyPem } from '../x509/keys.ts'
import { formatName } from '../x509/name-text.ts'
import { TlsError } from './errors.ts'
import { fetchPresented } from './probe.ts'
import type { Presented } from './probe.ts'

const authority = liveAuthority()
const intermediate = authority.intermediate({ subject: 'CN=Issuing' })
const leaf = intermediate.issue({ subject: 'CN=web' })
const stranger = liveAuthority({ subject: 'CN=Stranger' })

interface Listening extends AsyncDisposable {
  readonly port: number
}

interface Served extends Listening {
  /** What clients sent, and the names that they asked for. */
  readonly seen: { bytes: number; names: string[] }
}

async function serve(chain: readonly TestIdentity[], options: TlsOptions = {}): Promise<Served> {
  const [first] = chain
  assert.ok(first)
  const seen: Served['seen'] = { bytes: 0, names: [] }
  const server = createServer({
    key: encodePrivateKeyPem(first.key),
    cert: chain.map(({ certificate }) => encodeCertificatePem(certificate)).join(''),
    SNICallback: (name, answer) => {
      seen.names.push(name)
      answer(null)
    },
    ...options,
  })
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => (seen.bytes += chunk.length))
  })
  server.on('tlsClientError', () => undefined)
  return { ...(await listening(server)), seen }
}

async function listening(server: Server): Promise<Listening> {
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address: AddressInfo | string | null = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const probe = async (port: number, serverName = 'web.example'): Promise<Presented> =>
  fetchPresented({ host: '127.0.0.1', port, serverName })

function subjects({ peer }: Presented): readonly string[] {
  assert.ok(peer.kind === 'certified')
  return [peer.leaf, ...peer.intermediates].map(({ subject }) => formatName(subject))
}

test('fetchPresented() returns the chain in the order sent, trusted or not, and sends nothing', async () => {
  await using server = await serve([leaf, stranger, intermediate], { ALPNProtocols: ['http/1.1'] })
  const presented = await probe(server.port)
  assert.deepEqual(subjects(presented), ['CN=web', 'CN=Stranger', 'CN=Issuing'])
  assert.deepEqual(
    [presented.protocol, presented.alpn, presented.completed],
    ['TLSv1.3', 'http/1.1', true],
  )
  assert.deepEqual(server.seen, { bytes: 0, names: ['web.example'] })
})

test('fetchPresented() shows a server that insists on a client certificate, with TLS 1.3 and 1.2', async () => {
  for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
    await using server = await serve([leaf, intermediate], {
      maxVersion,
      requestCert: true,
      rejectUnauthorized: true,
    })
    const presented = await probe(server.port, '127.0.0.1')
    assert.deepEqual(subjects(presented), ['CN=web', 'CN=Issuing'])
    assert.deepEqual(
      [presented.protocol, presented.alpn, presented.completed],
      [maxVersion, null, maxVersion === 'TLSv1.3'],
    )
  }
})

async function rejectedWith(port: number, code: string): Promise<void> {
  await assert.rejects(
    fetchPresented({ host: '127.0.0.1', port, timeoutMs: 300 }),
    (error) => error instanceof TlsError && error.code === code && error.hint !== undefined,
  )
}

test('fetchPresented() gives up on what does not speak TLS', async () => {
  await using silent = await listening(createTcpServer(() => undefined))
  await rejectedWith(silent.port, 'HF-L103')
  await using plain = await listening(
    createTcpServer((socket) => socket.end('HTTP/1.1 400\r\n\r\n')),
  )
  await rejectedWith(plain.port, 'HF-L102')
  await using closing = await listening(createTcpServer((socket) => socket.destroy()))
  await rejectedWith(closing.port, 'HF-L102')
})

test('fetchPresented() gives up where nobody listens, and on old TLS', async () => {
  const gone = await serve([leaf])
  await gone[Symbol.asyncDispose]()
  await rejectedWith(gone.port, 'HF-L102')
  await using old = await serve([leaf], {
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL@SECLEVEL=0',
  })
  await rejectedWith(old.port, 'HF-L102')
})
