import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { systemClock as clock } from '@handfast/kit/base'
import { ensureManager, holdingIdOf } from './manager.ts'
import { openTestStore } from './rest-stage.test.ts'

const name = 'C=GB, O=Manager, L=London'

describe('ensureManager', { timeout: 30_000 }, () => {
  it('creates the manager once, under its canonical name', async () => {
    await using test = await openTestStore()
    const first = await ensureManager(test.store, { name, anchors: ['a1'], clock })
    assert.equal(first.name, 'O=Manager, L=London, C=GB')
    assert.equal(first.holdingId, holdingIdOf(first.name, first.groupId))
    const store = await test.reopen()
    const again = await ensureManager(store, {
      name: 'O=Manager,L=London,C=GB',
      anchors: ['a1'],
      clock,
    })
    assert.deepEqual(again, first)
    const audit = await store.transaction(async (tx) => tx.audit.list())
    assert.deepEqual(
      audit.map(({ action, actor }) => ({ action, actor })),
      [{ action: 'manager.create', actor: 'handfast:up' }],
    )
  })

  it('lets the anchors follow the configuration, with a revision', async () => {
    await using test = await openTestStore()
    const first = await ensureManager(test.store, { name, anchors: ['b', 'a', 'b'], clock })
    assert.deepEqual(first.anchors, ['a', 'b'])
    const second = await ensureManager(test.store, { name, anchors: ['c'], clock })
    assert.deepEqual(second, { ...first, anchors: ['c'] })
    const { audit, revision } = await test.store.transaction(async (tx) => ({
      audit: await tx.audit.list(),
      revision: await tx.revision.current(),
    }))
    assert.equal(audit[0]?.action, 'manager.set-anchors')
    assert.equal(revision.number, 2)
  })

  it('refuses another name, and changes nothing', async () => {
    await using test = await openTestStore()
    await ensureManager(test.store, { name, anchors: ['a1'], clock })
    const renamed = { name: 'O=Other, L=London, C=GB', anchors: ['a2'], clock }
    await assert.rejects(ensureManager(test.store, renamed), {
      code: 'HF-C131',
      reason: 'manager-renamed',
    })
    const [kept] = await test.store.transaction(async (tx) => tx.managers.list())
    assert.deepEqual(kept?.anchors, ['a1'])
  })

  it('refuses a name that no member may have', async () => {
    await using test = await openTestStore()
    await assert.rejects(ensureManager(test.store, { name: 'CN=only', anchors: [], clock }), {
      reason: 'member-name-invalid',
    })
  })
})

describe('holdingIdOf', () => {
  it('is the first 12 hexadecimal digits of SHA-256(name + group), in upper case', () => {
    const digest = createHash('sha256').update('O=M, L=London, C=GBgroup').digest('hex')
    assert.equal(holdingIdOf('O=M, L=London, C=GB', 'group'), digest.slice(0, 12).toUpperCase())
  })
})
