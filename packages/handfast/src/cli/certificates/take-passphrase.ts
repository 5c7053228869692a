import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { CliError } from '../errors.ts'
import { writeOutputs } from '../files.ts'
import { findSecret } from '../secrets.ts'
import { usageError } from '../output.ts'
import { passphraseVariable } from './open-authority.ts'
import type { PassphraseOption } from './open-authority.ts'

export interface NewPassphraseOption extends PassphraseOption {
  readonly createPassphrase?: boolean
}

/** Disposing it removes a file that was made for it, unless something came to depend on it. */
export interface TakenPassphrase extends AsyncDisposable {
  readonly text: string
  /** Called once a key is encrypted with it. */
  keep(): void
}

/**
 * The passphrase of a new authority: one that the operator has, or a new one in a file that must not exist yet.
 * @throws {CliError} usage | passphrase-missing | file-exists | file-unwritable
 */
export async function takePassphrase(options: NewPassphraseOption): Promise<TakenPassphrase> {
  const { passphraseFile: file, createPassphrase } = options
  if (createPassphrase === true) return createPassphraseFile(file)
  const text = await findSecret({ file, variable: passphraseVariable }).catch((cause: unknown) => {
    if (!(cause instanceof CliError) || cause.reason !== 'file-unreadable') throw cause
    throw new CliError(cause.reason, cause.message, {
      cause,
      details: cause.details,
      hint: 'Add --create-passphrase to have a new passphrase written there',
    })
  })
  if (text !== undefined)
    return { text, keep: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() }
  throw new CliError(
    'passphrase-missing',
    'Cannot go on: no passphrase for the keys of the authority',
    {
      hint: `Add --passphrase-file ca.passphrase --create-passphrase to have a new one made, or set ${passphraseVariable}`,
    },
  )
}

async function createPassphraseFile(path: string | undefined): Promise<TakenPassphrase> {
  if (path === undefined) {
    throw usageError(
      'Cannot use --create-passphrase: --passphrase-file does not say where to write it',
      'Add --passphrase-file ca.passphrase, outside of the data folder',
    )
  }
  // 256 bits: nothing that somebody could guess, whatever the keys are encrypted with.
  const text = randomBytes(32).toString('base64url')
  // Never forced: the keys of another authority may depend on what stands there.
  await writeOutputs([{ path, content: `${text}\n`, secret: true }], { force: false }).catch(
    (cause: unknown) => {
      if (!(cause instanceof CliError) || cause.reason !== 'file-exists') throw cause
      throw new CliError(cause.reason, cause.message, {
        cause,
        details: cause.details,
        hint: 'Leave --create-passphrase out to use the passphrase in it, or name another file',
      })
    },
  )
  let kept = false
  return {
    text,
    keep: () => {
      kept = true
    },
    async [Symbol.asyncDispose]() {
      if (!kept) await rm(path, { force: true })
    },
  }
}
