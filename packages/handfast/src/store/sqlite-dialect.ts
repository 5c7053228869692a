import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type {
  CompiledQuery,
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryCompiler,
  QueryResult,
  TransactionSettings,
} from 'kysely'
import { limits } from './limits.ts'
import { beginTransaction, commit, rollBack } from './sqlite-connection.ts'
import { toStoreError } from './sqlite-errors.ts'

/** Kysely over one `node:sqlite` connection, which stays its opener's to close. */
export class SqliteDialect implements Dialect {
  readonly #database: DatabaseSync
  readonly #file: string

  constructor(database: DatabaseSync, file: string) {
    this.#database = database
    this.#file = file
  }

  createDriver(): Driver {
    return new SqliteDriver(this.#database, this.#file)
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter()
  }

  createIntrospector<T>(db: Kysely<T>): DatabaseIntrospector {
    return new SqliteIntrospector(db)
  }
}

class SqliteDriver implements Driver {
  readonly #database: DatabaseSync
  readonly #file: string
  readonly #connection: DatabaseConnection

  constructor(database: DatabaseSync, file: string) {
    this.#database = database
    this.#file = file
    this.#connection = new SqliteConnection(database, file)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }

  async beginTransaction(_: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    try {
      await beginTransaction(this.#database, {
        mode: settings.accessMode ?? 'read write',
        timeoutMs: limits.busyTimeoutMs,
      })
    } catch (error) {
      throw toStoreError(error, this.#file)
    }
  }

  async commitTransaction(): Promise<void> {
    await this.#translated(commit)
  }

  async rollbackTransaction(): Promise<void> {
    await this.#translated(rollBack)
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}

  async #translated(action: (database: DatabaseSync) => void): Promise<void> {
    try {
      action(this.#database)
    } catch (error) {
      throw toStoreError(error, this.#file)
    }
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #file: string

  constructor(database: DatabaseSync, file: string) {
    this.#database = database
    this.#file = file
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const statement = this.#database.prepare(sql)
      const values = parameters.map(toInputValue)
      if (statement.columns().length > 0) {
        // The row's shape is Kysely's to know: it compiled the query from the typed schema.
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion
        return { rows: statement.all(...values) as R[] }
      }
      const { changes, lastInsertRowid } = statement.run(...values)
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    } catch (error) {
      throw toStoreError(error, this.#file)
    }
  }

  // oxlint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new TypeError('Streaming is not offered: every list here is bounded')
  }
}

function toInputValue(value: unknown): SQLInputValue {
  if (value === null || value instanceof Uint8Array) return value
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    return value
  }
  throw new TypeError(`SQLite keeps no ${typeof value}`)
}
