import { HandfastError } from '../base/error.ts'
import type { HandfastErrorOptions } from '../base/error.ts'

/** Every way in which a policy cannot be built. What refuses a peer is no error but a refusal. */
export const trustErrorCodes = {
  'anchor-not-a-ca': 'HF-T001',
  'anchors-missing': 'HF-T002',
  'member-name-invalid': 'HF-T003',
  'allow-list-malformed': 'HF-T004',
} as const

export type TrustErrorReason = keyof typeof trustErrorCodes

export class TrustError extends HandfastError<TrustErrorReason> {
  override readonly name = 'TrustError'

  constructor(reason: TrustErrorReason, message: string, options?: HandfastErrorOptions) {
    super({ code: trustErrorCodes[reason], reason }, message, options)
  }
}
