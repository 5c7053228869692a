import { StoreError } from './errors.ts'
import type { StoreErrorReason } from './errors.ts'

/** What `node:sqlite` throws. `errcode` is SQLite's extended result code. */
export interface SqliteError extends Error {
  readonly code: 'ERR_SQLITE_ERROR'
  readonly errcode: number
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

/** True when another connection holds what was asked for, so that asking again makes sense. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && [5, 6].includes(primaryCode(error))
}

/** The failure in this room's words; what is no failure of SQLite is returned as it is. */
export function toStoreError(error: unknown, file: string): unknown {
  if (!isSqliteError(error)) return error
  const { reason, state, hint } = describe(error)
  return new StoreError(reason, `Cannot use database "${file}": ${state}`, {
    details: { file, sqliteCode: error.errcode },
    hint,
    cause: error,
  })
}

interface Description {
  readonly reason: StoreErrorReason
  readonly state: string
  readonly hint: string
}

// https://sqlite.org/rescode.html: the primary code is in the low byte.
const primaryCode = (error: SqliteError): number => error.errcode & 0xff

function describe(error: SqliteError): Description {
  const extended = extendedDescriptions[error.errcode]
  if (extended !== undefined) return { ...extended, state: `${extended.state}${columnsOf(error)}` }
  const primary = primaryDescriptions[primaryCode(error)]
  if (primary !== undefined) return primary
  return {
    reason: 'database-unreadable',
    state: `SQLite says "${error.message}"`,
    hint: 'Check the disk and the database file, or restore a backup',
  }
}

/** `UNIQUE constraint failed: issuers.name` → `: issuers.name`: names of columns, never values. */
function columnsOf(error: SqliteError): string {
  const columns = /failed: (?<columns>[\w., ]+)$/.exec(error.message)?.groups?.['columns']
  return columns === undefined ? '' : ` (${columns})`
}

const conflict: Description = {
  reason: 'conflict',
  state: 'a row with the same key exists',
  hint: 'Choose another name, or look at what is there first',
}

const extendedDescriptions: Readonly<Record<number, Description>> = {
  // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID
  1555: conflict,
  2067: conflict,
  2579: conflict,
  // SQLITE_CONSTRAINT_FOREIGNKEY
  787: {
    reason: 'reference-missing',
    state: 'what the row refers to does not exist',
    hint: 'Create what it refers to first',
  },
}

const denied: Description = {
  reason: 'database-unreadable',
  state: 'it cannot be opened for reading and writing',
  hint: 'Give this user read and write permission on the file and on its folder',
}

const damaged: Description = {
  reason: 'database-unreadable',
  state: 'it is damaged, or no SQLite database at all',
  hint: 'Restore a backup, or name another file',
}

const busy: Description = {
  reason: 'database-busy',
  state: 'another process keeps it locked',
  hint: 'Try again, and end whatever holds the database if that does not help',
}

const primaryDescriptions: Readonly<Record<number, Description>> = {
  // PERM, READONLY, CANTOPEN, AUTH
  3: denied,
  8: denied,
  14: denied,
  23: denied,
  // BUSY, LOCKED
  5: busy,
  6: busy,
  // CORRUPT, NOTADB
  11: damaged,
  26: damaged,
  13: {
    reason: 'database-full',
    state: 'there is no space left for it',
    hint: 'Make room on its disk, then try again: nothing was half-written',
  },
}
