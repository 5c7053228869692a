import { DatabaseSync } from 'node:sqlite'
import { Kysely, sql } from 'kysely'
import { StoreError } from './errors.ts'
import { limits } from './limits.ts'
import { migrations } from './migrations.ts'
import { readNumberPragma, readPragma, retryWhileBusy } from './sqlite-connection.ts'
import { SqliteDialect } from './sqlite-dialect.ts'
import { toStoreError } from './sqlite-errors.ts'
import {
  applicationId,
  createFile,
  hasWriteAheadLog,
  readHeader,
  restrictFile,
} from './sqlite-file.ts'
import type { FileHeader } from './sqlite-file.ts'

/**
 * Opens the database, creating it when it is not there and bringing it up to this program's schema. A database that
 * is newer, foreign or damaged is left byte for byte as it is.
 *
 * @throws {StoreError} database-too-new, database-unreadable, database-busy
 */
export async function openDatabase(file: string): Promise<DatabaseSync> {
  createFile(file)
  await checkFile(file)
  restrictFile(file)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: limits.blockingTimeoutMs })
    await migrate(database, file)
    await configure(database, file)
    return database
  } catch (error) {
    database?.close()
    throw toStoreError(error, file)
  }
}

/** Reads without SQLite first, which would play the log back into the file when it closes. */
async function checkFile(file: string): Promise<void> {
  const header = readHeader(file)
  if (header === undefined) return
  refuseForeign(header, file)
  if (!hasWriteAheadLog(file)) return
  try {
    const logged = await retryWhileBusy(limits.busyTimeoutMs, () => readLoggedHeader(file))
    refuseForeign(logged, file)
  } catch (error) {
    throw toStoreError(error, file)
  }
}

function readLoggedHeader(file: string): FileHeader {
  const reader = new DatabaseSync(file, { readOnly: true, timeout: limits.blockingTimeoutMs })
  try {
    return {
      applicationId: readNumberPragma(reader, 'application_id'),
      schemaVersion: readNumberPragma(reader, 'user_version'),
    }
  } finally {
    reader.close()
  }
}

function refuseForeign(header: FileHeader, file: string): void {
  if (header.applicationId !== applicationId) {
    throw new StoreError(
      'database-unreadable',
      `Cannot open database "${file}": it is a database of another program`,
      { details: { file }, hint: 'Name another file' },
    )
  }
  const found = header.schemaVersion
  if (found <= migrations.length) return
  throw new StoreError(
    'database-too-new',
    `Cannot open database "${file}": its schema is version ${found}, this program knows ${migrations.length}`,
    {
      details: { file, found, known: migrations.length },
      hint: 'Run the Handfast version that wrote it, or a later one; nothing was changed',
    },
  )
}

/** All steps that are missing, in one transaction; a second process that opens the same file waits for it. */
async function migrate(database: DatabaseSync, file: string): Promise<void> {
  const found = await retryWhileBusy(limits.busyTimeoutMs, () =>
    readNumberPragma(database, 'user_version'),
  )
  if (found === migrations.length) return
  const db = new Kysely<unknown>({ dialect: new SqliteDialect(database, file) })
  await db.transaction().execute(async (transaction) => {
    const done = readNumberPragma(database, 'user_version')
    for (const step of migrations.slice(done)) await step(transaction)
    await sql`pragma application_id = ${sql.lit(applicationId)}`.execute(transaction)
    await sql`pragma user_version = ${sql.lit(migrations.length)}`.execute(transaction)
  })
}

async function configure(database: DatabaseSync, file: string): Promise<void> {
  // WAL: a reader never waits for a writer. FULL: a commit is on the disk before it is reported.
  const mode = await retryWhileBusy(limits.busyTimeoutMs, () =>
    readPragma(database, 'journal_mode = wal'),
  )
  if (mode !== 'wal') {
    throw new StoreError(
      'database-unreadable',
      `Cannot open database "${file}": its file system allows no write-ahead log`,
      { details: { file }, hint: 'Choose a data folder on a local disk' },
    )
  }
  database.exec('pragma synchronous = full')
  database.exec('pragma foreign_keys = on')
  // A schema that was tampered with cannot call functions.
  database.exec('pragma trusted_schema = off')
}
