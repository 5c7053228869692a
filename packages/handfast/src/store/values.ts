import { StoreError } from './errors.ts'
import { limits } from './limits.ts'
import type { ListOptions } from './store.ts'

/** Where a value was read, for the error that says it cannot be. */
export interface Cell {
  readonly table: string
  readonly column: string
}

/** How every engine keeps a time: ISO 8601 in UTC with milliseconds, so that text sorts as time does. */
export function encodeTime(time: Date): string {
  return time.toISOString()
}

/** @throws {StoreError} row-malformed */
export function parseTime(text: string, cell: Cell): Date {
  const time = new Date(text)
  if (!Number.isNaN(time.getTime()) && time.toISOString() === text) return time
  throw malformed(cell, 'not a time')
}

/** @throws {StoreError} row-malformed */
export function parseTextList(text: string, cell: Cell): readonly string[] {
  const value = parseJson(text, cell)
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw malformed(cell, 'not a list of text')
}

/** @throws {StoreError} row-malformed */
export function parseJson(text: string, cell: Cell): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw malformed(cell, 'not JSON', cause)
  }
}

/** Bytes as the program hands them on: SQLite's own buffer is never shared. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes)
}

/** @throws {RangeError} for a limit that is none. */
export function listLimit(options: ListOptions | undefined): number {
  const limit = options?.limit ?? limits.defaultListRows
  if (Number.isInteger(limit) && limit >= 1 && limit <= limits.maxListRows) return limit
  throw new RangeError(`limit must be a whole number from 1 to ${limits.maxListRows}`)
}

export function malformed(cell: Cell, what: string, cause?: unknown): StoreError {
  return new StoreError(
    'row-malformed',
    `Cannot read table "${cell.table}": ${cell.column} of a row is ${what}`,
    {
      details: { table: cell.table, column: cell.column },
      hint: 'Restore the database from a backup: it was changed by something other than Handfast',
      cause,
    },
  )
}
