import { HandfastError } from '../base/error.ts'
import type { HandfastErrorOptions } from '../base/error.ts'

/** Every way in which an identity or its anchors cannot be loaded. */
export const identityErrorCodes = {
  'file-unreadable': 'HF-I101',
  'certificate-unusable': 'HF-I102',
  'key-unusable': 'HF-I103',
  'key-mismatch': 'HF-I104',
  'chain-out-of-order': 'HF-I105',
  'anchors-unusable': 'HF-I106',
} as const

export type IdentityErrorReason = keyof typeof identityErrorCodes

export class IdentityError extends HandfastError<IdentityErrorReason> {
  override readonly name = 'IdentityError'

  constructor(reason: IdentityErrorReason, message: string, options?: HandfastErrorOptions) {
    super({ code: identityErrorCodes[reason], reason }, message, options)
  }
}
