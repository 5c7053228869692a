import type { DatabaseSync } from 'node:sqlite'
import { limits } from './limits.ts'
import { isBusy } from './sqlite-errors.ts'

type AccessMode = 'read only' | 'read write'

/**
 * Runs `fn`, again while another connection keeps it from its work, without blocking the event loop: SQLite's own wait
 * would stop the very transaction that it waits for when both are in this process.
 */
export async function retryWhileBusy<T>(timeoutMs: number, fn: () => T): Promise<T> {
  const until = performance.now() + timeoutMs
  while (true) {
    try {
      return fn()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error
    }
    await pause(limits.busyRetryMs)
  }
}

export async function beginTransaction(
  database: DatabaseSync,
  options: { readonly mode: AccessMode; readonly timeoutMs: number },
): Promise<void> {
  await retryWhileBusy(options.timeoutMs, () => begin(database, options.mode))
}

/** Ends the transaction, whichever way: SQLite itself may have rolled back already (disk full, I/O error). */
export function rollBack(database: DatabaseSync): void {
  if (database.isTransaction) database.exec('rollback')
  database.exec('pragma query_only = off')
}

export function commit(database: DatabaseSync): void {
  database.exec('commit')
  database.exec('pragma query_only = off')
}

export function readPragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0]
}

export function readNumberPragma(database: DatabaseSync, name: string): number {
  return Number(readPragma(database, name))
}

function begin(database: DatabaseSync, mode: AccessMode): void {
  if (mode === 'read write') {
    // Takes the write lock at once: a transaction that reads first and writes later could not wait for it.
    database.exec('begin immediate')
    return
  }
  database.exec('begin')
  try {
    // The first read takes the snapshot, and may meet a recovery: here, where it can be tried again.
    readPragma(database, 'schema_version')
    database.exec('pragma query_only = on')
  } catch (error) {
    rollBack(database)
    throw error
  }
}

// Not the Clock's `schedule`: that never keeps the process alive, and a waiting transaction must.
async function pause(delayMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs))
}
