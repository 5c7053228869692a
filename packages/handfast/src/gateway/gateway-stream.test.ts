import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { before, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { createCast } from './cast.test.ts'
import type { Cast } from './cast.test.ts'
import {
  Client,
  dialGateway,
  mutualState,
  readReply,
  readToEnd,
  responseTo,
  startBackend,
  startGateway,
} from './stage.test.ts'
import type { Backend, Stage } from './stage.test.ts'

// More than all the buffers between client and backend hold together.
const mebibyte = 1024 * 1024
const large = 48 * mebibyte

describe('Gateway: bodies', () => {
  let cast: Cast
  before(async () => {
    cast = await createCast()
  })

  const stand = async (
    t: TestContext,
    answer: RequestListener,
    limits: { readonly lingerTimeoutMs?: number } = {},
  ): Promise<Stage & { backend: Backend; client: Client }> => {
    const backend = await startBackend(t, { answer })
    const state = mutualState(cast, { url: `http://127.0.0.1:${backend.port}` })
    const stage = await startGateway(t, { cast, state, limits })
    return { ...stage, backend, client: new Client(t, stage.port, cast.client) }
  }

  const digest = async (stream: IncomingMessage): Promise<string> => {
    const hash = createHash('sha256')
    for await (const chunk of stream as AsyncIterable<Uint8Array>) hash.update(chunk)
    return hash.digest('hex')
  }

  it('pass whole and unchanged, up and down at once', async (t) => {
    const { client } = await stand(t, (request, response) => {
      request.pipe(response)
    })
    const block = randomBytes(mebibyte)
    const hash = createHash('sha256')
    for (const framing of [{}, { 'content-length': String(large) }]) {
      const upload = client.begin({ method: 'POST', headers: framing })
      const echoed = responseTo(upload).then(digest)
      const sent = hash.copy()
      for (let size = 0; size < large; size += block.length) {
        sent.update(block)
        if (!upload.write(block)) await once(upload, 'drain')
      }
      upload.end()
      assert.equal(await echoed, sent.digest('hex'))
    }
  })

  it('wait for a slow reader, up', async (t) => {
    const { promise: arrived, resolve } = Promise.withResolvers<IncomingMessage>()
    const { client, port } = await stand(t, (request, response) => {
      if (request.method === 'GET') response.end()
      else resolve(request.once('end', () => response.end('all')))
    })
    const other = new Client(t, port, cast.client)
    const upload = client.begin({ method: 'PUT' })
    const reply = responseTo(upload).then(readReply)
    let written = 0
    const fill = async (): Promise<void> => {
      while (
        written < large &&
        (upload.write(randomBytes(mebibyte)) || (await drains(upload, other)))
      ) {
        written += mebibyte
      }
    }
    await fill()
    // Nobody reads there, so nothing is taken here.
    assert.ok(written < large, 'a client was not told to wait')
    const request = await arrived
    request.resume()
    await once(upload, 'drain')
    await fill()
    upload.end()
    assert.equal((await reply).body.toString(), 'all')
  })

  it('wait for a slow reader, down', async (t) => {
    let written = 0
    const { promise: began, resolve } = Promise.withResolvers<ServerResponse>()
    const { client, port } = await stand(t, (request, response) => {
      if (request.url === '/large') resolve(response)
      else response.end()
    })
    const other = new Client(t, port, cast.client)
    const pending = responseTo(client.begin({ path: '/large' }).end())
    const answer = await began
    const fill = async (): Promise<void> => {
      while (
        written < large &&
        (answer.write(randomBytes(mebibyte)) || (await drains(answer, other)))
      ) {
        written += mebibyte
      }
    }
    await fill()
    assert.ok(written < large, 'an upstream was not told to wait')
    const response = await pending
    const body = readReply(response)
    await once(answer, 'drain')
    await fill()
    answer.end()
    assert.ok((await body).body.length >= large)
  })

  it('are given up at the upstream when the client goes away', async (t) => {
    const { promise: arrived, resolve } = Promise.withResolvers<IncomingMessage>()
    const { client, events } = await stand(t, (request) => resolve(request))
    const begun = client.begin()
    begun.once('error', () => undefined).end()
    const request = await arrived
    const closed = once(request.socket, 'close')
    begun.destroy()
    await closed
    assert.equal((await events.first('request')).outcome, 'aborted')
  })

  it('are given up at the upstream when the client goes away in the middle of its body', async (t) => {
    const { promise: arrived, resolve } = Promise.withResolvers<IncomingMessage>()
    const { client } = await stand(t, (request) => {
      request.once('data', () => resolve(request))
    })
    const begun = client.begin({ method: 'POST' })
    begun.once('error', () => undefined).write('half')
    const request = await arrived
    begun.destroy()
    await once(request, 'error')
    assert.equal(request.complete, false)
  })

  it('may be answered before they have come, and the connection stays', async (t) => {
    const { port } = await stand(t, (request, response) => {
      response.writeHead(request.method === 'POST' ? 413 : 200).end('answer')
    })
    const socket = await dialGateway(t, port, cast.client)
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: '
    socket.write(`${head}${large}\r\n\r\n`)
    socket.write(randomBytes(mebibyte))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    assert.match(answer.toString(), /^HTTP\/1\.1 413 /)
    // The client goes on with what it began, and asks again.
    socket.write(randomBytes(large - mebibyte))
    const rest = readToEnd(socket)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    assert.match(await rest, /^HTTP\/1\.1 200 /)
  })

  it('that go on after an early answer are cut off after a while', async (t) => {
    const { port } = await stand(t, (_request, response) => response.writeHead(413).end('no'), {
      lingerTimeoutMs: 20,
    })
    const socket = await dialGateway(t, port, cast.client)
    const all = readToEnd(socket)
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc')
    assert.match(await all, /^HTTP\/1\.1 413 [^]*\r\nno\r\n0\r\n\r\n$/)
  })

  it('are asked for only once the upstream takes them', async (t) => {
    const { client, backend } = await stand(t, (request, response) => {
      request.pipe(response)
    })
    const begun = client.begin({ method: 'POST', headers: { expect: '100-continue' } })
    begun.flushHeaders()
    await once(begun, 'continue')
    begun.end('body')
    assert.equal((await readReply(await responseTo(begun))).body.toString(), 'body')
    assert.equal(backend.seen[0]?.headers.expect, undefined)
  })

  it('are not asked for by a gateway whose upstream is gone', async (t) => {
    const { port, source } = await stand(t, () => undefined)
    source.change({ upstream: { url: 'http://127.0.0.1:1', anchors: [] } })
    const socket = await dialGateway(t, port, cast.client)
    const all = readToEnd(socket)
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n')
    assert.match(await all, /^HTTP\/1\.1 502 /)
  })

  it('that must not be there are not, and heads pass as they are', async (t) => {
    const { client } = await stand(t, (request, response) => {
      const status = Number(request.url?.slice(1))
      response.writeEarlyHints({ link: '</a.css>; rel=preload' })
      response.sendDate = false
      const headers = ['Set-Cookie', 'a=1', 'SET-COOKIE', 'b=2', 'X-Odd', 'caf\u00e9']
      response.writeHead(status, 'Just So', [
        ...headers,
        ...(status === 200 ? ['Content-Length', '5'] : []),
      ])
      // A Buffer: Node would write the head in UTF-8 together with a string.
      response.end(status === 200 ? Buffer.from('hello') : undefined)
    })
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 304],
      ['GET', 200],
    ] as const) {
      const begun = client.begin({ method, path: `/${status}` }).end()
      const response = await responseTo(begun)
      const { rawHeaders, body } = await readReply(response)
      assert.equal(response.statusCode, status)
      assert.equal(response.statusMessage, 'Just So')
      const expected = ['Set-Cookie', 'a=1', 'SET-COOKIE', 'b=2', 'X-Odd', 'caf\u00e9']
      assert.deepEqual(rawHeaders.slice(0, 6), expected)
      assert.equal(response.headers['transfer-encoding'], undefined)
      assert.equal(response.headers['content-length'], status === 200 ? '5' : undefined)
      assert.equal(body.toString(), method === 'GET' && status === 200 ? 'hello' : '')
    }
  })
})

/** Whether a full stream drains while another client is served many times: in that time, what may flow has flowed. */
async function drains(stream: Writable, other: Client): Promise<boolean> {
  for (let count = 0; count < 100 && stream.writableNeedDrain; count += 1) await other.ask()
  return !stream.writableNeedDrain
}
