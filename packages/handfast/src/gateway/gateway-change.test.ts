import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { before, describe, it } from 'node:test'
import { createCast } from './cast.test.ts'
import type { Cast } from './cast.test.ts'
import { Gateway } from './gateway.ts'
import {
  Client,
  dialGateway,
  EventLog,
  identitiesOf,
  mutualState,
  mutualUpstream,
  portOf,
  startBackend,
  startGateway,
  TestSource,
} from './stage.test.ts'
import { stateDigest } from './state-digest.ts'
import type { ListenerState } from './state.ts'

describe('Gateway: a change of state', () => {
  let cast: Cast
  before(async () => {
    cast = await createCast()
  })

  it('that removes a name cuts its idle keep-alive connection', async (t) => {
    const backend = await startBackend(t)
    const state = mutualState(cast, { url: `http://127.0.0.1:${backend.port}` })
    const { port, source, events } = await startGateway(t, { cast, state })
    const socket = await dialGateway(t, port, cast.client)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(socket, 'data')

    const closed = once(socket, 'close')
    source.change({ allowList: [] })
    await closed
    const applied = await events.first('state-applied', ({ revision }) => revision === 2)
    assert.deepEqual([applied.cut, applied.kept, applied.trustEpoch], [1, 0, 2])
    assert.deepEqual(
      source.acknowledged.map(({ revision, digest }) => [revision, digest]),
      [
        [1, stateDigest(state)],
        [2, stateDigest(source.current())],
      ],
    )
    const again = new Client(t, port, cast.client)
    assert.equal((await again.ask()).status, 403)
  })

  it('that removes a name cuts its request in the middle of the body', async (t) => {
    const { promise: uploading, resolve } = Promise.withResolvers<void>()
    const { promise: aborted, resolve: onAborted } = Promise.withResolvers<void>()
    const backend = await startBackend(t, {
      answer(request) {
        request.once('data', () => resolve()).once('error', () => onAborted())
      },
    })
    const state = mutualState(cast, { url: `http://127.0.0.1:${backend.port}` })
    const { port, source, events } = await startGateway(t, { cast, state })
    const upload = new Client(t, port, cast.client).begin({ method: 'POST' })
    const failed = once(upload, 'error')
    upload.write('some')
    await uploading

    source.change({ allowList: [] })
    await Promise.all([failed, aborted])
    const { outcome } = await events.first('request')
    assert.equal(outcome, 'aborted')
  })

  it('that keeps a name keeps its connection, and its upstream connection', async (t) => {
    const backend = await startBackend(t)
    const state = mutualState(cast, { url: `http://127.0.0.1:${backend.port}` })
    const { port, source, events } = await startGateway(t, { cast, state })
    let upstreamConnections = 0
    backend.server.on('connection', () => {
      upstreamConnections += 1
    })
    const client = new Client(t, port, cast.client)
    assert.equal((await client.ask()).status, 200)
    const [listener] = state.listeners
    const more = {
      anchor: cast.partner.anchor.id,
      match: 'member-name',
      name: 'O=New,L=Rome,C=IT',
    } as const
    source.change({ allowList: [...(listener?.allowList ?? []), more] })
    const { cut, kept } = await events.first('state-applied', ({ revision }) => revision === 2)
    assert.deepEqual([cut, kept], [0, 1])
    assert.equal((await client.ask()).status, 200)
    const accepted = events
      .of('connection')
      .filter(({ event }) => event.type === 'connection-accepted')
    assert.equal(accepted.length, 1)
    assert.equal(upstreamConnections, 1)
  })

  it('sends later requests to the new upstream and lets those in flight finish at the old one', async (t) => {
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<() => void>()
    const old = await startBackend(t, {
      answer: (_request, response) => onAsked(() => response.end('old')),
    })
    const next = await startBackend(t, { answer: (_request, response) => response.end('new') })
    const state = mutualState(cast, { url: `http://127.0.0.1:${old.port}` })
    const { port, source, events } = await startGateway(t, { cast, state })
    const slow = new Client(t, port, cast.client).ask()
    const finish = await asked
    source.change({ upstream: { url: `http://127.0.0.1:${next.port}`, anchors: [] } })
    await events.first('state-applied', ({ revision }) => revision === 2)
    const quick = await new Client(t, port, cast.client).ask()
    assert.equal(quick.body.toString(), 'new')
    finish()
    assert.equal((await slow).body.toString(), 'old')
  })

  it('that is bad is refused whole, and the old state goes on', async (t) => {
    const backend = await startBackend(t)
    const state = mutualState(cast, { url: `http://127.0.0.1:${backend.port}` })
    const { port, source, events } = await startGateway(t, { cast, state })
    const client = new Client(t, port, cast.client)
    assert.equal((await client.ask()).status, 200)
    source.change({ allowList: [], anchors: ['unknown'] })
    const { revision, error } = await events.first('state-refused')
    assert.deepEqual([revision, error.code], [2, 'HF-G102'])
    assert.equal((await client.ask()).status, 200)
    assert.deepEqual(
      source.acknowledged.map((entry) => entry.revision),
      [1],
    )
    assert.equal(events.of('connection').length, 1)
  })

  it('that only a restart could bring about is refused', async (t) => {
    const state = mutualState(cast, { url: 'http://127.0.0.1:1' })
    const { source, events } = await startGateway(t, { cast, state })
    const changes: Partial<ListenerState>[] = [
      { port: 1 },
      { host: '::1' },
      { identity: 'dialler' },
      { tlsType: 'ONE_WAY', anchors: [], allowList: [] },
      { name: 'other' },
    ]
    for (const change of changes)
      source.push({
        ...state,
        revision: 2,
        listeners: state.listeners.map((listener) => ({ ...listener, ...change })),
      })
    source.push({ ...state, revision: 2, listeners: [] })
    const refused = events.of('state-refused').map(({ error }) => error.reason)
    assert.deepEqual(
      refused,
      Array.from({ length: 6 }, () => 'restart-needed'),
    )
  })

  it('may come many times at once, and is settled in order', async (t) => {
    const state = mutualState(cast, { url: 'http://127.0.0.1:1' })
    const { source, events } = await startGateway(t, { cast, state })
    for (let count = 0; count < 20; count += 1) source.change({})
    await events.first('state-applied', ({ revision }) => revision === 21)
    const revisions = Array.from({ length: 21 }, (_, index) => index + 1)
    assert.deepEqual(
      source.acknowledged.map(({ revision }) => revision),
      revisions,
    )
  })
})

