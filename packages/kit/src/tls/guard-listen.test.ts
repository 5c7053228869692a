import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { connectTo, liveAuthority, listing, speak, startGuarded } from '../../test/guarded.ts'
import { fixedIdentity } from '../identity/identity.ts'
import { Guard } from './guard.ts'

const authority = liveAuthority()
const { certificate, key } = authority.issue()
const host = '127.0.0.1'

describe('Guard.listen()', () => {
  it('tells which port the system chose', async () => {
    await using guard = newGuard()
    const { port } = await guard.listen({ host, port: 0 })
    assert.ok(port > 0)
  })

  it('can be called again after it was refused', async () => {
    await using taken = newGuard()
    const address = await taken.listen({ host, port: 0 })
    await using guard = newGuard()
    await assert.rejects(guard.listen(address), {
      name: 'TlsError',
      code: 'HF-L101',
      details: { ...address },
    })
    assert.ok((await guard.listen({ host, port: 0 })).port > 0)
  })

  for (const [what, address] of [
    ['an address of another machine', { host: '192.0.2.1', port: 0 }],
    ['a port that is none', { host, port: 65_536 }],
    ['a negative port', { host, port: -1 }],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await using guard = newGuard()
      await assert.rejects(guard.listen(address), { code: 'HF-L101' })
    })
  }
})

describe('Guard.close()', () => {
  it('frees the port', async () => {
    const guard = newGuard()
    const { port } = await guard.listen({ host, port: 0 })
    await guard.close()
    const next = createServer().listen(port, host)
    await once(next, 'listening', { signal: AbortSignal.timeout(10_000) })
    next.close()
    await once(next, 'close', { signal: AbortSignal.timeout(10_000) })
  })

  it('does nothing a second time, or before listen()', async () => {
    const guard = newGuard()
    await guard.close()
    await guard.close({ graceMs: 60_000 })
  })

  it('does not wait for its grace when every connection has ended', async () => {
    const client = authority.issue({ subject: 'CN=client' })
    const server = await startGuarded({ policy: () => listing(authority, [client]) })
    assert.match((await speak(connectTo(server, { identity: client }))).text, /welcome/)
    await server.guard.close({ graceMs: 600_000 })
  })

  it('refuses connections from then on', async () => {
    const server = await startGuarded()
    await server.guard.close()
    const { error } = await speak(connectTo(server))
    assert.equal(Reflect.get(Object(error), 'code'), 'ECONNREFUSED')
  })
})

function newGuard(): Guard {
  return new Guard({
    identity: fixedIdentity({ name: 'server', key, chain: [certificate] }),
    authorizer: {
      authorize: () => {
        throw new Error('nobody is asked here')
      },
    },
    tlsType: 'MUTUAL',
    onConnection: () => undefined,
  })
}
