import { HandfastError } from '@handfast/kit/base'
import type { HandfastErrorOptions } from '@handfast/kit/base'

/** Every way in which the command line itself refuses. */
export const cliErrorCodes = {
  usage: 'HF-U101',
  'file-unreadable': 'HF-U102',
  'file-unwritable': 'HF-U103',
  'file-exists': 'HF-U104',
  'passphrase-missing': 'HF-U105',
  'config-invalid': 'HF-U106',
  'config-missing': 'HF-U107',
  'demo-failed': 'HF-U108',
  'trust-entry-unknown': 'HF-U109',
  'trust-bundle-damaged': 'HF-U110',
  'trust-bundle-empty': 'HF-U111',
} as const

export type CliErrorReason = keyof typeof cliErrorCodes

export class CliError extends HandfastError<CliErrorReason> {
  override readonly name = 'CliError'

  constructor(reason: CliErrorReason, message: string, options?: HandfastErrorOptions) {
    super({ code: cliErrorCodes[reason], reason }, message, options)
  }
}
