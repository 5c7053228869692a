import { resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { silentEvents, systemClock } from '@handfast/kit/base'
import type { Cancel, Clock, Events } from '@handfast/kit/base'
import { Kysely } from 'kysely'
import { StoreError } from './errors.ts'
import { limits } from './limits.ts'
import type { Schema } from './schema.ts'
import { readNumberPragma } from './sqlite-connection.ts'
import { SqliteDialect } from './sqlite-dialect.ts'
import { openDatabase } from './sqlite-open.ts'
import type { Revision, Store, Transaction, TransactionOptions } from './store.ts'
import { openTables } from './transaction.ts'
import { Turnstile } from './turnstile.ts'

export interface SqliteStoreOptions {
  /** Created 0600 when it is not there, its folder 0700. */
  readonly file: string
  readonly clock?: Clock
  readonly events?: Events<StoreEvent>
}

export interface StoreEvent {
  /** The database could not be asked for another process's changes (it is asked again); or a watcher threw. */
  readonly type: 'revision-watch-failed' | 'revision-watcher-failed'
  readonly error: unknown
}

/**
 * Opens the store, or creates it. Several processes may have the same file open.
 *
 * @throws {StoreError} database-too-new, database-unreadable, database-busy
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  // Absolute: SQLite gives names like `:memory:` and `file:…` a meaning of their own.
  const file = resolve(options.file)
  const store = new SqliteStore(await openDatabase(file), { ...options, file })
  try {
    await store.start()
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

class SqliteStore implements Store {
  readonly #database: DatabaseSync
  readonly #db: Kysely<Schema>
  readonly #file: string
  readonly #clock: Clock
  readonly #events: Events<StoreEvent>
  readonly #turns = new Turnstile()
  readonly #watchers = new Set<(revision: Revision) => void>()
  #told = 0
  #dataVersion: number | undefined
  #cancelPoll: Cancel | undefined
  #closing: Promise<void> | undefined

  constructor(database: DatabaseSync, options: SqliteStoreOptions) {
    this.#database = database
    this.#file = options.file
    this.#db = new Kysely<Schema>({ dialect: new SqliteDialect(database, options.file) })
    this.#clock = options.clock ?? systemClock
    this.#events = options.events ?? silentEvents
  }

  /** Remembers where the database stands, so that only later changes are told. */
  async start(): Promise<void> {
    this.#dataVersion = readNumberPragma(this.#database, 'data_version')
    const revision = await this.transaction(async (tx) => tx.revision.current(), { readOnly: true })
    this.#told = revision.number
  }

  async transaction<T>(
    fn: (tx: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    this.#refuseClosed()
    const leave = await this.#enter()
    try {
      this.#refuseClosed()
      const { result, bumped } = await this.#run(fn, options)
      if (bumped !== undefined) this.#tell(bumped)
      return result
    } finally {
      leave()
    }
  }

  watchRevision(fn: (revision: Revision) => void): Cancel {
    this.#refuseClosed()
    // A function of its own: the same one may watch twice.
    const watcher = (revision: Revision): void => fn(revision)
    this.#watchers.add(watcher)
    if (this.#cancelPoll === undefined) this.#schedulePoll()
    return () => {
      this.#watchers.delete(watcher)
      if (this.#watchers.size === 0) this.#stopPoll()
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    this.#watchers.clear()
    this.#stopPoll()
    const leave = await this.#turns.enter(limits.turnTimeoutMs)
    this.#database.close()
    leave?.()
  }

  async #enter(): Promise<() => void> {
    const leave =
      this.#turns.length < limits.maxWaitingTransactions
        ? await this.#turns.enter(limits.turnTimeoutMs)
        : undefined
    if (leave !== undefined) return leave
    throw new StoreError(
      'database-busy',
      `Cannot use database "${this.#file}": earlier transactions of this process have not ended`,
      { details: { file: this.#file }, hint: 'Try again with less at once' },
    )
  }

  /** Kysely's controlled transaction refuses queries after its end, so a forgotten `await` cannot write outside it. */
  async #run<T>(
    fn: (tx: Transaction) => Promise<T>,
    options: TransactionOptions,
  ): Promise<{ readonly result: T; readonly bumped: Revision | undefined }> {
    const accessMode = options.readOnly === true ? 'read only' : 'read write'
    const open = await this.#db.startTransaction().setAccessMode(accessMode).execute()
    let bumped: Revision | undefined
    try {
      const result = await fn(openTables(open, (revision) => (bumped = revision)))
      await open.commit().execute()
      return { result, bumped }
    } catch (error) {
      await open.rollback().execute()
      throw error
    }
  }

  /** Never throws: what was committed stays committed, whatever its watchers make of it. */
  #tell(revision: Revision): void {
    if (revision.number <= this.#told) return
    this.#told = revision.number
    for (const watcher of this.#watchers) {
      try {
        watcher(revision)
      } catch (error) {
        this.#events.emit({ type: 'revision-watcher-failed', error })
      }
    }
  }

  #schedulePoll(): void {
    const at = new Date(this.#clock.now().getTime() + limits.watchIntervalMs)
    this.#cancelPoll = this.#clock.schedule(at, () => void this.#poll())
  }

  #stopPoll(): void {
    this.#cancelPoll?.()
    this.#cancelPoll = undefined
  }

  async #poll(): Promise<void> {
    try {
      if (this.#seesForeignCommit()) {
        this.#tell(await this.transaction(async (tx) => tx.revision.current(), { readOnly: true }))
      }
    } catch (error) {
      // Asked again at the next poll, whatever the counter says then.
      this.#dataVersion = undefined
      if (this.#closing === undefined) this.#events.emit({ type: 'revision-watch-failed', error })
    }
    if (this.#watchers.size > 0) this.#schedulePoll()
  }

  /** https://sqlite.org/pragma.html#pragma_data_version: moves when another connection commits, never by our own. */
  #seesForeignCommit(): boolean {
    // Inside a transaction the counter stands still.
    if (this.#database.isTransaction) return false
    const found = readNumberPragma(this.#database, 'data_version')
    const moved = found !== this.#dataVersion
    this.#dataVersion = found
    return moved
  }

  #refuseClosed(): void {
    if (this.#closing === undefined) return
    throw new StoreError('store-closed', `Cannot use database "${this.#file}": it was closed`, {
      details: { file: this.#file },
      hint: 'Open the store again',
    })
  }
}
