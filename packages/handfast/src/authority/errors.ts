import { HandfastError } from '@handfast/kit/base'
import type { HandfastErrorOptions } from '@handfast/kit/base'

/** Every way this room refuses. A code is never reused. */
export const authorityErrorCodes = {
  'issuer-not-found': 'HF-A101',
  'issuer-exists': 'HF-A102',
  'issuer-expired': 'HF-A103',
  'issuer-not-yet-valid': 'HF-A104',
  'issuer-key-mismatch': 'HF-A105',
  'issuer-not-a-ca': 'HF-A106',
  'issuer-chain-incomplete': 'HF-A107',
  'issuer-signature-invalid': 'HF-A108',
  'path-length-exceeded': 'HF-A109',
  'label-malformed': 'HF-A110',
  'passphrase-too-short': 'HF-A111',
  'passphrase-wrong': 'HF-A112',
  'profile-unknown': 'HF-A113',
  'authority-closed': 'HF-A114',
  'issuer-key-absent': 'HF-A115',
  'issuer-unsupported': 'HF-A116',
  'issuer-purpose-mismatch': 'HF-A117',
  'key-not-allowed': 'HF-A121',
  'key-of-a-ca': 'HF-A122',
  'key-certified-for-another': 'HF-A123',
  'subject-of-a-ca': 'HF-A131',
  'subject-missing': 'HF-A132',
  'subject-not-allowed': 'HF-A133',
  'name-missing': 'HF-A141',
  'name-type-not-allowed': 'HF-A142',
  'name-malformed': 'HF-A143',
  'wildcard-not-allowed': 'HF-A144',
  'names-too-many': 'HF-A145',
  'lifetime-not-allowed': 'HF-A151',
  'request-too-large': 'HF-A161',
  'certificate-lint-failed': 'HF-A171',
  'certificate-signature-invalid': 'HF-A172',
} as const

export type AuthorityErrorReason = keyof typeof authorityErrorCodes

/** An authority's refusal, or an issuer that cannot be used. Nothing was stored. */
export class AuthorityError extends HandfastError<AuthorityErrorReason> {
  override readonly name = 'AuthorityError'

  constructor(reason: AuthorityErrorReason, message: string, options?: HandfastErrorOptions) {
    super({ code: authorityErrorCodes[reason], reason }, message, options)
  }
}
