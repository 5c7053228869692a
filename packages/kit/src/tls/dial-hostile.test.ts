import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createTcpServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { describe, it } from 'node:test'
import { createServer } from 'node:tls'
import type { TlsOptions } from 'node:tls'
import type { TestIdentity } from '../../test/certificates.ts'
import { liveAuthority } from '../../test/guarded.ts'
import { fixedIdentity } from '../identity/identity.ts'
import { caAnchor } from '../trust/anchor.ts'
import { encodeCertificatePem } from '../x509/certificate.ts'
import { encodePrivateKeyPem } from '../x509/keys.ts'
import { dialTls } from './dial.ts'
import { TlsError } from './errors.ts'

const authority = liveAuthority()
const anchors = [caAnchor(authority.certificate)]
const subjectAltNames = [{ type: 'dns', value: 'web.example' } as const]
const leaf = authority.issue({ subject: 'CN=web', extensions: { subjectAltNames } })
const to = { host: '127.0.0.1', serverName: 'web.example', timeoutMs: 10_000, anchors }
const year = 365 * 24 * 60 * 60 * 1000

describe('dialTls() where OpenSSL and the verdict disagree', () => {
  it('refuses what only the verdict accepts, and says who refused', async () => {
    const past = {
      notBefore: new Date(Date.now() - 2 * year),
      notAfter: new Date(Date.now() - year),
    }
    const expired = authority.issue({ ...past, extensions: { subjectAltNames } })
    const root = liveAuthority({ key: authority.key, notBefore: past.notBefore })
    const clock = { now: () => new Date(Date.now() - 1.5 * year) }
    await using server = await serve([expired])
    const error = await refusalOf({
      ...to,
      port: server.port,
      anchors: [caAnchor(root.certificate)],
      clock,
    })
    assert.equal(error.code, 'HF-L104')
    assert.deepEqual(error.refusals, [])
    assert.match(error.message, /OpenSSL refuses it \(CERT_HAS_EXPIRED\)/)
    assert.equal(await server.received(), '')
  })

  it('refuses what only OpenSSL accepts', async () => {
    await using server = await serve([leaf])
    const clock = { now: () => new Date(Date.now() + year) }
    const error = await refusalOf({ ...to, port: server.port, clock })
    assert.equal(error.code, 'HF-L104')
    assert.deepEqual(
      error.refusals.map(({ code }) => code),
      ['HF-T130', 'HF-T132'],
    )
    assert.equal(await server.received(), '')
  })

  it('refuses when its clock fails, and leaves no connection behind', async () => {
    await using server = await serve([leaf])
    const clock = {
      now: () => {
        throw new Error('no time')
      },
    }
    assert.equal((await refusalOf({ ...to, port: server.port, clock })).code, 'HF-L102')
    assert.equal(await server.received(), '')
  })
})

describe('dialTls() and names', () => {
  const wild = authority.issue({
    extensions: { subjectAltNames: [{ type: 'dns', value: '*.example.org' }] },
  })

  it('accepts a wildcard for one label', async () => {
    await using server = await serve([wild])
    const socket = await dialTls({ ...to, port: server.port, serverName: 'a.example.org' })
    socket.destroy()
  })

  it('takes an absolute name, and asks for it without its last dot', async () => {
    const asked = Promise.withResolvers<string>()
    await using server = await serve([leaf], {
      SNICallback: (name, done) => {
        asked.resolve(name)
        done(null)
      },
    })
    const socket = await dialTls({ ...to, port: server.port, serverName: 'web.example.' })
    socket.destroy()
    assert.equal(await asked.promise, 'web.example')
  })

  for (const serverName of ['a.b.example.org', 'example.org', '*.example.org', '', '127.0.0.1']) {
    it(`refuses "${serverName}" for *.example.org`, async () => {
      await using server = await serve([wild])
      const error = await refusalOf({ ...to, port: server.port, serverName })
      assert.equal(error.code, 'HF-L104')
      assert.equal(error.refusals[0]?.name, 'server-name-mismatch')
      assert.equal(await server.received(), '')
    })
  }
})

describe('dialTls() and servers that misbehave', () => {
  it('refuses a chain of 17 certificates', async () => {
    const strays = Array.from({ length: 16 }, (_, index) =>
      liveAuthority({ subject: `CN=Stray ${index}` }),
    )
    await using server = await serve([leaf, ...strays])
    const error = await refusalOf({ ...to, port: server.port })
    assert.deepEqual(
      error.refusals.map(({ name }) => name),
      ['certificate-malformed'],
    )
  })

  it('refuses TLS 1.1', async () => {
    const old = {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const
    await using server = await serve([leaf], old)
    assert.equal((await refusalOf({ ...to, port: server.port })).code, 'HF-L102')
  })

  for (const [what, misbehave] of [
    ['closes at once', (socket: Socket) => socket.end()],
    [
      'resets in the handshake',
      (socket: Socket) => socket.once('data', () => socket.resetAndDestroy()),
    ],
    ['closes in the handshake', (socket: Socket) => socket.once('data', () => socket.end())],
    ['answers with garbage', (socket: Socket) => socket.end(Buffer.alloc(5000, 0x16))],
  ] as const) {
    it(`fails when it ${what}`, async () => {
      const server = createTcpServer((socket) => {
        socket.on('error', () => undefined)
        misbehave(socket)
      })
      await using listening = await listen(server)
      assert.equal((await refusalOf({ ...to, port: listening.port })).code, 'HF-L102')
    })
  }

  it('never resumes a session', async () => {
    await using server = await serve([leaf])
    for (let times = 0; times < 3; times += 1) {
      const socket = await dialTls({ ...to, port: server.port })
      assert.equal(socket.isSessionReused(), false)
      socket.destroy()
    }
  })

  it('fails with its own error when OpenSSL finds its identity too weak', async () => {
    await using server = await serve([leaf])
    const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const weak = authority.issue({ key })
    const identity = fixedIdentity({ name: 'weak', key, chain: [weak.certificate] })
    assert.equal((await refusalOf({ ...to, port: server.port, identity })).code, 'HF-L102')
  })

  it('throws a RangeError for a port that is none', async () => {
    await assert.rejects(dialTls({ ...to, port: 65_536 }), RangeError)
  })
})

interface Served extends AsyncDisposable {
  readonly port: number
  /** What clients sent, once all connections are closed. */
  received(): Promise<string>
}

async function serve(chain: readonly TestIdentity[], options: TlsOptions = {}): Promise<Served> {
  const [{ key } = leaf] = chain
  let received = ''
  const server = createServer({
    key: encodePrivateKeyPem(key),
    cert: chain.map(({ certificate }) => encodeCertificatePem(certificate)).join(''),
    ...options,
  })
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
  })
  server.on('tlsClientError', () => undefined)
  const listening = await listen(server)
  return {
    ...listening,
    received: async () => {
      await Promise.all(
        Array.from(listening.open, async (socket) => once(socket, 'close', limit())),
      )
      return received
    },
  }
}

interface Listening extends AsyncDisposable {
  readonly port: number
  readonly open: ReadonlySet<Socket>
}

async function listen(server: Server): Promise<Listening> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening', limit())
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    port: address.port,
    open,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close', limit())
    },
  }
}

async function refusalOf(options: Parameters<typeof dialTls>[0]): Promise<TlsError> {
  try {
    const socket = await dialTls(options)
    socket.destroy()
  } catch (error) {
    assert.ok(error instanceof TlsError, String(error))
    return error
  }
  assert.fail('it was accepted')
}

function limit(): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(10_000) }
}
