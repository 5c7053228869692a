import type { Identity, IdentitySource } from '@handfast/kit/identity'
import { fingerprint } from '@handfast/kit/x509'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { before, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { TLSSocket } from 'node:tls'
import { createCast } from './cast.test.ts'
import type { Cast } from './cast.test.ts'
import {
  Client,
  mutualState,
  mutualUpstream,
  portOf,
  problemCode,
  readReply,
  responseTo,
  startBackend,
  startGateway,
} from './stage.test.ts'
import type { StageOptions } from './stage.test.ts'
import type { UpstreamState } from './state.ts'

describe('Gateway: its upstream', () => {
  let cast: Cast
  before(async () => {
    cast = await createCast()
  })

  /** A client of a gateway before `upstream`. */
  const stand = async (
    t: TestContext,
    upstream: UpstreamState,
    options: Partial<StageOptions> = {},
  ): Promise<{ client: Client } & Awaited<ReturnType<typeof startGateway>>> => {
    const stage = await startGateway(t, { cast, state: mutualState(cast, upstream), ...options })
    return { ...stage, client: new Client(t, stage.port, cast.client) }
  }

  /** A TCP server that does `behave` with each connection. */
  const misbehave = async (
    t: TestContext,
    behave: (socket: Socket) => void,
  ): Promise<UpstreamState> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      t.after(() => socket.destroy())
      behave(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    return { url: `http://127.0.0.1:${portOf(server)}`, anchors: [] }
  }

  it('is dialled with mutual TLS: it sees the certificate of the gateway, over one kept connection', async (t) => {
    const shown: string[] = []
    const backend = await startBackend(t, {
      credential: cast.backend,
      clientRoot: cast.own.root,
      answer(request, response) {
        assert.ok(request.socket instanceof TLSSocket)
        shown.push(request.socket.getPeerX509Certificate()?.fingerprint256 ?? '')
        response.end('hello')
      },
    })
    const { client } = await stand(t, mutualUpstream(cast, backend.port))
    let connections = 0
    backend.server.on('secureConnection', () => {
      connections += 1
    })
    for (const host of ['a.example', 'b.example']) {
      assert.equal((await client.ask({ headers: { host } })).body.toString(), 'hello')
    }
    assert.deepEqual(
      shown.map((text) => text.replaceAll(':', '').toLowerCase()),
      [fingerprint(cast.dialler.leaf), fingerprint(cast.dialler.leaf)],
    )
    assert.equal(connections, 1)
    assert.match(String(backend.seen[0]?.headers['x-forwarded-client-cert']), /CN=Operator/)
  })

  it('is dialled anew with a new certificate, once its identity is another', async (t) => {
    const renewed = await cast.own.issue({ subject: 'CN=dialler 2,O=Own' })
    const watchers = new Set<(identity: Identity) => void>()
    let current = cast.dialler.identity.current()
    const rotating: IdentitySource = {
      current: () => current,
      watch(fn) {
        watchers.add(fn)
        return () => void watchers.delete(fn)
      },
    }
    const shown: string[] = []
    const backend = await startBackend(t, { credential: cast.backend, clientRoot: cast.own.root })
    backend.server.on('secureConnection', (socket: TLSSocket) => {
      shown.push(socket.getPeerX509Certificate()?.subject ?? '')
    })
    const dialler = { ...cast.dialler, identity: rotating }
    const { client, gateway } = await stand(t, mutualUpstream(cast, backend.port), {
      cast: { ...cast, dialler },
    })
    assert.equal((await client.ask()).status, 200)
    current = renewed.identity.current()
    for (const watcher of watchers) watcher(current)
    assert.equal((await client.ask()).status, 200)
    assert.deepEqual(shown, ['O=Own\nCN=dialler', 'O=Own\nCN=dialler 2'])
    await gateway.close({ graceMs: 0 })
    // The front's identity is watched by the guard, which has its own.
    assert.equal(watchers.size, 0)
  })

  it('with another name is not trusted, and nothing is sent to it', async (t) => {
    const backend = await startBackend(t, { credential: cast.backend, clientRoot: cast.own.root })
    const upstream = { ...mutualUpstream(cast, backend.port), serverName: 'other.example' }
    const { client, events } = await stand(t, upstream)
    const reply = await client.ask({ method: 'POST', body: 'secret' })
    assert.deepEqual([reply.status, problemCode(reply)], [502, 'HF-G302'])
    assert.doesNotMatch(reply.body.toString(), /example|127\.0\.0\.1/)
    const failed = await events.first('upstream-failed')
    assert.match(failed.why, /other\.example/)
    assert.equal(failed.id, (JSON.parse(reply.body.toString()) as { id: string }).id)
    assert.deepEqual(backend.seen, [])
    const { outcome, status, code } = await events.first('request')
    assert.deepEqual([outcome, status, code], ['refused', 502, 'HF-G302'])
  })

  it('with a common name alone is not trusted', async (t) => {
    const credential = await cast.own.issue({
      subject: 'CN=backend.example',
      purpose: 'serverAuth',
    })
    const backend = await startBackend(t, { credential })
    const { client } = await stand(t, mutualUpstream(cast, backend.port))
    assert.equal(problemCode(await client.ask()), 'HF-G302')
    assert.deepEqual(backend.seen, [])
  })

  it('of an authority that is not its anchor is not trusted', async (t) => {
    const names = ['DNS:backend.example']
    const credential = await cast.partner.issue({ subject: 'CN=b', names, purpose: 'serverAuth' })
    const backend = await startBackend(t, { credential })
    const { client } = await stand(t, mutualUpstream(cast, backend.port))
    const reply = await client.ask()
    assert.deepEqual([reply.status, problemCode(reply)], [502, 'HF-G302'])
    assert.deepEqual(backend.seen, [])
  })

  it('that wants a certificate is not served by a gateway that shows none', async (t) => {
    const backend = await startBackend(t, { credential: cast.backend, clientRoot: cast.own.root })
    const { identity: _, ...anonymous } = mutualUpstream(cast, backend.port)
    const { client, events } = await stand(t, anonymous)
    const reply = await client.ask()
    assert.deepEqual([reply.status, problemCode(reply)], [502, 'HF-G303'])
    assert.match((await events.first('upstream-failed')).why, /certificate required/i)
    assert.deepEqual(backend.seen, [])
  })

  it('that is not there, or speaks no TLS, is told apart', async (t) => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const port = portOf(gone)
    gone.close()
    await once(gone, 'close')
    const plain = await startBackend(t)
    const expected: [UpstreamState, string][] = [
      [{ url: `http://127.0.0.1:${port}`, anchors: [] }, 'HF-G301'],
      [mutualUpstream(cast, port), 'HF-G301'],
      [mutualUpstream(cast, plain.port), 'HF-G303'],
    ]
    for (const [upstream, code] of expected) {
      const { client } = await stand(t, upstream)
      assert.equal(problemCode(await client.ask()), code)
    }
  })

  it('that is too slow is given up: in the handshake, and before it answers', async (t) => {
    const silent = await misbehave(t, () => undefined)
    const limits = { connectTimeoutMs: 50, responseTimeoutMs: 50 }
    const tls = mutualUpstream(cast, Number(new URL(silent.url).port))
    for (const [upstream, code] of [
      [tls, 'HF-G304'],
      [silent, 'HF-G305'],
    ] as const) {
      const { client } = await stand(t, upstream, { limits })
      const reply = await client.ask()
      assert.deepEqual([reply.status, problemCode(reply)], [504, code])
    }
  })

  it('that answers with no HTTP, or with nothing, is not passed on', async (t) => {
    const answers: [string, string][] = [
      ['SSH-2.0-x\r\n', 'HF-G307'],
      ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 'HF-G307'],
      [`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`, 'HF-G307'],
      ['HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', 'HF-G306'],
      ['', 'HF-G306'],
    ]
    for (const [answer, code] of answers) {
      const upstream = await misbehave(t, (socket) => {
        socket.once('data', () => socket.end(answer))
      })
      const { client } = await stand(t, upstream)
      const reply = await client.ask()
      assert.deepEqual([reply.status, problemCode(reply)], [502, code], answer.slice(0, 40))
    }
  })

  it('that breaks off its answer breaks the connection of the client', async (t) => {
    const upstream = await misbehave(t, (socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'))
    })
    const { client, events } = await stand(t, upstream)
    const response = await responseTo(client.begin().end())
    await assert.rejects(readReply(response), { code: 'ECONNRESET' })
    const { outcome, status, code } = await events.first('request')
    assert.deepEqual([outcome, status, code], ['broken', 200, 'HF-G306'])
  })

  it('that is busy is spared', async (t) => {
    const { promise: asked, resolve } = Promise.withResolvers<() => void>()
    const backend = await startBackend(t, {
      answer: (_request, response) => resolve(() => response.end('late')),
    })
    const url = `http://127.0.0.1:${backend.port}`
    const { client, port } = await stand(
      t,
      { url, anchors: [] },
      { limits: { maxUpstreamRequests: 1 } },
    )
    const first = client.ask()
    const finish = await asked
    const second = await new Client(t, port, cast.client).ask()
    assert.deepEqual([second.status, problemCode(second)], [503, 'HF-G308'])
    finish()
    assert.equal((await first).body.toString(), 'late')
  })
})
