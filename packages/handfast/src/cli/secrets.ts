import { readInput } from './files.ts'
import { stat } from 'node:fs/promises'
import { CliError } from './errors.ts'
import { warn } from './output.ts'

export interface SecretSource {
  /** A file that holds the secret; one trailing newline is ignored. */
  readonly file?: string | undefined
  /** The environment variable that holds it when there is no file. */
  readonly variable: string
  /** What it is for, in the error. */
  readonly purpose: string
}

/** A secret never comes from the command line: every user of the machine can read those. */
export async function readSecret({ file, variable, purpose }: SecretSource): Promise<string> {
  const secret = await findSecret({ file, variable })
  if (secret !== undefined) return secret
  throw new CliError('passphrase-missing', `Cannot go on: no passphrase for ${purpose}`, {
    hint: `Set ${variable}, or name a file that holds it with --passphrase-file`,
  })
}

/** As `readSecret`, but `undefined` when none is given. */
export async function findSecret({
  file,
  variable,
}: Pick<SecretSource, 'file' | 'variable'>): Promise<string | undefined> {
  if (file !== undefined) {
    const text = Buffer.from(await readInput(file)).toString('utf8')
    await warnWhenExposed(file)
    const secret = text.replace(/\r?\n$/, '')
    if (secret !== '') return secret
    throw new CliError(
      'passphrase-missing',
      `Cannot read a passphrase from "${file}": it is empty`,
      {
        details: { file },
        hint: 'Write the passphrase into the file, on one line',
      },
    )
  }
  const value = process.env[variable]
  return value === undefined || value === '' ? undefined : value
}

async function warnWhenExposed(file: string): Promise<void> {
  const status = await stat(file).catch(() => undefined)
  // Windows has no such modes; pipes and devices have modes that mean nothing here.
  if (process.platform === 'win32' || status?.isFile() !== true || (status.mode & 0o004) === 0)
    return
  warn(`every user of this machine can read "${file}": run chmod 600 on it`)
}
