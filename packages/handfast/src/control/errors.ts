import { HandfastError } from '@handfast/kit/base'
import type { HandfastErrorOptions } from '@handfast/kit/base'

/** Every way this room refuses. A code is never reused. Those of the REST API carry Corda's words as their message. */
export const controlErrorCodes = {
  'credentials-missing': 'HF-C101',
  'credentials-wrong': 'HF-C102',
  'verifications-exhausted': 'HF-C103',
  'cluster-one-way': 'HF-C104',
  'subject-invalid': 'HF-C105',
  'holding-id-invalid': 'HF-C106',
  'manager-not-found': 'HF-C107',
  'manager-without-anchors': 'HF-C108',
  'allow-list-full': 'HF-C109',
  'path-not-found': 'HF-C110',
  'method-not-allowed': 'HF-C111',
  'body-too-large': 'HF-C112',
  'request-malformed': 'HF-C113',
  'user-name-invalid': 'HF-C121',
  'user-exists': 'HF-C122',
  'password-unsuitable': 'HF-C123',
  'password-record-malformed': 'HF-C124',
  'manager-renamed': 'HF-C131',
} as const

export type ControlErrorReason = keyof typeof controlErrorCodes

/** A refusal of the REST API, or of one of the operations beneath it. Its details may be shown to whoever asked. */
export class ControlError extends HandfastError<ControlErrorReason> {
  override readonly name = 'ControlError'

  constructor(reason: ControlErrorReason, message: string, options?: HandfastErrorOptions) {
    super({ code: controlErrorCodes[reason], reason }, message, options)
  }
}
