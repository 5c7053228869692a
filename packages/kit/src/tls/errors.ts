import { HandfastError } from '../base/error.ts'
import type { HandfastErrorOptions } from '../base/error.ts'
import type { Refusal } from '../trust/refusal.ts'

/** Every way in which listening or dialling fails. */
export const tlsErrorCodes = {
  'listen-failed': 'HF-L101',
  'dial-failed': 'HF-L102',
  'dial-timeout': 'HF-L103',
  'server-refused': 'HF-L104',
} as const

export type TlsErrorReason = keyof typeof tlsErrorCodes

export interface TlsErrorOptions extends HandfastErrorOptions {
  readonly refusals?: readonly Refusal[]
}

export class TlsError extends HandfastError<TlsErrorReason> {
  override readonly name = 'TlsError'
  /** Why this side refused the other, worst first; empty where it did not. */
  readonly refusals: readonly Refusal[]

  constructor(reason: TlsErrorReason, message: string, options: TlsErrorOptions = {}) {
    super({ code: tlsErrorCodes[reason], reason }, message, options)
    this.refusals = options.refusals ?? []
  }
}
