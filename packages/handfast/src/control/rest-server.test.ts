import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentEvents, systemClock as clock } from '@handfast/kit/base'
import { addUser } from './add-user.ts'
import { AllowedSubjects } from './allowed-subjects.ts'
import { Authenticator } from './authenticator.ts'
import { ensureManager } from './manager.ts'
import { createRestApp } from './rest-app.ts'
import { authorization, openStage, openTestStore, password } from './rest-stage.test.ts'

const subject = 'CN=CordaOperator, O=Org, L=London, C=GB'

describe('createRestServer', { timeout: 60_000 }, () => {
  it('keeps what was allowed over a restart', async () => {
    await using test = await openTestStore()
    const before = await openStage({ test })
    assert.equal((await before.call('PUT', before.path(subject))).status, 204)
    const list = before.path()
    await before[Symbol.asyncDispose]()
    await test.reopen()
    await using again = await openStage({ test })
    const { status, body } = await again.call('GET', list)
    assert.deepEqual([status, body], [200, JSON.stringify([subject])])
  })

  it('refuses a port that is taken, and gives its own back', async () => {
    const stage = await openStage()
    const { port } = stage
    await assert.rejects(openStage({ port }), { reason: 'listen-failed' })
    await stage[Symbol.asyncDispose]()
    await using third = await openStage({ port })
    assert.equal(third.port, port)
  })

  it('ends idle connections when it closes', async () => {
    const stage = await openStage()
    await stage.call('GET', stage.path())
    const start = performance.now()
    await stage[Symbol.asyncDispose]()
    assert.ok(performance.now() - start < 1_500, 'waited for a connection that does nothing')
  })

  it('answers what is on its way when it closes', async () => {
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<boolean>()
    const whenApplied = async (): Promise<boolean> => {
      asked.resolve()
      return answer.promise
    }
    const stage = await openStage({ applied: { whenApplied } })
    const put = stage.call('PUT', stage.path(subject))
    await asked.promise
    const closed = stage[Symbol.asyncDispose]()
    answer.resolve(true)
    assert.equal((await put).status, 204)
    await closed
  })

  it('tells what its guard sees', async () => {
    await using stage = await openStage()
    await stage.call('GET', stage.path())
    const [first] = stage.events
    assert.ok(first?.type === 'connection')
    assert.equal(first.event.type, 'connection-accepted')
  })
})

describe('createRestApp', { timeout: 60_000 }, () => {
  it('answers 503 when too many passwords are being checked', async () => {
    await using test = await openTestStore()
    const { store } = test
    const app = createRestApp({
      subjects: new AllowedSubjects({
        store,
        cluster: { tlsType: 'MUTUAL' },
        clock,
        events: silentEvents,
      }),
      authenticator: new Authenticator({ store, clock, maxVerifications: 0 }),
      events: silentEvents,
    })
    const answer = await app.inject({
      url: '/api/v1/mgm/0123456789AB/mutual-tls/allowed-client-certificate-subjects',
      headers: { authorization },
    })
    await app.close()
    assert.equal(answer.statusCode, 503)
    assert.equal(answer.headers['retry-after'], '1')
    assert.deepEqual(answer.json(), {
      title: 'Too many passwords are being checked at the moment.',
      status: 503,
      details: {},
    })
  })
})

describe('AllowedSubjects', { timeout: 60_000 }, () => {
  it('takes so many entries and no more, whole subjects only', async () => {
    await using test = await openTestStore()
    const { store } = test
    await addUser(store, { name: 'alice', password, actor: 'test', clock })
    const { holdingId } = await ensureManager(store, {
      name: 'O=M, L=London, C=GB',
      anchors: ['a1', 'a2'],
      clock,
    })
    const subjects = new AllowedSubjects({
      store,
      cluster: { tlsType: 'MUTUAL' },
      clock,
      events: silentEvents,
      maxAllowedMembers: 3,
    })
    const request = { holdingId, subject, actor: 'alice' }
    await subjects.allow(request)
    const second = { ...request, subject: 'O=Second, L=London, C=GB' }
    await assert.rejects(subjects.allow(second), { code: 'HF-C109', reason: 'allow-list-full' })
    assert.equal(await store.transaction(async (tx) => tx.allowList.count()), 2)
    await subjects.allow(request)
    await subjects.disallow(request)
    await subjects.allow(second)
    assert.deepEqual(await subjects.list(holdingId), ['O=Second, L=London, C=GB'])
  })
})
