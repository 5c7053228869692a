import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from './errors.ts'

/** What the first 100 bytes of a database file say (https://sqlite.org/fileformat2.html#the_database_header). */
export interface FileHeader {
  readonly schemaVersion: number
  readonly applicationId: number
}

// "Hfst": tells our databases from everybody else's.
export const applicationId = 0x48667374

const magic = 'SQLite format 3\0'
const headerBytes = 100

/** Creates the file, empty and 0600, unless it is there; and its folder, 0700. @throws {StoreError} database-unreadable */
export function createFile(file: string): void {
  try {
    const folder = dirname(file)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (existsSync(file)) return
    // SQLite gives its WAL and shared-memory files the database's own mode, so this is the one place that sets it.
    closeSync(openSync(file, 'ax', 0o600))
    syncFolder(folder)
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST' || !existsSync(file)) throw unreadable(file, cause)
  }
}

/** Takes everybody else's access away, should the files have been copied with more. */
export function restrictFile(file: string): void {
  for (const path of [file, `${file}-wal`, `${file}-shm`, `${file}-journal`]) {
    try {
      chmodSync(path, 0o600)
    } catch (cause) {
      if (codeOf(cause) !== 'ENOENT') throw unreadable(file, cause)
    }
  }
}

/** Undefined for an empty file. @throws {StoreError} database-unreadable */
export function readHeader(file: string): FileHeader | undefined {
  const header = Buffer.alloc(headerBytes)
  const length = readStart(file, header)
  if (length === 0) return undefined
  if (length < headerBytes || header.toString('latin1', 0, magic.length) !== magic) {
    throw new StoreError(
      'database-unreadable',
      `Cannot open database "${file}": it is no SQLite database`,
      {
        details: { file },
        hint: 'Name another file, or restore a backup',
      },
    )
  }
  return { schemaVersion: header.readInt32BE(60), applicationId: header.readInt32BE(68) }
}

/** True when a write-ahead log lies beside the file: then what the header says may be overtaken. */
export function hasWriteAheadLog(file: string): boolean {
  return existsSync(`${file}-wal`)
}

function readStart(file: string, into: Buffer): number {
  try {
    const descriptor = openSync(file, 'r')
    try {
      return readSync(descriptor, into, 0, into.length, 0)
    } finally {
      closeSync(descriptor)
    }
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

/** The new name itself survives a power cut. Windows cannot open folders, and keeps names by itself. */
function syncFolder(folder: string): void {
  let descriptor: number
  try {
    descriptor = openSync(folder, 'r')
  } catch {
    return
  }
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not use it or its folder',
  EPERM: 'this user may not use it or its folder',
  EROFS: 'its file system is read-only',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  ENOENT: 'its folder cannot be created',
  ENOSPC: 'there is no space left on its disk',
}

function unreadable(file: string, cause: unknown): StoreError {
  const code = codeOf(cause)
  return new StoreError(
    'database-unreadable',
    `Cannot open database "${file}": ${reasons[code] ?? `the system says ${code}`}`,
    {
      details: { file, systemCode: code },
      hint: 'Choose a data folder that this user may write to',
      cause,
    },
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'UNKNOWN'
}
