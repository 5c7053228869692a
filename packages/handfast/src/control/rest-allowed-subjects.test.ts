import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { systemClock } from '@handfast/kit/base'
import fc from 'fast-check'
import { ensureManager } from './manager.ts'
import { openStage } from './rest-stage.test.ts'
import type { Stage } from './rest-stage.test.ts'

const one = 'CN=CordaOperator, O=Org, L=London, C=GB'

describe('the allow-list over REST', { timeout: 60_000 }, () => {
  let stage: Stage
  before(async () => {
    stage = await openStage()
  })
  after(async () => stage[Symbol.asyncDispose]())
  beforeEach(async () => {
    await stage.store.transaction(async (tx) => {
      for (const entry of await tx.allowList.list()) await tx.allowList.remove(entry)
    })
  })

  const listed = async (): Promise<unknown> =>
    JSON.parse((await stage.call('GET', stage.path())).body)
  const entries = async (): Promise<readonly string[]> => {
    const rows = await stage.store.transaction(async (tx) => tx.allowList.list())
    return rows.map(({ anchor, name, actor }) => `${anchor} ${name} ${actor}`)
  }
  const marks = async (): Promise<{ rows: number; revision: number }> =>
    stage.store.transaction(async (tx) => ({
      rows: (await tx.audit.list()).length,
      revision: (await tx.revision.current()).number,
    }))

  it('runs the commands of the guide of Corda 5.1', async () => {
    // curl sends the path as it stands there.
    for (const version of ['v1', 'v5_1']) {
      const list = stage.path(undefined, version)
      const put = await stage.call('PUT', `${list}/CN=CordaOperator,C=GB,L=London,O=Org`)
      assert.deepEqual([put.status, put.body], [204, ''])
      const removed = await stage.call('DELETE', `${list}/CN=CordaOperatorTwo,C=GB,L=London,O=Org`)
      assert.deepEqual([removed.status, removed.body], [204, ''])
      const three = await stage.call('PUT', `${list}/CN=CordaOperatorThree,C=GB,L=London,O=Org`)
      assert.equal(three.status, 204)
      const all = await stage.call('GET', list)
      assert.equal(all.status, 200)
      assert.equal(all.body, JSON.stringify([one, one.replace('Operator', 'OperatorThree')]))
      assert.match(String(all.headers['content-type']), /^application\/json/)
      assert.equal(all.headers['cache-control'], 'no-cache')
    }
  })

  it('keeps an entry for each anchor of the manager, with who made it', async () => {
    await stage.call('PUT', stage.path('CN=CordaOperator,C=GB,L=London,O=Org'))
    assert.deepEqual(await entries(), [`a1 ${one} alice`, `a2 ${one} alice`])
  })

  it('audits a change in its own transaction, and moves the revision', async () => {
    const start = await marks()
    await stage.call('PUT', stage.path(one))
    await stage.call('DELETE', stage.path(one))
    const { audit, revision } = await stage.store.transaction(async (tx) => ({
      audit: await tx.audit.list({ limit: 2 }),
      revision: (await tx.revision.current()).number,
    }))
    const details = { holdingId: stage.manager.holdingId, anchors: ['a1', 'a2'] }
    assert.deepEqual(
      audit.map((row) => [row.actor, row.action, row.target, row.details]),
      [
        ['alice', 'allow-list.remove', one, details],
        ['alice', 'allow-list.add', one, details],
      ],
    )
    assert.equal(revision, start.revision + 2)
    const changes = stage.events.filter(({ type }) => type === 'allow-list-changed').slice(-2)
    const common = { actor: 'alice', name: one, ...details }
    assert.deepEqual(changes, [
      { type: 'allow-list-changed', change: 'add', ...common, revision: revision - 1 },
      { type: 'allow-list-changed', change: 'remove', ...common, revision },
    ])
  })

  it('answers what changes nothing, and records nothing', async () => {
    await stage.call('PUT', stage.path(one))
    const start = await marks()
    assert.equal(
      (await stage.call('PUT', stage.path('O=Org,CN=CordaOperator,C=GB,L=London'))).status,
      204,
    )
    assert.equal((await stage.call('DELETE', stage.path('O=Nobody, L=London, C=GB'))).status, 204)
    assert.deepEqual(await marks(), start)
    assert.deepEqual(await listed(), [one])
  })

  it('sorts', async () => {
    const names = ['B', 'a', 'A', 'b'].map((organisation) => `O=${organisation}, L=London, C=GB`)
    for (const name of names) await stage.call('PUT', stage.path(name))
    assert.deepEqual(await listed(), names.toSorted())
  })

  it('takes the id in lower case', async () => {
    const lower = stage.path(one).replace(stage.manager.holdingId, (id) => id.toLowerCase())
    assert.equal((await stage.call('PUT', lower)).status, 204)
    assert.deepEqual(await listed(), [one])
  })

  it('reads every character of a subject as it was meant', async () => {
    const value = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter(
        (text) => !/[\p{Cc}\p{Cs}]/u.test(text) && /^[^\s#]/.test(text) && /[^\s\\]$/.test(text),
      )
      .map((text) => text.replaceAll(/["+,;<>\\=]/g, '\\$&'))
    await fc.assert(
      fc.asyncProperty(value, async (organisation) => {
        const name = `O=${organisation}, L=London, C=GB`
        const put = await stage.call('PUT', stage.path(name))
        const text = await stage.call('GET', stage.path())
        const [found] = JSON.parse(text.body) as string[]
        assert.deepEqual(
          [put.status, found?.replaceAll('\\', '')],
          [204, name.replaceAll('\\', '')],
        )
        assert.equal((await stage.call('DELETE', stage.path(found))).status, 204)
        assert.deepEqual(await listed(), [])
      }),
      { numRuns: 50, examples: [['a/b'], ['100%'], ['a?b'], ['%2F'], ['.'], ['R&D'], ['ß é 汉']] },
    )
  })

  it('does not take a plus for a space', async () => {
    await stage.call('PUT', `${stage.path()}/O=A%5C+B,L=London,C=GB`)
    assert.deepEqual(await listed(), ['O=A\\+B, L=London, C=GB'])
  })

  it('takes a body of any kind, as curl -d sends it', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'application/json', 'not a type']) {
      const headers = { 'content-type': type }
      const put = await stage.call('PUT', stage.path(one), { headers, body: '{"a":' })
      assert.equal(put.status, 204, type)
      const removed = await stage.call('DELETE', stage.path(one), { headers, body: 'x=1' })
      assert.equal(removed.status, 204, type)
    }
  })

  it('lists what counts under the anchors of today', async () => {
    const set = async (anchors: readonly string[]): Promise<unknown> =>
      ensureManager(stage.store, { name: stage.manager.name, anchors, clock: systemClock })
    await stage.call('PUT', stage.path(one))
    await set(['a9'])
    assert.deepEqual(await listed(), [])
    await stage.call('PUT', stage.path(one))
    assert.deepEqual(await listed(), [one])
    await stage.call('DELETE', stage.path(one))
    await set(['a1', 'a2'])
    assert.deepEqual(await listed(), [], 'a DELETE removes the name under former anchors too')
  })
})
