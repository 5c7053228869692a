import type { Command } from 'commander'
import { defaultDataFolder } from '../data-folder.ts'
import { usageError } from '../output.ts'
import { trustBundle } from './trust-bundle.ts'
import type { TrustBundle } from './trust-bundle.ts'

export interface BundleOptions {
  readonly data: string
  readonly bundle: string
}

export function addBundleOptions(command: Command): Command {
  return command
    .option('--bundle <name>', 'which set of trusted certificates', 'default')
    .option('--data <folder>', 'the folder that it is kept in, under trust/', defaultDataFolder)
}

/** A bundle's name is a folder's, and part of file names. @throws {CliError} usage */
export function parseBundle(options: BundleOptions): TrustBundle {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(options.bundle)) return trustBundle(options)
  throw usageError(
    `Cannot use --bundle "${options.bundle}": it is no name`,
    'Use up to 63 letters, digits, dots, dashes and underscores, the first a letter or a digit',
  )
}

/** What a suggested command needs to mean the same bundle. */
export function sameBundle({ data, bundle }: BundleOptions): string {
  const folder = data === defaultDataFolder ? '' : ` --data ${data}`
  return bundle === 'default' ? folder : `${folder} --bundle ${bundle}`
}
