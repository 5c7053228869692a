import { HandfastError } from '@handfast/kit/base'
import type { HandfastErrorOptions } from '@handfast/kit/base'

/** Every way this room fails. A code is never reused. */
export const storeErrorCodes = {
  'database-too-new': 'HF-S101',
  'database-unreadable': 'HF-S102',
  'database-busy': 'HF-S103',
  conflict: 'HF-S104',
  'reference-missing': 'HF-S105',
  'row-missing': 'HF-S106',
  'row-malformed': 'HF-S107',
  'database-full': 'HF-S108',
  'store-closed': 'HF-S109',
} as const

export type StoreErrorReason = keyof typeof storeErrorCodes

/** The database cannot be opened, or refused what was asked of it. The transaction it happened in kept nothing. */
export class StoreError extends HandfastError<StoreErrorReason> {
  override readonly name = 'StoreError'

  constructor(reason: StoreErrorReason, message: string, options?: HandfastErrorOptions) {
    super({ code: storeErrorCodes[reason], reason }, message, options)
  }
}
