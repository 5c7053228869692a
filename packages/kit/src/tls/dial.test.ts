import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { test } from 'node:test'
import { createServer } from 'node:tls'
import type { TlsOptions } from 'node:tls'
import { liveAuthority, listing, startGuarded } from '../../test/guarded.ts'
import type { TestCertificateOptions, TestIdentity } from '../../test/certificates.ts'
import { fixedIdentity } from '../identity/identity.ts'
import { caAnchor, pinnedAnchor } from '../trust/anchor.ts'
import { encodeCertificatePem, parseCertificates } from '../x509/certificate.ts'
import { encodePrivateKeyPem } from '../x509/keys.ts'
import { dialTls } from './dial.ts'
import { TlsError } from './errors.ts'

const authority = liveAuthority()
const intermediate = authority.intermediate({ subject: 'CN=Issuing' })
const anchors = [caAnchor(authority.certificate)]
const named = { subjectAltNames: [{ type: 'dns', value: 'web.example' }] } as const
const past = { notBefore: new Date(Date.now() - 9e9), notAfter: new Date(Date.now() - 1e6) }

interface Served extends AsyncDisposable {
  readonly port: number
  /** What clients sent. */
  readonly received: () => string
}

async function serve(chain: readonly TestIdentity[], options: TlsOptions = {}): Promise<Served> {
  const [leaf] = chain
  assert.ok(leaf)
  let received = ''
  const server = createServer({
    key: encodePrivateKeyPem(leaf.key),
    cert: chain.map(({ certificate }) => encodeCertificatePem(certificate)).join(''),
    ...options,
  })
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined)
    socket.setEncoding('utf8').on('data', (text: string) => (received += text))
  })
  server.on('tlsClientError', () => undefined)
  return { ...(await listening(server)), received: () => received }
}

async function listening(server: Server): Promise<AsyncDisposable & { port: number }> {
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

const leafOf = (options: TestCertificateOptions = {}): TestIdentity =>
  authority.issue({ subject: 'CN=web', extensions: named, ...options })
const dial = { host: '127.0.0.1', serverName: 'web.example', timeoutMs: 10_000, anchors }

interface Accepted {
  readonly what: string
  readonly chain: readonly TestIdentity[]
  readonly anchors: typeof anchors
  readonly serverName?: string
}

const below = intermediate.issue({ subject: 'CN=web', extensions: named })
const self = liveAuthority({
  subject: 'CN=self',
  extensions: { ...named, basicConstraints: undefined, keyUsage: undefined },
})
const accepted: readonly Accepted[] = [
  { what: 'a leaf of a CA anchor', chain: [leafOf()], anchors },
  { what: 'a chain to a CA anchor', chain: [below, intermediate], anchors },
  {
    what: 'a leaf of an intermediate that is the anchor',
    chain: [below],
    anchors: [caAnchor(intermediate.certificate)],
  },
  {
    what: 'a pinned self-signed certificate',
    chain: [self],
    anchors: [pinnedAnchor(self.certificate)],
  },
  {
    what: 'a pinned certificate that a CA issued',
    chain: [below],
    anchors: [pinnedAnchor(below.certificate)],
  },
  {
    what: 'an IP address by an IP name',
    chain: [leafOf({ extensions: { subjectAltNames: [{ type: 'ip', value: '127.0.0.1' }] } })],
    anchors,
    serverName: '127.0.0.1',
  },
]

for (const { what, chain, ...options } of accepted) {
  test(`dialTls() accepts ${what}`, async () => {
    await using server = await serve(chain)
    const socket = await dialTls({ ...dial, ...options, port: server.port })
    assert.equal(socket.authorized, true)
    socket.destroy()
  })
}

const refused: readonly (Accepted & { readonly codes: readonly string[] })[] = [
  {
    what: 'another name',
    chain: [leafOf()],
    anchors,
    serverName: 'other.example',
    codes: ['HF-T140'],
  },
  {
    what: 'a name that is the common name alone',
    chain: [leafOf({ subject: 'CN=web.example', extensions: { subjectAltNames: undefined } })],
    anchors,
    codes: ['HF-T140'],
  },
  {
    what: 'an IP address written as a DNS name',
    chain: [leafOf({ extensions: { subjectAltNames: [{ type: 'dns', value: '127.0.0.1' }] } })],
    anchors,
    serverName: '127.0.0.1',
    codes: ['HF-T140'],
  },
  {
    what: 'an unknown authority',
    chain: [liveAuthority({ subject: 'CN=Other' }).issue({ extensions: named })],
    anchors,
    codes: ['HF-T112'],
  },
  {
    what: 'a certificate for clients only, expired',
    chain: [leafOf({ ...past, extensions: { ...named, extendedKeyUsage: ['clientAuth'] } })],
    anchors,
    codes: ['HF-T132', 'HF-T134'],
  },
  {
    what: 'a renewed certificate where another one is pinned',
    chain: [leafOf()],
    anchors: [pinnedAnchor(below.certificate)],
    codes: ['HF-T112'],
  },
]

for (const { what, chain, codes, ...options } of refused) {
  test(`dialTls() refuses ${what}, with every reason, and sends nothing`, async () => {
    await using server = await serve(chain)
    await assert.rejects(dialTls({ ...dial, ...options, port: server.port }), (error) => {
      assert.ok(error instanceof TlsError)
      assert.equal(error.code, 'HF-L104')
      assert.deepEqual(
        error.refusals.map(({ code }) => code),
        codes,
      )
      return true
    })
    assert.equal(server.received(), '')
  })
}

test('dialTls() shows its identity to a server that asks', async () => {
  const client = authority.issue({ subject: 'CN=client' })
  await using server = await startGuarded({ policy: () => listing(authority, [client]) })
  const identity = fixedIdentity({ name: 'client', key: client.key, chain: [client.certificate] })
  const roots = parseCertificates(server.root).map(caAnchor)
  const to = { host: '127.0.0.1', port: server.port, serverName: '127.0.0.1', anchors: roots }
  const socket = await dialTls({ ...to, identity })
  const event = await server.event('connection-accepted')
  assert.equal(event.peer, 'CN=client')
  socket.destroy()
})

test('dialTls() refuses to start without anchors', async () => {
  await assert.rejects(dialTls({ ...dial, anchors: [], port: 1 }), { code: 'HF-T002' })
})

test('dialTls() gives up on a server that never answers, after timeoutMs', async () => {
  await using server = await listening(createTcpServer())
  await assert.rejects(dialTls({ ...dial, timeoutMs: 50, port: server.port }), { code: 'HF-L103' })
})

test('dialTls() says when nobody listens, or TLS is not spoken', async () => {
  const free = await listening(createTcpServer())
  await free[Symbol.asyncDispose]()
  await assert.rejects(dialTls({ ...dial, port: free.port }), { code: 'HF-L102' })
  await using plain = await listening(
    createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  )
  await assert.rejects(dialTls({ ...dial, port: plain.port }), { code: 'HF-L102' })
})
