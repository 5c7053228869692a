import { HandfastError } from '@handfast/kit/base'
import type { HandfastErrorOptions } from '@handfast/kit/base'

/** Why a gateway cannot start, or does not take a state. What a *request* is refused for is in refusals.ts (HF-G2xx, HF-G3xx). */
export const gatewayErrorCodes = {
  'identity-unknown': 'HF-G101',
  'anchor-unknown': 'HF-G102',
  'anchor-invalid': 'HF-G103',
  'listener-duplicate': 'HF-G104',
  'listener-invalid': 'HF-G105',
  'listener-anchors-missing': 'HF-G106',
  'allow-list-invalid': 'HF-G107',
  'upstream-url-invalid': 'HF-G108',
  'upstream-server-name-invalid': 'HF-G109',
  'upstream-anchors-missing': 'HF-G110',
  'setting-without-effect': 'HF-G111',
  'restart-needed': 'HF-G112',
  'listen-failed': 'HF-G113',
} as const

export type GatewayErrorReason = keyof typeof gatewayErrorCodes

export class GatewayError extends HandfastError<GatewayErrorReason> {
  override readonly name = 'GatewayError'

  constructor(reason: GatewayErrorReason, message: string, options?: HandfastErrorOptions) {
    super({ code: gatewayErrorCodes[reason], reason }, message, options)
  }
}
