import type { ParseKeyStoreOptions, X509ErrorReason } from '@handfast/kit/x509'
import type { Command } from 'commander'
import { findSecret } from '../secrets.ts'

/** Of a PKCS#12 or JKS file. */
export const storePassphraseVariable = 'HANDFAST_STORE_PASSPHRASE'

/** Of the keys in it, where it differs. */
const entryPassphraseVariable = 'HANDFAST_KEY_PASSPHRASE'

export interface StorePassphraseOption {
  readonly passphraseFile?: string
}

export interface StoreKeyPassphraseOption {
  readonly keyPassphraseFile?: string
}

export function addStorePassphraseOption(command: Command): Command {
  return command.option(
    '--passphrase-file <file>',
    `a file that holds the passphrase of PKCS#12 and JKS files (or set ${storePassphraseVariable})`,
  )
}

export function addStoreKeyPassphraseOption(command: Command): Command {
  return command.option(
    '--key-passphrase-file <file>',
    `a file that holds the passphrase of the keys in them, if it differs (or set ${entryPassphraseVariable})`,
  )
}

export async function findStorePassphrases({
  passphraseFile,
  keyPassphraseFile,
}: StorePassphraseOption & StoreKeyPassphraseOption): Promise<ParseKeyStoreOptions> {
  const passphrase = await findSecret({ file: passphraseFile, variable: storePassphraseVariable })
  const keyPassphrase = await findSecret({
    file: keyPassphraseFile,
    variable: entryPassphraseVariable,
  })
  return {
    ...(passphrase !== undefined && { passphrase }),
    ...(keyPassphrase !== undefined && { keyPassphrase }),
  }
}

/** What to do about a store that does not open, in options that there are. */
export function passphraseHint(reason: X509ErrorReason): string | undefined {
  if (reason === 'keystore-passphrase-missing')
    return `Name a file that holds its passphrase with --passphrase-file, or set ${storePassphraseVariable}`
  if (reason === 'keystore-key-passphrase-wrong')
    return `The key has a passphrase of its own: name a file that holds it with --key-passphrase-file, or set ${entryPassphraseVariable}`
  return undefined
}
