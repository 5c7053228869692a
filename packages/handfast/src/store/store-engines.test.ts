import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { openSqliteStore } from './sqlite-store.ts'
import type { Store, Transaction } from './store.ts'

/** One empty database, that can be opened any number of times. */
interface Database {
  open(): Promise<Store>
  destroy(): Promise<void>
}

const engines: Readonly<Record<string, () => Database>> = {
  SQLite() {
    const folder = mkdtempSync(path.join(tmpdir(), 'handfast-store-'))
    return {
      open: async () => openSqliteStore({ file: path.join(folder, 'handfast.db') }),
      destroy: async () => rmSync(folder, { recursive: true }),
    }
  },
}

/** A folder that goes with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'handfast-store-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** What a suite gets; made anew for each test. */
export interface Fixture {
  /** The first connection. */
  readonly store: () => Store
  readonly write: <T>(fn: (tx: Transaction) => Promise<T>) => Promise<T>
  /** Runs `fn` with a second connection to the same database. */
  readonly withOther: (fn: (other: Store) => Promise<void>) => Promise<void>
}

/** Declares the suite once for every engine: what each of them must keep. */
export function storeSuite(promise: string, declare: (fixture: Fixture) => void): void {
  for (const [name, create] of Object.entries(engines)) {
    describe(`${promise} on ${name}`, { timeout: 30_000 }, () => {
      let database: Database
      let store: Store
      beforeEach(async () => {
        database = create()
        store = await database.open()
      })
      afterEach(async () => {
        await store.close()
        await database.destroy()
      })
      declare({
        store: () => store,
        write: async (fn) => store.transaction(fn),
        async withOther(fn) {
          await using other = await database.open()
          await fn(other)
        },
      })
    })
  }
}

// The other suites import this file: declared there, these would run again.
if (import.meta.main) {
  storeSuite('an empty store', ({ write, withOther }) => {
    it('holds nothing, at revision 0', async () => {
      const found = await write(async (tx) => ({
        rows: [
          ...(await tx.users.list()),
          ...(await tx.managers.list()),
          ...(await tx.allowList.list()),
          ...(await tx.issuers.list()),
          ...(await tx.certificates.list()),
          ...(await tx.audit.list()),
        ],
        allowed: await tx.allowList.count(),
        revision: (await tx.revision.current()).number,
      }))
      assert.deepEqual(found, { rows: [], allowed: 0, revision: 0 })
    })

    it('opens twice', async () => {
      await withOther(async (other) => {
        const revision = await other.transaction(async (tx) => tx.revision.current())
        assert.equal(revision.number, 0)
      })
    })
  })
}
