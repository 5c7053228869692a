import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { connectTo, liveAuthority, listing, speak, startGuarded } from '../../test/guarded.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import type { Authorizer } from '../trust/authorizer.ts'
import type { Verdict } from '../trust/verdict.ts'
import { refuse } from '../trust/verdict.ts'
import { acceptedConnection } from './guard.ts'

const authority = liveAuthority()
const client = authority.issue({ subject: 'CN=client' })
const accepting = listing(authority, [client])
const accept: Verdict = { outcome: 'accept', faults: [], warnings: [], needs: [] }
const limit = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(10_000) })
const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** Answers when the test says so. */
class SlowAuthorizer implements Authorizer {
  readonly #asked: { resolve: (verdict: Verdict) => void }[] = []
  readonly #waiting: (() => void)[] = []

  authorize(): Promise<Verdict> {
    const { promise, resolve } = Promise.withResolvers<Verdict>()
    this.#asked.push({ resolve })
    for (const look of this.#waiting.splice(0)) look()
    return promise
  }

  /** Waits until it was asked that often, and gives the means to answer the last time. */
  async asked(times: number): Promise<(verdict: Verdict) => void> {
    while (this.#asked.length < times) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const timer = setTimeout(() => reject(new Error(`not asked ${times} times`)), 10_000)
      this.#waiting.push(resolve)
      await promise
      clearTimeout(timer)
    }
    const question = this.#asked[times - 1]
    assert.ok(question)
    return question.resolve
  }
}

class TestClock implements Clock {
  at: Date = new Date()
  readonly scheduled: { at: Date; fn: () => void; cancelled: boolean }[] = []

  now(): Date {
    return this.at
  }

  schedule(at: Date, fn: () => void): Cancel {
    const entry = { at, fn, cancelled: false }
    this.scheduled.push(entry)
    return () => {
      entry.cancelled = true
    }
  }

