import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { test } from 'node:test'
import { connectTo, liveAuthority, listing, speak, startGuarded } from '../../test/guarded.ts'
import type { Verdict } from '../trust/verdict.ts'

const authority = liveAuthority()
const client = authority.issue({ subject: 'CN=client' })
const accepting = listing(authority, [client])
const accept: Verdict = { outcome: 'accept', faults: [], warnings: [], needs: [] }

for (const [how, authorize] of [
  [
    'throws',
    () => {
      throw new Error('broken')
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken'))],
  ['answers too late', () => new Promise<Verdict>(() => undefined)],
  ['answers "undecided"', () => ({ ...accept, outcome: 'undecided' as const })],
] as const) {
  test(`Guard refuses when its authorizer ${how}`, async () => {
    await using server = await startGuarded({ authorizer: { authorize }, authorizeTimeoutMs: 50 })
    const { text } = await speak(connectTo(server, { identity: client }))
    assert.match(text, /^HTTP\/1\.1 403 [^]*HF-T100/)
    assert.equal(server.requests.length, 0)
  })
}

test('Guard accepts when its authorizer answers in time', async () => {
  await using server = await startGuarded({
    authorizer: { authorize: () => Promise.resolve(accept) },
  })
  const { text } = await speak(connectTo(server, { identity: client }))
  assert.match(text, /welcome/)
})

test('Guard closes a connection whose receiver throws', async () => {
  await using server = await startGuarded({
    policy: () => accepting,
    onConnection: () => {
      throw new Error('broken')
    },
  })
  const { text } = await speak(connectTo(server, { identity: client }))
  assert.equal(text, '')
  assert.equal((await server.event('connection-cut')).refusals[0]?.code, 'HF-T105')
})

test('Guard admits as before when whoever listens to its events throws', async () => {
  await using server = await startGuarded({
    policy: () => accepting,
    events: {
      emit: () => {
        throw new Error('broken')
      },
    },
  })
  assert.match((await speak(connectTo(server, { identity: client }))).text, /welcome/)
  assert.match((await speak(connectTo(server))).text, /HF-T101/)
})

test('Guard ends a connection that says nothing, after handshakeTimeoutMs', async () => {
  await using server = await startGuarded({ handshakeTimeoutMs: 50 })
  const socket = connectTcp(server.port, '127.0.0.1')
  await once(socket, 'close', { signal: AbortSignal.timeout(10_000) })
  assert.equal((await server.event('handshake-failed')).code, 'ERR_TLS_HANDSHAKE_TIMEOUT')
})

test('Guard ends connections before their handshake at once when it closes', async () => {
  const server = await startGuarded()
  const socket = connectTcp(server.port, '127.0.0.1')
  await once(socket, 'connect')
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(10_000) })
  // The guard has seen it when it answers another one that came later.
  await speak(connectTo(server))
  await server.guard.close({ graceMs: 60_000 })
  await closed
})

for (const [what, bytes] of [
  ['plain HTTP', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['garbage', '\x16\x03\x01\x02\x00\x01'.repeat(50)],
] as const) {
  test(`Guard ends a connection that speaks ${what}`, async () => {
    await using server = await startGuarded()
    const socket = connectTcp(server.port, '127.0.0.1')
    socket.on('error', () => undefined).resume()
    socket.end(Buffer.from(bytes, 'latin1'))
    await once(socket, 'close', { signal: AbortSignal.timeout(10_000) })
    await server.event('handshake-failed')
    assert.equal(server.accepted.length, 0)
  })
}

test('Guard refuses TLS 1.1', async () => {
  await using server = await startGuarded({ policy: () => accepting })
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  const { text, error } = await speak(connectTo(server, { ...old, identity: client }))
  assert.equal(text, '')
  assert.ok(error)
})

test('Guard.listen() refuses a port in use', async () => {
  await using first = await startGuarded()
  const { Guard } = await import('./guard.ts')
  const { fixedIdentity } = await import('../identity/identity.ts')
  const second = new Guard({
    identity: fixedIdentity({ name: 'x', key: client.key, chain: [client.certificate] }),
    authorizer: { authorize: () => accept },
    tlsType: 'ONE_WAY',
    onConnection: ({ socket }) => socket.destroy(),
  })
  await assert.rejects(second.listen({ host: '127.0.0.1', port: first.port }), { code: 'HF-L101' })
})
