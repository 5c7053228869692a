import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { storeSuite } from './store-engines.test.ts'
import type { Revision, Store, Transaction, User } from './store.ts'

const at = new Date('2026-11-21T10:00:00.000Z')
const user: User = { name: 'alice', passwordHash: '$scrypt$1', createdAt: at, updatedAt: at }

storeSuite('the transactions', ({ store, write, withOther }) => {
  describe('transactions', () => {
    it('run one after the other', async () => {
      const bumps = Array.from({ length: 20 }, async () =>
        write(async (tx) => {
          const { number } = await tx.revision.current()
          return { before: number, after: (await tx.revision.bump(at)).number }
        }),
      )
      const seen = await Promise.all(bumps)
      assert.deepEqual(
        seen,
        seen.map((_, index) => ({ before: index, after: index + 1 })),
      )
    })

    it('of two connections do not lose an update', async () => {
      await withOther(async (other) => {
        const bump = async (each: Store): Promise<unknown> =>
          each.transaction(async (tx) => {
            await tx.users.list()
            return tx.revision.bump(at)
          })
        await Promise.all(Array.from({ length: 20 }, (_, i) => bump(i % 2 ? store() : other)))
        const { number } = await store().transaction(async (tx) => tx.revision.current())
        assert.equal(number, 20)
      })
    })

    it('that only read do not wait for a writer, and see what was committed', async () => {
      await withOther(async (other) => {
        await write(async (tx) => {
          await tx.users.upsert(user)
          const seen = await other.transaction(async (inner) => inner.users.list(), {
            readOnly: true,
          })
          assert.deepEqual(seen, [])
        })
        assert.equal((await other.transaction(async (tx) => tx.users.list())).length, 1)
      })
    })

    it('that only read refuse to write, and the next one writes again', async () => {
      await assert.rejects(
        store().transaction(async (tx) => tx.users.upsert(user), { readOnly: true }),
        { reason: 'database-unreadable' },
      )
      await write(async (tx) => tx.users.upsert(user))
      assert.equal((await write(async (tx) => tx.users.list())).length, 1)
    })

    it('are over when they are over', async () => {
      let kept: Transaction | undefined
      await write(async (tx) => {
        kept = tx
      })
      await assert.rejects(async () => kept?.users.upsert(user))
      assert.deepEqual(await write(async (tx) => tx.users.list()), [])
    })

    it('refuse a closed store', async () => {
      await store().close()
      await assert.rejects(
        write(async (tx) => tx.users.list()),
        { reason: 'store-closed' },
      )
      await store().close()
    })
  })

  describe('the revision', () => {
    it('starts at 0 and keeps when it moved', async () => {
      assert.equal((await write(async (tx) => tx.revision.current())).number, 0)
      const bumped = await write(async (tx) => tx.revision.bump(at))
      assert.deepEqual(bumped, { number: 1, at })
      assert.deepEqual(await write(async (tx) => tx.revision.current()), bumped)
    })

    it('is told once it is committed, not before', async () => {
      const told: Revision[] = []
      store().watchRevision((revision) => told.push(revision))
      await write(async (tx) => {
        await tx.revision.bump(at)
        assert.deepEqual(told, [])
      })
      assert.deepEqual(told, [{ number: 1, at }])
    })

    it('is told when another connection moved it', async () => {
      await withOther(async (other) => {
        const told = new Promise<Revision>((resolve) => store().watchRevision(resolve))
        await other.transaction(async (tx) => tx.revision.bump(at))
        assert.deepEqual(await told, { number: 1, at })
      })
    })

    it('is not told after the watch was cancelled', async () => {
      const told: Revision[] = []
      const cancel = store().watchRevision((revision) => told.push(revision))
      cancel()
      cancel()
      await write(async (tx) => tx.revision.bump(at))
      assert.deepEqual(told, [])
    })

    it('is committed even when a watcher throws', async () => {
      const told: Revision[] = []
      store().watchRevision(() => {
        throw new Error('a bad watcher')
      })
      store().watchRevision((revision) => told.push(revision))
      await write(async (tx) => tx.revision.bump(at))
      assert.equal(told.length, 1)
    })
  })
})
