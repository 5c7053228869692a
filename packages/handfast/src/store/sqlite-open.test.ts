import assert from 'node:assert/strict'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { StoreError } from './errors.ts'
import { migrations } from './migrations.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { StoreEvent } from './sqlite-store.ts'
import type { Revision } from './store.ts'
import { temporaryFolder } from './store-engines.test.ts'

const at = new Date('2026-11-21T10:00:00.000Z')
const isWindows = process.platform === 'win32'

async function createDatabase(t: TestContext): Promise<string> {
  const file = path.join(temporaryFolder(t), 'handfast.db')
  await (await openSqliteStore({ file })).close()
  return file
}

function change(file: string, sql: string): void {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

async function assertUntouched(file: string, expected: object): Promise<void> {
  const before = readFileSync(file)
  await assert.rejects(openSqliteStore({ file }), expected)
  assert.deepEqual(readFileSync(file), before)
}

describe('openSqliteStore', { timeout: 30_000 }, () => {
  it(
    'creates the folder 0700 and the files 0600, whatever the umask',
    { skip: isWindows },
    async (t) => {
      const file = path.join(temporaryFolder(t), 'data', 'deep', 'handfast.db')
      const umask = process.umask(0)
      t.after(() => process.umask(umask))
      await using store = await openSqliteStore({ file })
      await store.transaction(async (tx) => tx.revision.bump(at))
      const mode = (name: string): string => (statSync(name).mode & 0o777).toString(8)
      assert.equal(mode(path.dirname(file)), '700')
      assert.deepEqual([file, `${file}-wal`, `${file}-shm`].map(mode), ['600', '600', '600'])
    },
  )

  it('takes access away from files that everybody may read', { skip: isWindows }, async (t) => {
    const file = await createDatabase(t)
    chmodSync(file, 0o644)
    await using store = await openSqliteStore({ file })
    await store.transaction(async (tx) => tx.revision.bump(at))
    const modes = [file, `${file}-wal`].map((name) => statSync(name).mode & 0o777)
    assert.deepEqual(modes, [0o600, 0o600])
  })

  it('keeps what was written when it opens again', async (t) => {
    const file = await createDatabase(t)
    const first = await openSqliteStore({ file })
    await first.transaction(async (tx) => tx.revision.bump(at))
    await first.close()
    await using second = await openSqliteStore({ file })
    const revision = await second.transaction(async (tx) => tx.revision.current())
    assert.deepEqual(revision, { number: 1, at })
  })

  it('opens the same new file from many sides at once', async (t) => {
    const file = path.join(temporaryFolder(t), 'handfast.db')
    const stores = await Promise.all(
      Array.from({ length: 5 }, async () => openSqliteStore({ file })),
    )
    await Promise.all(
      stores.map(async (store) => store.transaction(async (tx) => tx.revision.bump(at))),
    )
    const [first] = stores
    const revision = await first?.transaction(async (tx) => tx.revision.current())
    assert.equal(revision?.number, 5)
    for (const store of stores) await store.close()
  })

  it('refuses a newer database, and leaves it byte for byte', async (t) => {
    const file = await createDatabase(t)
    change(file, `pragma user_version = ${migrations.length + 1}`)
    await assertUntouched(file, { code: 'HF-S101', reason: 'database-too-new' })
    assert.equal(existsSync(`${file}-wal`), false)
  })

  it('refuses a database that is newer only in its write-ahead log', async (t) => {
    const file = await createDatabase(t)
    const writer = new DatabaseSync(file)
    writer.exec(`pragma user_version = ${migrations.length + 1}`)
    // As a killed process leaves them: closing would play the log back.
    const copy = path.join(path.dirname(file), 'copy.db')
    copyFileSync(file, copy)
    copyFileSync(`${file}-wal`, `${copy}-wal`)
    writer.close()
    const log = readFileSync(`${copy}-wal`)
    await assertUntouched(copy, { reason: 'database-too-new' })
    assert.deepEqual(readFileSync(`${copy}-wal`), log)
  })

  it('refuses the database of another program', async (t) => {
    const file = path.join(temporaryFolder(t), 'other.db')
    change(file, 'create table cats (name text)')
    await assertUntouched(file, { code: 'HF-S102', reason: 'database-unreadable' })
  })

  it('refuses any bytes that are no database', async (t) => {
    const file = path.join(temporaryFolder(t), 'garbage.db')
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 })
    await fc.assert(
      fc.asyncProperty(bytes, async (garbage) => {
        writeFileSync(file, garbage)
        await assertUntouched(file, { reason: 'database-unreadable' })
      }),
      { numRuns: 30, examples: [[Buffer.from('SQLite format 3\0')]] },
    )
  })

  it('survives any damage, with an error of its own', async (t) => {
    const source = await createDatabase(t)
    const whole = readFileSync(source)
    const file = path.join(path.dirname(source), 'damaged.db')
    const damage = fc.record({
      at: fc.integer({ min: 0, max: whole.length - 1 }),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
    })
    await fc.assert(
      fc.asyncProperty(damage, async (spot) => {
        const damaged = Buffer.from(whole)
        damaged.set(spot.bytes.subarray(0, whole.length - spot.at), spot.at)
        writeFileSync(file, damaged)
        await openAndRead(file)
      }),
      { numRuns: 100 },
    )
  })

  it('refuses a folder, and a path through a file', async (t) => {
    const folder = temporaryFolder(t)
    mkdirSync(path.join(folder, 'a-folder'))
    writeFileSync(path.join(folder, 'a-file'), '')
    for (const name of ['a-folder', 'a-file/handfast.db']) {
      await assert.rejects(openSqliteStore({ file: path.join(folder, name) }), {
        reason: 'database-unreadable',
      })
    }
  })

  const ignoresModes = isWindows || process.getuid?.() === 0
  it('refuses a folder without permission', { skip: ignoresModes }, async (t) => {
    const folder = temporaryFolder(t)
    chmodSync(folder, 0o500)
    t.after(() => chmodSync(folder, 0o700))
    await assert.rejects(openSqliteStore({ file: path.join(folder, 'handfast.db') }), {
      reason: 'database-unreadable',
    })
  })

  it('says what is wrong in one line, with a hint', async (t) => {
    const file = path.join(temporaryFolder(t), 'garbage.db')
    writeFileSync(file, 'garbage')
    await assert.rejects(openSqliteStore({ file }), (error) => {
      assert.ok(error instanceof StoreError)
      assert.equal(error.message, `Cannot open database "${file}": it is no SQLite database`)
      assert.equal(error.hint, 'Name another file, or restore a backup')
      return true
    })
  })
})

