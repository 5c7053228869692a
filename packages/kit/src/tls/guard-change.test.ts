import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import {
  aRequest,
  connectTo,
  liveAuthority,
  listing,
  speak,
  startGuarded,
} from '../../test/guarded.ts'
import type { GuardedServer } from '../../test/guarded.ts'
import { systemClock } from '../base/clock.ts'
import type { Clock } from '../base/clock.ts'
import { createIdentity } from '../identity/identity.ts'
import type { Identity } from '../identity/identity.ts'
import { policyAuthorizer } from '../trust/authorizer.ts'
import type { Verdict } from '../trust/verdict.ts'
import { encodeCertificatePem } from '../x509/certificate.ts'

const authority = liveAuthority()
const first = authority.issue({ subject: 'CN=first' })
const second = authority.issue({ subject: 'CN=second' })
const both = listing(authority, [first, second])
const limit = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(10_000) })

/** A keep-alive connection on which one request was answered. */
async function keptAlive(server: GuardedServer, identity: typeof first): Promise<TLSSocket> {
  const socket = connectTo(server, { identity })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect', limit())
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(socket, 'data', limit())
  return socket
}

test('Guard.rejudge() cuts the live connections that are no longer accepted, and only these', async () => {
  let policy = both
  await using server = await startGuarded({ policy: () => policy })
  const removed = await keptAlive(server, first)
  const kept = await keptAlive(server, second)
  const closed = once(removed, 'close', limit())
  policy = listing(authority, [second])
  assert.deepEqual(await server.guard.rejudge(), { cut: 1, kept: 1 })
  await closed
  assert.equal((await server.event('connection-cut')).refusals[0]?.code, 'HF-T104')
  kept.write(aRequest)
  await once(kept, 'data', limit())
  kept.destroy()
})

test('Guard judges again when trust changed while it was judging', async () => {
  const answers: ((verdict: Verdict) => void)[] = []
  const accept: Verdict = { outcome: 'accept', faults: [], warnings: [], needs: [] }
  const asked = Promise.withResolvers<void>()
  await using server = await startGuarded({
    authorizer: {
      authorize: () => {
        const { promise, resolve } = Promise.withResolvers<Verdict>()
        answers.push(resolve)
        asked.resolve()
        return promise
      },
    },
  })
  const spoken = speak(connectTo(server, { identity: first }))
  await asked.promise
  await server.guard.rejudge()
  answers[0]?.(accept)
  while (answers.length < 2) await new Promise(setImmediate)
  answers[1]?.({ ...accept, outcome: 'refuse' })
  assert.match((await spoken).text, /403 Forbidden/)
  assert.equal(server.accepted.length, 0)
})

test('Guard cuts a connection when its verdict ends by itself', async () => {
  let at = new Date()
  const scheduled: { readonly at: Date; readonly fn: () => void }[] = []
  const clock: Clock = {
    now: () => at,
    schedule: (when, fn) => {
      scheduled.push({ at: when, fn })
      return () => undefined
    },
  }
  await using server = await startGuarded({
    authorizer: policyAuthorizer(() => both, clock),
    clock,
  })
  const socket = await keptAlive(server, first)
  const end = scheduled[0]
  assert.ok(end)
  assert.ok(end.at > first.certificate.notAfter)
  const closed = once(socket, 'close', limit())
  at = end.at
  end.fn()
  await closed
  assert.equal((await server.event('connection-cut')).refusals[0]?.code, 'HF-T130')
})

test('Guard shows a new identity from the next handshake on, and asks for certificates as before', async () => {
  const issuer = liveAuthority({ subject: 'CN=Server Root' })
  const san = { extensions: { subjectAltNames: [{ type: 'ip', value: '127.0.0.1' } as const] } }
  const identityOf = (): Identity => {
    const { key, certificate } = issuer.issue({ subject: 'CN=server', ...san })
    return createIdentity({ name: 'server', key, chain: [certificate] })
  }
  let current = identityOf()
  let swap: (identity: Identity) => void = () => undefined
  await using server = await startGuarded({
    policy: () => both,
    identity: {
      current: () => current,
      watch: (fn) => {
        swap = fn
        return () => undefined
      },
    },
  })
  const root = encodeCertificatePem(issuer.certificate)
  const shown = async (): Promise<string> => {
    const socket = connectTo({ port: server.port, root }, { identity: first })
    await once(socket, 'secureConnect', limit())
    const { fingerprint256 } = socket.getPeerCertificate()
    socket.destroy()
    return fingerprint256
  }
  const before = await shown()
  current = identityOf()
  swap(current)
  assert.notEqual(await shown(), before)
  assert.match((await speak(connectTo({ port: server.port, root }))).text, /HF-T101/)
  assert.match(
    (await speak(connectTo({ port: server.port, root }, { identity: first }))).text,
    /welcome/,
  )
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`Guard never resumes a session over ${version}`, async () => {
    await using server = await startGuarded({ policy: () => both })
    const options = { identity: first, minVersion: version, maxVersion: version } as const
    const socket = connectTo(server, options)
    let session: Buffer | undefined
    socket.on('session', (offered: Buffer) => (session = offered))
    await speak(socket)
    session ??= socket.getSession()
    const again = connectTo(server, { ...options, ...(session && { session }) })
    let reused: boolean | undefined
    again.once('secureConnect', () => (reused = again.isSessionReused()))
    assert.match((await speak(again)).text, /welcome/)
    assert.equal(reused, false)
    assert.ok(server.accepted.every(({ peer }) => !peer.sessionResumed))
  })
}

test('Guard does not renegotiate', async () => {
  await using server = await startGuarded({ policy: () => both })
  const socket = connectTo(server, { identity: first, maxVersion: 'TLSv1.2' })
  await once(socket, 'secureConnect', limit())
  const { promise, resolve } = Promise.withResolvers<Error | null>()
  socket.once('error', resolve)
  socket.renegotiate({}, resolve)
  const error = await promise
  assert.ok(error instanceof Error)
  socket.destroy()
})

test('Guard.close() gives live connections graceMs, and no more', async () => {
  const server = await startGuarded({ policy: () => both, clock: systemClock })
  const socket = await keptAlive(server, first)
  const closed = once(socket, 'close', limit())
  await server.guard.close({ graceMs: 20 })
  await closed
})