describe('Gateway.start()', () => {
  let cast: Cast
  before(async () => {
    cast = await createCast()
  })

  it('binds nothing when one address cannot be bound', async (t) => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    t.after(() => blocker.close())
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const free = portOf(probe)
    probe.close()
    await once(probe, 'close')

    const state = mutualState(cast, mutualUpstream(cast, 1))
    const listeners = [free, portOf(blocker)].flatMap((port, index) =>
      state.listeners.map((listener) => ({ ...listener, name: `web${index}`, port })),
    )
    const source = new TestSource({ ...state, listeners })
    const events = new EventLog()
    const gateway = new Gateway({ source, events, identities: identitiesOf(cast) })
    await assert.rejects(gateway.start(), { code: 'HF-G113' })
    assert.deepEqual(events.of('started'), [])
    assert.deepEqual(source.acknowledged, [])
    // The free port is free again.
    const again = createServer().listen(free, '127.0.0.1')
    await once(again, 'listening')
    again.close()
  })

  it('refuses a bad first state, and a second start', async (t) => {
    const state = mutualState(cast, { url: 'nonsense' })
    await assert.rejects(startGateway(t, { cast, state }), { code: 'HF-G108' })
    const { gateway } = await startGateway(t, {
      cast,
      state: mutualState(cast, { url: 'http://127.0.0.1:1' }),
    })
    await assert.rejects(gateway.start(), TypeError)
  })
})
