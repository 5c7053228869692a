import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { describe, it } from 'node:test'
import { systemClock } from '@handfast/kit/base'
import { stateDigest } from '../gateway/state-digest.ts'
import type { GatewayState } from '../gateway/state.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import type { GatewayBootstrap } from './build-state.ts'
import type { ControlEvent } from './events.ts'
import { ensureManager } from './manager.ts'
import { openStage, openTestStore } from './rest-stage.test.ts'
import type { Stage } from './rest-stage.test.ts'
import { createStateSource } from './state-source.ts'
import type { ControlStateSource } from './state-source.ts'

const bootstrap: GatewayBootstrap = {
  anchors: [],
  listeners: [
    {
      name: 'members',
      host: '127.0.0.1',
      port: 0,
      identity: 'gateway',
      tlsType: 'MUTUAL',
      anchors: ['a1'],
      upstream: { url: 'http://127.0.0.1:1', anchors: [] },
    },
  ],
}

const clock = systemClock
const names = (state: GatewayState): readonly string[] =>
  state.listeners.flatMap(({ allowList }) => allowList.map(({ name }) => name))

async function allow(store: Store, name: string): Promise<number> {
  return store.transaction(async (tx) => {
    const [manager] = await tx.managers.list()
    const holdingId = manager?.holdingId ?? ''
    const at = clock.now()
    await tx.allowList.add({ holdingId, anchor: 'a1', name, createdAt: at, actor: 'test' })
    return (await tx.revision.bump(at)).number
  })
}

/** Resolves with the first state of at least this revision. */
async function reached(source: ControlStateSource, revision: number): Promise<GatewayState> {
  return new Promise((resolve) => {
    source.watch(({ to }, next) => {
      if (to >= revision) resolve(next)
    })
    if (source.current().revision >= revision) resolve(source.current())
  })
}

describe('createStateSource', { timeout: 30_000 }, () => {
  it('holds the whole state of the store, and follows it', async () => {
    await using test = await openTestStore()
    await ensureManager(test.store, { name: 'O=M, L=London, C=GB', anchors: ['a1'], clock })
    const source = await createStateSource({ store: test.store, bootstrap })
    const first = source.current()
    assert.deepEqual([first.revision, names(first)], [1, []])
    const revision = await allow(test.store, 'O=X, L=London, C=GB')
    const next = await reached(source, revision)
    assert.deepEqual([next.revision, names(next)], [2, ['O=X, L=London, C=GB']])
    assert.equal(source.current(), next)
    assert.deepEqual(names(first), [], 'a state never changes')
    source.close()
  })

  it('tells each change in order, with when it was made', async () => {
    await using test = await openTestStore()
    await ensureManager(test.store, { name: 'O=M, L=London, C=GB', anchors: ['a1'], clock })
    const source = await createStateSource({ store: test.store, bootstrap })
    const changes: { from: number; to: number }[] = []
    let inside = 0
    source.watch(({ from, to, at }, next) => {
      assert.equal((inside += 1), 1, 're-entered')
      assert.equal(to, next.revision)
      assert.ok(at.getTime() <= Date.now())
      changes.push({ from, to })
      inside -= 1
    })
    const revisions = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => allow(test.store, `O=X${n}, L=London, C=GB`)),
    )
    await reached(source, Math.max(...revisions))
    assert.equal(changes[0]?.from, 1)
    assert.equal(changes.at(-1)?.to, 11)
    for (const [index, change] of changes.entries()) {
      assert.ok(change.from < change.to)
      if (index > 0) assert.equal(change.from, changes[index - 1]?.to)
    }
    source.close()
  })

  it('follows what another process changes', async () => {
    await using test = await openTestStore()
    await ensureManager(test.store, { name: 'O=M, L=London, C=GB', anchors: ['a1'], clock })
    const source = await createStateSource({ store: test.store, bootstrap })
    await using other = await openSqliteStore({ file: test.file })
    const revision = await allow(other, 'O=X, L=London, C=GB')
    assert.deepEqual(names(await reached(source, revision)), ['O=X, L=London, C=GB'])
    source.close()
  })

  it('believes a gateway that applied what it was given, and tells how long it took', async () => {
    await using test = await openTestStore()
    const events: ControlEvent[] = []
    const source = await createStateSource({
      store: test.store,
      bootstrap,
      events: { emit: (event) => void events.push(event) },
    })
    const digest = stateDigest(source.current())
    const waiting = source.whenApplied(0)
    source.acknowledge(99, digest)
    source.acknowledge(0, 'another digest')
    assert.deepEqual(events, [
      { type: 'state-mismatch', revision: 0, expected: digest, found: 'another digest' },
    ])
    source.acknowledge(0, digest)
    assert.equal(await waiting, true)
    assert.equal(await source.whenApplied(0), true)
    const applied = events.at(-1)
    assert.ok(applied?.type === 'state-applied')
    assert.deepEqual([applied.revision, applied.digest], [0, digest])
    assert.ok(applied.sinceCommitMs >= 0)
    source.close()
  })

  it('does not wait for ever', async () => {
    await using test = await openTestStore()
    const source = await createStateSource({ store: test.store, bootstrap, appliedTimeoutMs: 10 })
    assert.equal(await source.whenApplied(1), false)
    const patient = source.whenApplied(1)
    source.close()
    assert.equal(await patient, false)
    assert.equal(await source.whenApplied(1), false)
  })

  it('keeps the state in force while the store cannot be read, and tries again', async () => {
    await using test = await openTestStore()
    await ensureManager(test.store, { name: 'O=M, L=London, C=GB', anchors: ['a1'], clock })
    let broken = false
    const fragile: Store = {
      async transaction(fn, options) {
        if (broken) throw new Error('unreadable')
        return test.store.transaction(fn, options)
      },
      watchRevision: (fn) => test.store.watchRevision(fn),
      close: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    }
    const emitter = new EventEmitter()
    const retries: (() => void)[] = []
    const source = await createStateSource({
      store: fragile,
      bootstrap,
      clock: { now: () => new Date(), schedule: (_, fn) => (retries.push(fn), () => undefined) },
      events: { emit: (event) => void emitter.emit(event.type, event) },
    })
    broken = true
    const told = once(emitter, 'state-unreadable')
    const revision = await allow(test.store, 'O=X, L=London, C=GB')
    await told
    assert.equal(source.current().revision, 1)
    broken = false
    retries[0]?.()
    assert.deepEqual(names(await reached(source, revision)), ['O=X, L=London, C=GB'])
    source.close()
  })

  it('goes on when a watcher throws', async () => {
    await using test = await openTestStore()
    await ensureManager(test.store, { name: 'O=M, L=London, C=GB', anchors: ['a1'], clock })
    const events: ControlEvent[] = []
    const source = await createStateSource({
      store: test.store,
      bootstrap,
      events: { emit: (event) => void events.push(event) },
    })
    const error = new Error('a bad watcher')
    source.watch(() => {
      throw error
    })
    const revision = await allow(test.store, 'O=X, L=London, C=GB')
    await reached(source, revision)
    assert.deepEqual(events, [{ type: 'watcher-failed', revision, error }])
    source.close()
  })
})

