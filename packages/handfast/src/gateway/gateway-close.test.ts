import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { before, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { createCast } from './cast.test.ts'
import type { Cast } from './cast.test.ts'
import {
  Client,
  dialGateway,
  mutualState,
  readToEnd,
  startBackend,
  startGateway,
} from './stage.test.ts'
import type { Stage } from './stage.test.ts'

describe('Gateway.close()', () => {
  let cast: Cast
  before(async () => {
    cast = await createCast()
  })

  /** A gateway whose upstream answers when the test does. */
  const stand = async (t: TestContext): Promise<Stage & { asked: Promise<ServerResponse> }> => {
    const { promise: asked, resolve } = Promise.withResolvers<ServerResponse>()
    const backend = await startBackend(t, {
      answer(request, response) {
        if (request.url === '/slow') resolve(response)
        else response.end('quick')
      },
    })
    const state = mutualState(cast, { url: `http://127.0.0.1:${backend.port}` })
    return { ...(await startGateway(t, { cast, state })), asked }
  }

  const refused = async (port: number): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port })
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    return error.code ?? ''
  }

  it('lets a request in flight finish, ends idle connections, and takes no new ones', async (t) => {
    const { gateway, port, asked, events, source } = await stand(t)
    const idle = await dialGateway(t, port, cast.client)
    idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(idle, 'data')
    const slow = new Client(t, port, cast.client).ask({ path: '/slow' })
    const response = await asked

    const idleEnds = once(idle, 'close')
    const closed = gateway.close({ graceMs: 60_000 })
    await idleEnds
    assert.equal(await refused(port), 'ECONNREFUSED')
    assert.deepEqual(events.of('closed'), [])
    response.end('late')
    const reply = await slow
    assert.equal(reply.body.toString(), 'late')
    assert.equal(reply.headers.connection, 'close')
    await closed
    assert.equal(events.of('closed').length, 1)
    assert.equal(gateway.close(), closed)
    // Nothing is applied any more.
    source.change({ allowList: [] })
    assert.deepEqual(
      source.acknowledged.map(({ revision }) => revision),
      [1],
    )
  })

  it('ends a connection whose answer began before it', async (t) => {
    const { gateway, port, asked } = await stand(t)
    const socket = await dialGateway(t, port, cast.client)
    socket.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
    const response = await asked
    response.write('begun')
    await once(socket, 'data')
    const rest = readToEnd(socket)
    const closed = gateway.close({ graceMs: 60_000 })
    response.end('done')
    assert.match(await rest, /done\r\n0\r\n\r\n$/)
    await closed
  })

  it('ends what is still in flight when its grace is over', async (t) => {
    const { gateway, port, asked, events } = await stand(t)
    const slow = new Client(t, port, cast.client).ask({ path: '/slow' })
    const response = await asked
    const aborted = once(response, 'close')
    await Promise.all([gateway.close({ graceMs: 10 }), assert.rejects(slow), aborted])
    assert.equal((await events.first('request')).outcome, 'aborted')
  })

  it('is what `await using` does', async (t) => {
    let bound = 0
    {
      const stage = await stand(t)
      await using gateway = stage.gateway
      bound = gateway.addresses()[0]?.port ?? 0
      assert.equal((await new Client(t, bound, cast.client).ask()).status, 200)
    }
    assert.equal(await refused(bound), 'ECONNREFUSED')
  })
})
