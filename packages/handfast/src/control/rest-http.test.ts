import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect as connectTcp, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { answerMalformed, createHttpServer } from './http-server.ts'
import { openStage } from './rest-stage.test.ts'
import type { Stage } from './rest-stage.test.ts'

const subject = 'CN=CordaOperator,C=GB,L=London,O=Org'

describe('the REST API over HTTP', { timeout: 60_000 }, () => {
  let stage: Stage
  before(async () => {
    stage = await openStage()
  })
  after(async () => stage[Symbol.asyncDispose]())

  /** Sends bytes as they are, and reads until the server ends the connection. */
  async function sendRaw(bytes: string | Uint8Array): Promise<string> {
    const { port, certificatePem: ca } = stage
    const socket = connect({ host: '127.0.0.1', port, ca })
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer in time')))
    socket.write(bytes)
    return text(socket)
  }

  it('knows no other paths', async () => {
    for (const path of ['/', '/api/v1', '/api/v2/config', `${stage.path(subject)}/more`]) {
      const { status, body } = await stage.call('GET', path)
      assert.deepEqual(
        [status, body],
        [404, '{"title":"Not found","status":404,"details":{}}'],
        path,
      )
    }
  })

  it('says which methods a path has', async () => {
    const list = await stage.call('POST', stage.path(), { body: '{}' })
    assert.deepEqual([list.status, list.headers['allow']], [405, 'GET, HEAD'])
    assert.deepEqual(JSON.parse(list.body), {
      title: 'Method not allowed',
      status: 405,
      details: { allow: 'GET, HEAD' },
    })
    const single = await stage.call('GET', stage.path(subject))
    assert.deepEqual([single.status, single.headers['allow']], [405, 'PUT, DELETE'])
    assert.equal((await stage.call('HEAD', stage.path())).status, 200)
  })

  it('redirects fixed parts in mixed case to lower case, with method, parameters and query', async () => {
    const mixed = stage.path(subject).replace('/api/v1/mgm', '/API/V1/Mgm')
    const { status, headers } = await stage.call('PUT', `${mixed}?x=Y`)
    assert.deepEqual([status, headers['location']], [308, `${stage.path(subject)}?x=Y`])
    assert.equal((await stage.call('PUT', String(headers['location']))).status, 204)
  })

  it('takes a slash at the end', async () => {
    assert.equal((await stage.call('GET', `${stage.path()}/`)).status, 200)
  })

  it('answers in text who asks for text alone', async () => {
    const answer = await stage.call('PUT', stage.path('O=Org,L=London,C=XX'), {
      headers: { accept: 'text/plain' },
    })
    assert.equal(answer.status, 400)
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8')
    assert.equal(
      answer.body,
      'subject is not a valid X500 name: Invalid country code XX\nsubject: O=Org,L=London,C=XX',
    )
  })

  it('refuses a path that cannot be decoded', async () => {
    const { status, headers, body } = await stage.call('PUT', `${stage.path()}/%E0%A4%A`)
    assert.equal(status, 400)
    assert.equal(body, '{"title":"The request is malformed.","status":400,"details":{}}')
    assert.equal(headers['cache-control'], 'no-cache')
  })

  it('takes a body of 64 kB, and refuses a larger one', async () => {
    const whole = await stage.call('PUT', stage.path(subject), { body: 'x'.repeat(65_536) })
    assert.equal(whole.status, 204)
    const larger = await stage.call('PUT', stage.path(subject), { body: 'x'.repeat(65_537) })
    assert.equal(larger.status, 400)
    assert.equal(
      larger.body,
      '{"title":"Content length is 65537 which exceeds the maximum limit of 65536.","status":400,"details":{}}',
    )
    const headers = { 'transfer-encoding': 'chunked' }
    const chunked = await stage.call('PUT', stage.path(subject), {
      headers,
      body: 'x'.repeat(99_999),
    })
    assert.equal(chunked.status, 400)
    assert.match(chunked.body, /exceeds the maximum limit of 65536/)
  })

  it('refuses a head that is too large, in its own shape', async () => {
    const answer = await sendRaw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 431 /)
    assert.match(
      answer,
      /\{"title":"The head of the request is too large\.","status":431,"details":\{\}\}$/,
    )
  })

  it('survives bytes that are no request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (bytes) => {
        // The blank lines end whatever this began.
        const answer = await sendRaw(Buffer.concat([bytes, Buffer.from('\0\r\n\r\n')]))
        assert.match(answer, /^(?:HTTP\/1\.1 4\d\d |$)/)
      }),
      { numRuns: 30 },
    )
    assert.equal((await stage.call('GET', stage.path())).status, 200)
  })

  it('survives any path, with an answer of its own', async () => {
    const wild = fc.stringMatching(/^[!-~]{0,40}$/)
    const hostile = fc.array(
      fc.constantFrom('%', '%2', '%zz', '%ff', '%2F', '/', '..', ';', '?', 'é'),
    )
    const ends = fc.oneof(
      wild,
      hostile.map((parts) => encodeURI(parts.join('')).replaceAll('%25', '%')),
    )
    const starts = fc.constantFrom('/', '/api/v1/', `${stage.path()}/`, stage.path())
    await fc.assert(
      fc.asyncProperty(starts, ends, async (start, end) => {
        const { status, body } = await stage.call('PUT', start + end, {
          headers: { authorization: '' },
        })
        if (status === 308) return
        const error = JSON.parse(body) as { status: number }
        assert.deepEqual(Object.keys(error), ['title', 'status', 'details'])
        assert.equal(error.status, status)
        assert.ok([400, 401, 404, 405].includes(status), `${status} for ${start}${end}`)
      }),
      { numRuns: 200 },
    )
  })

  it('refuses requests whose end is told in two ways (request smuggling)', async () => {
    const head = `PUT ${stage.path(subject)} HTTP/1.1\r\nHost: x\r\n`
    const answer = await sendRaw(
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    )
    assert.match(answer, /^HTTP\/1\.1 400 /)
  })
})

describe('createHttpServer', { timeout: 60_000 }, () => {
  async function listen(t: TestContext, http: Server): Promise<number> {
    http.on('clientError', answerMalformed)
    const tcp = createServer((socket) => void http.emit('connection', socket))
    tcp.listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    t.after(() => {
      http.close()
      tcp.close()
    })
    return (tcp.address() as AddressInfo).port
  }

  it('ends a connection whose head does not come', async (t) => {
    const http = createHttpServer(() => assert.fail('no request came'), {
      headersTimeoutMs: 50,
      requestTimeoutMs: 100,
      timeoutCheckMs: 10,
    })
    const port = await listen(t, http)
    const socket = connectTcp(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nX: ')
    assert.match(await text(socket), /^HTTP\/1\.1 408 [^]*"status":408/)
  })

  it('ends a connection whose body does not come', async (t) => {
    const timeouts = { headersTimeoutMs: 50, requestTimeoutMs: 100, timeoutCheckMs: 10 }
    const http = createHttpServer(() => undefined, timeouts)
    const port = await listen(t, http)
    const socket = connectTcp(port, '127.0.0.1')
    socket.write('PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc')
    assert.match(await text(socket), /^HTTP\/1\.1 408 /)
  })
})