  pending(): readonly number[] {
    return this.scheduled.filter(({ cancelled }) => !cancelled).map(({ at }) => at.getTime())
  }
}

describe('Guard with an authorizer that takes its time', () => {
  it('reads nothing of a peer before it is accepted, and loses nothing of it then', async () => {
    const authorizer = new SlowAuthorizer()
    await using server = await startGuarded({ authorizer })
    const socket = connectTo(server, { identity: client })
    const body = 'x'.repeat(200_000)
    const spoken = speak(
      socket,
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    const answer = await authorizer.asked(1)
    assert.equal(server.accepted.length, 0)
    assert.equal(server.requests.length, 0)
    answer(accept)
    assert.match((await spoken).text, /^HTTP\/1\.1 200 [^]*welcome$/)
    assert.equal(server.requests.length, 1)
  })

  it('does not accept on an answer that a change overtook in the same tick', async () => {
    const authorizer = new SlowAuthorizer()
    await using server = await startGuarded({ authorizer })
    const spoken = speak(connectTo(server, { identity: client }))
    const answer = await authorizer.asked(1)
    answer(accept)
    const rejudged = server.guard.rejudge()
    const again = await authorizer.asked(2)
    assert.equal(server.accepted.length, 0)
    again(refuse([]))
    assert.match((await spoken).text, /403 Forbidden/)
    assert.deepEqual(await rejudged, { cut: 0, kept: 0 })
  })

  it('does not accept a peer that left before the answer', async () => {
    const authorizer = new SlowAuthorizer()
    await using server = await startGuarded({ authorizer })
    const socket = connectTo(server, { identity: client })
    socket.on('error', () => undefined)
    await once(socket, 'secureConnect', limit())
    const answer = await authorizer.asked(1)
    socket.destroy()
    await once(socket, 'close', limit())
    // The guard has seen the end when it refuses a connection that came after.
    const other = speak(connectTo(server))
    const otherAnswer = await authorizer.asked(2)
    answer(accept)
    otherAnswer(refuse([]))
    await other
    assert.equal(server.events.filter(({ type }) => type === 'connection-refused').length, 1)
    assert.equal(server.accepted.length, 0)
    assert.deepEqual(await server.guard.rejudge(), { cut: 0, kept: 0 })
  })

  it('leaves a connection that ended during its re-judgement forgotten', async () => {
    const authorizer = new SlowAuthorizer()
    const clock = new TestClock()
    await using server = await startGuarded({ authorizer, clock })
    const validUntil = new Date(clock.at.getTime() + 1000)
    const socket = await openConnection(server, async () =>
      (await authorizer.asked(1))({ ...accept, validUntil }),
    )
    const live = server.accepted[0]?.socket
    assert.ok(live)
    clock.at = new Date(validUntil.getTime() + 1)
    clock.scheduled[0]?.fn()
    const answer = await authorizer.asked(2)
    const closed = once(live, 'close', limit())
    socket.destroy()
    await closed
    answer({ ...accept, validUntil: new Date(clock.at.getTime() + 1000) })
    await setImmediate()
    assert.deepEqual(await server.guard.rejudge(), { cut: 0, kept: 0 })
    assert.equal(acceptedConnection(live), undefined)
    assert.deepEqual(clock.pending(), [])
  })
})

describe('Guard.rejudge()', () => {
  it('lets a verdict that is shorter now end sooner', async () => {
    const clock = new TestClock()
    const start = clock.at.getTime()
    let validUntil = new Date(start + 60_000)
    const authorizer: Authorizer = {
      authorize: () => (validUntil > clock.at ? { ...accept, validUntil } : refuse([])),
    }
    await using server = await startGuarded({ authorizer, clock })
    const socket = await openConnection(server)
    validUntil = new Date(start + 1000)
    assert.deepEqual(await server.guard.rejudge(), { cut: 0, kept: 1 })
    assert.deepEqual(clock.pending(), [start + 1001])
    const connection = server.accepted[0]
    assert.ok(connection)
    assert.deepEqual(acceptedConnection(connection.socket)?.verdict.validUntil, validUntil)
    const closed = once(socket, 'close', limit())
    clock.at = new Date(start + 1001)
    for (const { cancelled, fn } of clock.scheduled) if (!cancelled) fn()
    await closed
    assert.deepEqual(clock.pending(), [])
  })

  it('judges several connections at a time, so that a slow authorizer does not add up', async () => {
    const answers: ((verdict: Verdict) => void)[] = []
    let slow = false
    await using server = await startGuarded({
      authorizer: {
        authorize: () => {
          if (!slow) return accept
          const { promise, resolve } = Promise.withResolvers<Verdict>()
          if (answers.push(resolve) === 3) for (const answer of answers) answer(refuse([]))
          return promise
        },
      },
    })
    await Promise.all([1, 2, 3].map(async () => openConnection(server)))
    slow = true
    assert.deepEqual(await server.guard.rejudge(), { cut: 3, kept: 0 })
  })

  it('cuts when the authorizer fails now', async () => {
    let broken = false
    await using server = await startGuarded({
      authorizer: {
        authorize: () => {
          if (broken) throw new Error('broken')
          return accept
        },
      },
    })
    const socket = await openConnection(server)
    const closed = once(socket, 'close', limit())
    broken = true
    assert.deepEqual(await server.guard.rejudge(), { cut: 1, kept: 0 })
    await closed
    assert.equal((await server.event('connection-cut')).refusals[0]?.code, 'HF-T105')
  })
})

describe('Guard with an authorizer that answers nonsense', () => {
  for (const [what, authorize] of [
    ['nothing', () => undefined],
    ['null', () => null],
    ['nothing later', () => Promise.resolve(undefined)],
    ['a word', () => 'accept'],
    ['an outcome that is none', () => ({ ...accept, outcome: 'ok' })],
    // oxlint-disable-next-line unicorn/no-thenable -- what a library may return
    ['a promise of its own kind that never settles', () => ({ then: () => undefined })],
    [
      'a fault that is in no catalogue',
      () => ({ ...accept, outcome: 'refuse', faults: [{ name: 'x' }] }),
    ],
    ['a verdict that is over', () => ({ ...accept, validUntil: new Date(0) })],
    ['a verdict that ends at no time', () => ({ ...accept, validUntil: new Date(Number.NaN) })],
  ] as const) {
    it(`refuses on ${what}`, async () => {
      await using server = await startGuarded({
        authorizer: { authorize: authorize as unknown as Authorizer['authorize'] },
        authorizeTimeoutMs: 50,
      })
      const { text } = await speak(connectTo(server, { identity: client }))
      assert.match(text, /^HTTP\/1\.1 403 [^]*HF-T100/)
      assert.equal(server.accepted.length, 0)
      assert.equal((await server.event('connection-refused')).publicCode, 'HF-T100')
    })
  }
})

describe('Guard with maxConnections', () => {
  it('closes one more at once, and takes the next when there is room', async () => {
    await using server = await startGuarded({ policy: () => accepting, maxConnections: 1 })
    const first = await openConnection(server)
    const second = connectTo(server, { identity: client })
    const { text } = await speak(second)
    assert.equal(text, '')
    const live = server.accepted[0]?.socket
    assert.ok(live)
    const closed = once(live, 'close', limit())
    first.destroy()
    await closed
    const { text: answer } = await speak(connectTo(server, { identity: client }))
    assert.match(answer, /welcome/)
  })
})

async function openConnection(
  server: Awaited<ReturnType<typeof startGuarded>>,
  admit?: () => Promise<void>,
): Promise<TLSSocket> {
  const socket = connectTo(server, { identity: client })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect', limit())
  socket.write(request)
  await admit?.()
  await once(socket, 'data', limit())
  return socket
}
