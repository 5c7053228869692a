import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CliError } from './errors.ts'

const limits = {
  maxInputBytes: 16 * 1024 * 1024,
}

/** Reads a whole file. @throws {CliError} file-unreadable */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size > limits.maxInputBytes) throw new RangeError('it is larger than 16 MiB')
    return await readFile(path)
  } catch (cause) {
    throw new CliError('file-unreadable', `Cannot read "${path}": ${systemReason(cause)}`, {
      cause,
      details: { file: path },
      hint: 'Check the path and that this user may read the file',
    })
  }
}

export interface OutputFile {
  readonly path: string
  readonly content: string
  /** Written with mode 0600; other files get 0644. */
  readonly secret: boolean
}

/**
 * Writes files so that each is whole or absent, and none is overwritten unless `force`.
 * @throws {CliError} file-exists | file-unwritable
 */
export async function writeOutputs(
  files: readonly OutputFile[],
  { force }: { readonly force: boolean },
): Promise<void> {
  if (!force) await Promise.all(files.map(({ path }) => refuseExisting(path)))
  const staged: { readonly temporary: string; readonly path: string }[] = []
  try {
    for (const file of files) staged.push({ temporary: await stage(file), path: file.path })
    for (const { temporary, path } of staged) await rename(temporary, path)
  } catch (cause) {
    await Promise.all(staged.map(({ temporary }) => rm(temporary, { force: true })))
    throw unwritable(files[staged.length]?.path ?? files[0]?.path ?? '', cause)
  }
}

/** Makes sure that nothing stands where a command will write, before it does anything that cannot be undone. */
export async function refuseExisting(path: string): Promise<void> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  )
  if (!exists) return
  throw new CliError('file-exists', `Cannot write "${path}": it exists`, {
    details: { file: path },
    hint: 'Choose another name with --out, or add --force to replace it',
  })
}

export function systemReason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is no folder',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
  }
  if (typeof code === 'string' && known[code] !== undefined) return known[code]
  return cause instanceof Error ? cause.message : 'unknown error'
}

/** Writes beside the target, so that the rename is atomic. */
async function stage({ path, content, secret }: OutputFile): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const handle = await open(temporary, 'wx', secret ? 0o600 : 0o644)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return temporary
}

function unwritable(path: string, cause: unknown): CliError {
  return new CliError('file-unwritable', `Cannot write "${path}": ${systemReason(cause)}`, {
    cause,
    details: { file: path },
    hint: 'Choose another place with --out, or make the folder writable',
  })
}
