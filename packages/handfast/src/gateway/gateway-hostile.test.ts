import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { before, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { createCast } from './cast.test.ts'
import type { Cast } from './cast.test.ts'
import type { GatewayLimits } from './limits.ts'
import { dialGateway, mutualState, readToEnd, startBackend, startGateway } from './stage.test.ts'
import type { Backend, Stage } from './stage.test.ts'

describe('Gateway: what an accepted client may not do', () => {
  let cast: Cast
  before(async () => {
    cast = await createCast()
  })

  const stand = async (
    t: TestContext,
    options: { readonly answer?: RequestListener; readonly limits?: Partial<GatewayLimits> } = {},
  ): Promise<Stage & { backend: Backend; send: (bytes: string) => Promise<string> }> => {
    const { answer, limits = {} } = options
    const backend = await startBackend(t, { ...(answer && { answer }) })
    const state = mutualState(cast, { url: `http://127.0.0.1:${backend.port}` })
    // A connection that is refused lingers for bytes that do not come.
    const stage = await startGateway(t, { cast, state, limits: { lingerTimeoutMs: 20, ...limits } })
    const send = async (bytes: string): Promise<string> => {
      const socket = await dialGateway(t, stage.port, cast.client)
      socket.write(bytes, 'latin1')
      return readToEnd(socket)
    }
    return { ...stage, backend, send }
  }

  const refusalOf = (answer: string): string => {
    const [, status, body = '{}'] = /^HTTP\/1\.1 (\d{3}) [^]*?\r\n\r\n([^]*)$/.exec(answer) ?? []
    const { code } = JSON.parse(body) as { code?: string }
    return `${status} ${code}`
  }

  it('asks in no way that two servers could understand differently', async (t) => {
    const { send, backend, events } = await stand(t)
    const host = 'Host: a\r\n'
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
    // What is wrong shows only behind a head that was taken: there is no place for an answer any more.
    const cut = ''
    const hostile: [bytes: string, refusal: string][] = [
      // Host
      ['GET / HTTP/1.1\r\n\r\n', '400 HF-G202'],
      [`GET / HTTP/1.1\r\n${host}Host: b\r\n\r\n`, '400 HF-G202'],
      [`GET / HTTP/1.1\r\n${host}host: a\r\n\r\n`, '400 HF-G202'],
      ['GET / HTTP/1.1\r\nHost: a, b\r\n\r\n', '400 HF-G202'],
      ['GET / HTTP/1.0\r\n\r\n', '400 HF-G202'],
      // Target
      [`GET http://b/ HTTP/1.1\r\n${host}\r\n`, '400 HF-G203'],
      [`OPTIONS * HTTP/1.1\r\n${host}\r\n`, '400 HF-G203'],
      [`GET /a#b HTTP/1.1\r\n${host}\r\n`, '400 HF-G203'],
      [`GET /\xe9 HTTP/1.1\r\n${host}\r\n`, '400 HF-G201'],
      [`GET b:443 HTTP/1.1\r\n${host}\r\n`, '400 HF-G201'],
      [`CONNECT b:443 HTTP/1.1\r\n${host}\r\n`, '405 HF-G204'],
      [`TRACE / HTTP/1.1\r\n${host}\r\n`, '405 HF-G204'],
      // Lines
      [`GET / HTTP/1.1\n${host}\r\n`, '400 HF-G201'],
      ['GET / HTTP/1.1\r\nHost: a\n\r\n', '400 HF-G201'],
      ['GET / HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n', '400 HF-G201'],
      [`GET / HTTP/1.1\r\n${host}X: 1\r\n folded\r\n\r\n`, '400 HF-G201'],
      [`GET / HTTP/1.1\r\n${host}X : 1\r\n\r\n`, '400 HF-G201'],
      [`GET / HTTP/1.1\r\n${host}X\0: 1\r\n\r\n`, '400 HF-G201'],
      [`GET / HTTP/2.0\r\n${host}\r\n`, '505 HF-G210'],
      // Framing
      [
        `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
        '400 HF-G201',
      ],
      [
        `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`,
        '400 HF-G201',
      ],
      [
        `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
        '400 HF-G201',
      ],
      [
        `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
        '400 HF-G201',
      ],
      [`POST / HTTP/1.1\r\n${host}Content-Length: 5, 5\r\n\r\nhello`, '400 HF-G201'],
      [`POST / HTTP/1.1\r\n${host}Content-Length: +5\r\n\r\nhello`, '400 HF-G201'],
      [`POST / HTTP/1.1\r\n${host}Content-Length: 0x5\r\n\r\nhello`, '400 HF-G201'],
      [`POST / HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n${smuggled}`, '400 HF-G201'],
      [`POST / HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`, cut],
      [
        `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
        '400 HF-G201',
      ],
      [
        `POST / HTTP/1.1\r\n${host}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${smuggled}`,
        '400 HF-G201',
      ],
      [`POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`, cut],
      [
        `POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${smuggled}`,
        '501 HF-G209',
      ],
      // Another protocol
      [`GET / HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, '501 HF-G208'],
      [
        `GET / HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n${smuggled}`,
        '501 HF-G208',
      ],
      [`GET / HTTP/1.1\r\n${host}Expect: a-miracle\r\n\r\n`, '417 HF-G207'],
      ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400 HF-G201'],
      ['\x16\x03\x01garbage', '400 HF-G201'],
      // Size
      [`GET / HTTP/1.1\r\n${host}X: ${'a'.repeat(17_000)}\r\n\r\n`, '431 HF-G205'],
      [`GET / HTTP/1.1\r\n${host}${'X: 1\r\n'.repeat(100)}\r\n`, '431 HF-G205'],
    ]
    const found: [bytes: string, refusal: string][] = []
    for (const [bytes] of hostile) {
      const answer = await send(bytes)
      found.push([bytes, answer === cut ? cut : refusalOf(answer)])
    }
    assert.deepEqual(found, hostile)
    assert.deepEqual(backend.seen, [])
    assert.deepEqual(events.of('internal-error'), [])
  })

  it('breaks a chunked body without its upstream taking it for whole', async (t) => {
    const bodies: string[] = []
    const { send } = await stand(t, {
      answer(request, response) {
        request.once('end', () => {
          bodies.push(request.url ?? '')
          response.end()
        })
        request.on('error', () => undefined).resume()
      },
    })
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
    for (const chunk of [
      'g\r\n',
      '5\nhello\r\n',
      '5\r\nhello!\r\n',
      '0x5\r\nhello\r\n',
      '-1\r\n\r\n',
      'fffffffffffffffff\r\n',
    ]) {
      // The request is in flight: there is no place for another answer.
      assert.equal(await send(`${head}1\r\na\r\n${chunk}0\r\n\r\n`), '', chunk)
    }
    assert.deepEqual(bodies, [])
  })

  it('sends trailers no further than this', async (t) => {
    const { promise, resolve } = Promise.withResolvers<readonly string[]>()
    const { send } = await stand(t, {
      answer(request, response) {
        request.resume().once('end', () => {
          resolve(request.rawTrailers)
          response.end()
        })
      },
    })
    const head =
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Forwarded-Client-Cert\r\n\r\n'
    assert.match(
      await send(`${head}0\r\nX-Forwarded-Client-Cert: forged\r\n\r\n`),
      /^HTTP\/1\.1 200 /,
    )
    assert.deepEqual(await promise, [])
  })

  it('takes for ever to send a head', async (t) => {
    const { send, backend, events } = await stand(t, {
      limits: { headersTimeoutMs: 50, headersCheckMs: 10 },
    })
    assert.equal(refusalOf(await send('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ')), '408 HF-G206')
    const { outcome, status, code, peer } = await events.first('request')
    const operator = 'CN=Operator,O=Partner,L=London,C=GB'
    assert.deepEqual([outcome, status, code, peer], ['refused', 408, 'HF-G206', operator])
    assert.equal(refusalOf(await send('')), '408 HF-G206')
    assert.deepEqual(backend.seen, [])
  })

  it('takes for ever to send its second head', async (t) => {
    const { port } = await stand(t, { limits: { headersTimeoutMs: 50, headersCheckMs: 10 } })
    const socket = await dialGateway(t, port, cast.client)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(socket, 'data')
    const rest = readToEnd(socket)
    socket.write('GET / HTTP/1.1\r\nHost')
    assert.equal(refusalOf(await rest), '408 HF-G206')
  })

  it('has its pipelined requests answered in parallel: they are in order', async (t) => {
    let active = 0
    const { send, backend } = await stand(t, {
      answer(_request, response) {
        active += 1
        assert.equal(active, 1)
        setImmediate(() => {
          active -= 1
          response.end(`answer ${backend.seen.length}`)
        })
      },
    })
    const requests = ['POST /1', 'GET /2', 'DELETE /3'].map(
      (line) => `${line} HTTP/1.1\r\nHost: a\r\n\r\n`,
    )
    const answer = await send(
      `${requests.join('')}GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    )
    assert.deepEqual(answer.match(/answer \d/g), ['answer 1', 'answer 2', 'answer 3', 'answer 4'])
    assert.deepEqual(
      backend.seen.map(({ url }) => url),
      ['/1', '/2', '/3', '/4'],
    )
  })

  it('sends requests ahead without end', async (t) => {
    const { send, backend, events } = await stand(t, { answer: () => undefined })
    assert.equal(await send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50)), '')
    assert.ok(backend.seen.length <= 1)
    const { outcome, code } = await events.first('request', ({ method }) => method === '-')
    assert.deepEqual([outcome, code], ['cut', 'HF-G308'])
  })

  it('has nothing answered behind a request that was refused', async (t) => {
    const { send, backend } = await stand(t)
    const answer = await send('GET * HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1)
    assert.deepEqual(backend.seen, [])
  })
})
