import assert from 'node:assert/strict'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { beginTransaction } from './sqlite-connection.ts'
import { toStoreError } from './sqlite-errors.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { temporaryFolder } from './store-engines.test.ts'

function failureOf(fn: () => void): unknown {
  try {
    fn()
  } catch (error) {
    return toStoreError(error, 'x.db')
  }
  return assert.fail('nothing failed')
}

function assertReason(error: unknown, reason: string): void {
  assert.ok(error instanceof Error && 'reason' in error)
  assert.equal(error.reason, reason)
}

describe('toStoreError', { timeout: 30_000 }, () => {
  it('tells a full disk', () => {
    const database = new DatabaseSync(':memory:')
    database.exec('create table t (x text)')
    database.exec('pragma max_page_count = 2')
    const failure = failureOf(() =>
      database.prepare('insert into t values (?)').run('x'.repeat(100_000)),
    )
    assertReason(failure, 'database-full')
  })

  it('names the columns of a conflict, and no value', () => {
    const database = new DatabaseSync(':memory:')
    database.exec(`create table t (x text unique); insert into t values ('secret')`)
    const failure = failureOf(() => database.exec(`insert into t values ('secret')`))
    assertReason(failure, 'conflict')
    assert.equal(
      String(failure),
      'StoreError: Cannot use database "x.db": a row with the same key exists (t.x)',
    )
  })

  it('keeps the cause', () => {
    const database = new DatabaseSync(':memory:')
    const failure = failureOf(() => database.exec('select from'))
    assertReason(failure, 'database-unreadable')
    assert.ok(failure instanceof Error && failure.cause instanceof Error)
  })

  it('returns what is no failure of SQLite as it is', () => {
    const error = new Error('other')
    assert.equal(toStoreError(error, 'x.db'), error)
  })
})

describe('beginTransaction', { timeout: 30_000 }, () => {
  it('gives up when the lock is never given back', async (t) => {
    const file = path.join(temporaryFolder(t), 'handfast.db')
    await using store = await openSqliteStore({ file })
    const other = new DatabaseSync(file, { timeout: 1 })
    t.after(() => other.close())
    await store.transaction(async () => {
      const refused = beginTransaction(other, { mode: 'read write', timeoutMs: 30 })
      const error = await refused.then(
        () => undefined,
        (failure: unknown) => toStoreError(failure, file),
      )
      assertReason(error, 'database-busy')
      await beginTransaction(other, { mode: 'read only', timeoutMs: 30 })
    })
  })
})