async function openAndRead(file: string): Promise<void> {
  try {
    await using store = await openSqliteStore({ file })
    await store.transaction(async (tx) => {
      await tx.users.list()
      await tx.allowList.list()
      await tx.certificates.list()
    })
  } catch (error) {
    assert.ok(error instanceof StoreError, `${String(error)} is no StoreError`)
  }
}

describe('rows that something else wrote', { timeout: 30_000 }, () => {
  it('are refused by name', async (t) => {
    const file = await createDatabase(t)
    const time = at.toISOString()
    change(file, `insert into issuers values ('i', 'n', 'odd', x'', '[]', null, null, '${time}')`)
    change(file, `insert into audit values (1, '${time}', 'a', 'b', 'c', '{"d":null}')`)
    change(file, `insert into users values ('u', 'h', 'yesterday', 'today')`)
    await using store = await openSqliteStore({ file })
    const malformed = { code: 'HF-S107', reason: 'row-malformed' }
    await assert.rejects(
      store.transaction(async (tx) => tx.issuers.list()),
      malformed,
    )
    await assert.rejects(
      store.transaction(async (tx) => tx.audit.list()),
      malformed,
    )
    await assert.rejects(
      store.transaction(async (tx) => tx.users.list()),
      malformed,
    )
  })

  it('are told to the watcher of events, and the watch goes on', async (t) => {
    const file = await createDatabase(t)
    const { promise: failed, resolve: fail } = Promise.withResolvers<StoreEvent>()
    await using store = await openSqliteStore({ file, events: { emit: fail } })
    const told = new Promise<Revision>((resolve) => store.watchRevision(resolve))
    change(file, `update revision set number = 1, at = 'now'`)
    const event = await failed
    assert.equal(event.type, 'revision-watch-failed')
    assert.ok(event.error instanceof StoreError)
    change(file, `update revision set at = '${at.toISOString()}'`)
    assert.deepEqual(await told, { number: 1, at })
  })
})
