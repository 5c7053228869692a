import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CliError } from './errors.ts'

const limits = {
  maxInputBytes: 16 * 1024 * 1024,
}

/** Reads a whole file; `-` is standard input. @throws {CliError} file-unreadable */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    // A stream, because a pipe (`<(…)`) and a device have no size to check beforehand.
    const chunks: Uint8Array[] = []
    let length = 0
    const stream: AsyncIterable<Buffer> = path === '-' ? process.stdin : createReadStream(path)
    for await (const chunk of stream) {
      length += chunk.length
      if (length > limits.maxInputBytes) throw new RangeError('it is larger than 16 MiB')
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch (cause) {
    throw new CliError('file-unreadable', `Cannot read "${path}": ${systemReason(cause)}`, {
      cause,
      details: { file: path },
      hint: 'Check the path and that this user may read the file',
    })
  }
}

export interface OutputPlace {
  readonly path: string
  /** Written with mode 0600; other files get 0644. */
  readonly secret: boolean
}

export interface OutputFile extends OutputPlace {
  readonly content: string | Uint8Array
}

export interface WriteOptions {
  /** Replace files that exist. */
  readonly force: boolean
}

/**
 * Writes files so that each is whole or absent, and none is overwritten unless `force`.
 * @throws {CliError} file-exists | file-unwritable
 */
export async function writeOutputs(
  files: readonly OutputFile[],
  options: WriteOptions,
): Promise<void> {
  await using outputs = await reserveOutputs(files, options)
  await outputs.write(files.map(({ content }) => content))
}

/** Places that can be written to: what fails there, fails before a command does what cannot be undone. */
export interface ReservedOutputs extends AsyncDisposable {
  /** One content for each place, in their order. @throws {CliError} file-exists | file-unwritable */
  write(contents: readonly (string | Uint8Array)[]): Promise<void>
}

/**
 * Makes sure that every place can be written to, and that nothing stands there unless `force`.
 * Disposing it removes what was not written.
 * @throws {CliError} file-exists | file-unwritable
 */
export async function reserveOutputs(
  places: readonly OutputPlace[],
  options: WriteOptions,
): Promise<ReservedOutputs> {
  const staged: StagedFile[] = []
  const dispose = async (): Promise<void> => {
    await Promise.all(staged.splice(0).map(discard))
  }
  try {
    for (const place of places) await checkPlace(place, options)
    for (const place of places) staged.push(await stage(place))
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    write: (contents) => writeStaged(staged, { contents, options }),
    [Symbol.asyncDispose]: dispose,
  }
}

export function systemReason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or folder',
    EACCES: 'permission denied',
    EEXIST: 'a file stands where a folder is needed',
    EPERM: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is no folder',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
  }
  if (typeof code === 'string' && known[code] !== undefined) return known[code]
  return cause instanceof Error ? cause.message : 'unknown error'
}

interface StagedFile extends OutputPlace {
  readonly temporary: string
  readonly handle: FileHandle
}

async function checkPlace({ path }: OutputPlace, { force }: WriteOptions): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  const target = await stat(path).catch(() => undefined)
  // Replacing /dev/stdout or a folder is never what was meant.
  if (target !== undefined && !target.isFile()) {
    throw unwritable(
      path,
      new Error(target.isDirectory() ? 'it is a folder' : 'it is no regular file'),
    )
  }
  if (force) return
  throw new CliError('file-exists', `Cannot write "${path}": it exists`, {
    details: { file: path },
    hint: 'Choose another name with --out, or add --force to replace it',
  })
}

/** Beside the target, so that the rename is atomic. */
async function stage(place: OutputPlace): Promise<StagedFile> {
  const temporary = `${place.path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(dirname(place.path), { recursive: true })
    return {
      ...place,
      temporary,
      handle: await open(temporary, 'wx', place.secret ? 0o600 : 0o644),
    }
  } catch (cause) {
    throw unwritable(place.path, cause)
  }
}

interface StagedContents {
  readonly contents: readonly (string | Uint8Array)[]
  readonly options: WriteOptions
}

async function writeStaged(
  staged: readonly StagedFile[],
  { contents, options }: StagedContents,
): Promise<void> {
  for (const [index, file] of staged.entries()) await fill(file, contents[index] ?? '')
  const written: string[] = []
  try {
    for (const file of staged) {
      await checkPlace(file, options)
      await publish(file)
      written.push(file.path)
    }
  } catch (error) {
    // What stood there before is gone with `force`; then the new files are better than none.
    if (!options.force) await Promise.all(written.map((path) => rm(path, { force: true })))
    throw error
  }
}

async function fill({ path, handle }: StagedFile, content: string | Uint8Array): Promise<void> {
  try {
    await handle.writeFile(content)
    await handle.sync()
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

async function publish({ path, temporary }: StagedFile): Promise<void> {
  try {
    await rename(temporary, path)
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

async function discard({ temporary, handle }: StagedFile): Promise<void> {
  await handle.close()
  await rm(temporary, { force: true })
}

function unwritable(path: string, cause: unknown): CliError {
  return new CliError('file-unwritable', `Cannot write "${path}": ${systemReason(cause)}`, {
    cause,
    details: { file: path },
    hint: 'Choose another place with --out, or make the folder writable',
  })
}
