import type { KeyObject } from 'node:crypto'
import { X509Error, parsePrivateKey } from '@handfast/kit/x509'
import type { Command } from 'commander'
import { readInput } from '../files.ts'
import { findSecret } from '../secrets.ts'
import { inFile } from './in-file.ts'

/** Of a key that was made elsewhere. */
const keyPassphraseVariable = 'HANDFAST_KEY_PASSPHRASE'

export interface KeyPassphraseOption {
  readonly keyPassphraseFile?: string
}

export function addKeyPassphraseOption(command: Command): Command {
  return command.option(
    '--key-passphrase-file <file>',
    `a file that holds the passphrase of --key (or set ${keyPassphraseVariable})`,
  )
}

/** Reads a private key, with its passphrase if it has one. @throws {CliError} {X509Error} naming the file */
export async function readKey(
  file: string,
  { keyPassphraseFile }: KeyPassphraseOption,
): Promise<KeyObject> {
  const bytes = await readInput(file)
  const passphrase = await findSecret({ file: keyPassphraseFile, variable: keyPassphraseVariable })
  return inFile(file, () =>
    withHint(() => parsePrivateKey(bytes, passphrase === undefined ? {} : { passphrase })),
  )
}

function withHint<T>(parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (!(cause instanceof X509Error) || cause.reason !== 'key-passphrase-missing') throw cause
    throw new X509Error(cause.reason, cause.message, {
      cause,
      hint: `Name a file that holds its passphrase with --key-passphrase-file, or set ${keyPassphraseVariable}`,
    })
  }
}
