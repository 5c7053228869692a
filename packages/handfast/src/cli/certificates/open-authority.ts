import { systemClock } from '@handfast/kit/base'
import type { Command } from 'commander'
import { lstat } from 'node:fs/promises'
import { Authority } from '../../authority/authority.ts'
import { openSqliteStore } from '../../store/sqlite-store.ts'
import { databaseFile, defaultDataFolder } from '../data-folder.ts'
import { CliError } from '../errors.ts'
import { systemReason } from '../files.ts'
import { readSecret } from '../secrets.ts'

/** Of the keys of the authority. */
export const passphraseVariable = 'HANDFAST_PASSPHRASE'

export interface DataOption {
  readonly data: string
}

export interface PassphraseOption {
  readonly passphraseFile?: string
}

export function addDataOption(command: Command): Command {
  return command.option('--data <folder>', 'the folder of the database', defaultDataFolder)
}

export function addPassphraseOption(command: Command): Command {
  return command.option(
    '--passphrase-file <file>',
    `a file that holds the passphrase of the authority's keys (or set ${passphraseVariable})`,
  )
}

/** The options that a suggested command needs, to reach the same authority. */
export function sameAuthority({ data, passphraseFile }: DataOption & PassphraseOption): string {
  const folder = data === defaultDataFolder ? '' : ` --data ${data}`
  return passphraseFile === undefined ? folder : `${folder} --passphrase-file ${passphraseFile}`
}

async function readAuthorityPassphrase({ passphraseFile }: PassphraseOption): Promise<string> {
  return readSecret({
    file: passphraseFile,
    variable: passphraseVariable,
    purpose: 'the keys of the authority',
  })
}

export interface OpenAuthority extends AsyncDisposable {
  readonly authority: Authority
}

/** Opens the authority of a data folder, which is made if it is not there. */
export async function createAuthority(
  { data }: DataOption,
  passphrase: string,
): Promise<OpenAuthority> {
  return open(databaseFile(data), () => passphrase)
}

/**
 * Opens the authority of a data folder that exists. The passphrase is asked for only when a key is.
 * @throws {CliError} file-unreadable
 */
export async function openAuthority(
  options: DataOption & PassphraseOption,
): Promise<OpenAuthority> {
  const file = databaseFile(options.data)
  await lstat(file).catch((cause: unknown) => {
    throw new CliError('file-unreadable', `Cannot read "${file}": ${systemReason(cause)}`, {
      cause,
      details: { file },
      hint: 'Name the folder of your authority with --data, or make one with "handfast ca init"',
    })
  })
  return open(file, () => readAuthorityPassphrase(options))
}

async function open(
  file: string,
  passphrase: () => string | Promise<string>,
): Promise<OpenAuthority> {
  const store = await openSqliteStore({ file })
  const authority = new Authority({ store, clock: systemClock, passphrase })
  return {
    authority,
    async [Symbol.asyncDispose]() {
      await authority.close()
      await store.close()
    },
  }
}