/** The source of the stage's own store; the stage needs it before the store is there. */
async function openFollowedStage(appliedTimeoutMs: number): Promise<{
  readonly stage: Stage
  readonly source: ControlStateSource
}> {
  const { promise, resolve } = Promise.withResolvers<ControlStateSource>()
  const applied = { whenApplied: async (n: number) => (await promise).whenApplied(n) }
  const stage = await openStage({ anchors: ['a1'], applied })
  const source = await createStateSource({ store: stage.store, bootstrap, appliedTimeoutMs })
  resolve(source)
  return { stage, source }
}

describe('a change over REST', { timeout: 30_000 }, () => {
  it('is answered once the gateway has applied it', async () => {
    const { stage, source } = await openFollowedStage(10_000)
    const order: string[] = []
    const apply = async (next: GatewayState): Promise<void> => {
      // Calls that are answered in the meantime, each a round trip.
      for (let round = 0; round < 3; round += 1) await stage.call('GET', stage.path())
      order.push('applied')
      source.acknowledge(next.revision, stateDigest(next))
    }
    source.watch((_, next) => void apply(next))
    const { status } = await stage.call('PUT', stage.path('O=X, L=London, C=GB'))
    order.push(`answered ${status}`)
    assert.deepEqual(order, ['applied', 'answered 204'])
    assert.ok(!stage.events.some(({ type }) => type === 'state-late'))
    source.close()
    await stage[Symbol.asyncDispose]()
  })

  it('is answered all the same when the gateway does not say so in time', async () => {
    const { stage, source } = await openFollowedStage(10)
    const { status } = await stage.call('PUT', stage.path('O=X, L=London, C=GB'))
    assert.equal(status, 204)
    const late = stage.events.find(({ type }) => type === 'state-late')
    assert.ok(late?.type === 'state-late')
    assert.equal(late.revision, 2)
    source.close()
    await stage[Symbol.asyncDispose]()
  })
})
