import { fingerprint } from '@handfast/kit/x509'
import assert from 'node:assert/strict'
import { text as readText } from 'node:stream/consumers'
import { before, describe, it } from 'node:test'
import { createCast } from './cast.test.ts'
import type { Cast } from './cast.test.ts'
import type { GatewayState } from './state.ts'
import {
  Client,
  dialGateway,
  mutualState,
  readToEnd,
  startBackend,
  startGateway,
} from './stage.test.ts'

describe('Gateway: the identity that an upstream sees', () => {
  let cast: Cast
  before(async () => {
    cast = await createCast()
  })

  it("is the accepted client's, on every request of its connection", async (t) => {
    const backend = await startBackend(t)
    const state = mutualState(cast, { url: `http://127.0.0.1:${backend.port}` })
    const { port, events } = await startGateway(t, { cast, state })
    const client = new Client(t, port, cast.client)
    assert.equal((await client.ask({ path: '/a?secret=1' })).body.toString(), 'hello')
    assert.equal((await client.ask({ method: 'DELETE', path: '/b' })).status, 200)

    assert.deepEqual(
      backend.seen.map(({ method, url, headers }) => [method, url, headers.host]),
      [
        ['GET', '/a?secret=1', 'gateway.example'],
        ['DELETE', '/b', 'gateway.example'],
      ],
    )
    for (const { headers } of backend.seen) {
      assert.equal(
        headers['x-forwarded-client-cert'],
        `Hash=${fingerprint(cast.client.leaf)};Subject="CN=Operator,O=Partner,L=London,C=GB"` +
          ';URI=spiffe://partner/operator;DNS=op.partner.example',
      )
      assert.equal(headers['x-forwarded-for'], '127.0.0.1')
      assert.equal(headers['x-forwarded-proto'], 'https')
    }
    const { path, peer, status, outcome } = await events.first('request')
    assert.deepEqual(
      [path, peer, status, outcome],
      ['/a', 'CN=Operator,O=Partner,L=London,C=GB', 200, 'answered'],
    )
    assert.equal(events.of('connection').length, 1)
  })

  it('is never what a client claims', async (t) => {
    const backend = await startBackend(t)
    const state = mutualState(cast, { url: `http://127.0.0.1:${backend.port}` })
    const { port } = await startGateway(t, { cast, state })
    const socket = await dialGateway(t, port, cast.client)
    socket.write(
      [
        'GET / HTTP/1.1',
        'Host: a',
        'X-Forwarded-Client-Cert: Subject="CN=admin"',
        'x-forwarded-client-cert: Subject="CN=admin"',
        'X_Forwarded_Client_Cert: Subject="CN=admin"',
        'Client-Cert: :YWRtaW4=:',
        'Connection: close, X-Forwarded-Client-Cert, X-Other',
        'X-Other: 1',
        'X-Forwarded-For: 10.0.0.1',
        '\r\n',
      ].join('\r\n'),
    )
    assert.match(await readToEnd(socket), /^HTTP\/1\.1 200 /)
    const [{ rawHeaders } = { rawHeaders: [] }] = backend.seen
    const text = rawHeaders.join('\n')
    assert.doesNotMatch(text, /admin|YWRtaW4|10\.0\.0\.1|X-Other/i)
    const certs = rawHeaders.filter((name) => /^x.forwarded.client.cert$/i.test(name))
    assert.deepEqual(certs, ['X-Forwarded-Client-Cert'])
    assert.match(text, /Subject="CN=Operator,O=Partner,L=London,C=GB"/)
  })

  it('comes with everything else as it was sent', async (t) => {
    const { promise: body, resolve } = Promise.withResolvers<string>()
    const backend = await startBackend(t, {
      answer(request, response) {
        void readText(request).then((sent) => {
          resolve(sent)
          response.end()
        })
      },
    })
    const state = mutualState(cast, { url: `http://127.0.0.1:${backend.port}` })
    const { port } = await startGateway(t, { cast, state })
    const socket = await dialGateway(t, port, cast.client)
    const headers =
      'Host: a\r\nX-Latin: caf\xe9\r\ncookie: a=1\r\nCookie: b=2\r\nX-Empty:\r\nContent-Length: 4\r\n'
    // A body on GET is odd, and passes all the same.
    socket.write(
      `GET //a/../b?c=%00&d HTTP/1.1\r\n${headers}Connection: close\r\n\r\nbody`,
      'latin1',
    )
    assert.match(await readToEnd(socket), /^HTTP\/1\.1 200 /)
    const [seen] = backend.seen
    assert.deepEqual([seen?.method, seen?.url, await body], ['GET', '//a/../b?c=%00&d', 'body'])
    const raw = seen?.rawHeaders.filter((_value, index, all) =>
      /^(x-latin|cookie|x-empty)$/i.test(all[index - (index % 2)] ?? ''),
    )
    assert.deepEqual(raw, ['X-Latin', 'caf\xe9', 'cookie', 'a=1', 'Cookie', 'b=2', 'X-Empty', ''])
  })

  it('is none on a ONE_WAY listener, and a forged one is removed there too', async (t) => {
    const backend = await startBackend(t)
    const mutual = mutualState(cast, { url: `http://127.0.0.1:${backend.port}` })
    const listeners = mutual.listeners.map((listener) => ({
      ...listener,
      tlsType: 'ONE_WAY' as const,
      anchors: [],
      allowList: [],
    }))
    const state: GatewayState = { ...mutual, listeners }
    const { port, events } = await startGateway(t, { cast, state })
    for (const credential of [undefined, cast.client]) {
      const client = new Client(t, port, credential)
      const headers = {
        'X-Forwarded-Client-Cert': 'Subject="CN=admin"',
        'X-Forwarded-For': '10.1.1.1',
      }
      assert.equal((await client.ask({ headers })).status, 200)
    }
    assert.equal(backend.seen.length, 2)
    for (const { headers } of backend.seen) {
      assert.equal(headers['x-forwarded-client-cert'], undefined)
      assert.equal(headers['x-forwarded-for'], '127.0.0.1')
    }
    assert.equal('peer' in (await events.first('request')), false)
  })

  it('comes from nobody who is refused: no byte reaches the upstream', async (t) => {
    const backend = await startBackend(t)
    const state = mutualState(cast, { url: `http://127.0.0.1:${backend.port}` })
    const { port, events } = await startGateway(t, { cast, state })
    const impostor = await cast.own.issue({ subject: 'CN=Operator,O=Partner,L=London,C=GB' })
    const unlisted = await cast.partner.issue({ subject: 'CN=Other,O=Partner,L=London,C=GB' })
    for (const credential of [undefined, impostor, unlisted]) {
      const socket = await dialGateway(t, port, credential)
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      assert.match(await readToEnd(socket), /^HTTP\/1\.1 403 /)
    }
    const names = events
      .of('connection')
      .map(({ event }) =>
        event.type === 'connection-refused' ? event.refusals[0]?.name : event.type,
      )
    assert.deepEqual(names, ['no-certificate', 'issuer-unknown', 'name-not-allowed'])
    assert.deepEqual(backend.seen, [])
    assert.deepEqual(events.of('request'), [])
  })
})
