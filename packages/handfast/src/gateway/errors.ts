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

/** What to do where the place of the error knows nothing better. */
const hints: Readonly<Record<GatewayErrorReason, string>> = {
  'identity-unknown': 'Name an identity that is configured, or configure this one',
  'anchor-unknown': 'Add the anchor to the state, or remove it from the listener',
  'anchor-invalid':
    'Put the certificate back as it was exported: its id is the hash of its key or of itself',
  'listener-duplicate': 'Give every listener a name and an address of its own',
  'listener-invalid': 'Give the listener a name, a host and a port from 0 to 65535',
  'listener-anchors-missing':
    'Name at least one anchor that client certificates may lead to, or set tlsType to ONE_WAY',
  'allow-list-invalid': 'Remove the entry and add it again',
  'upstream-url-invalid':
    'Write the url as http://host:port or https://host:port, with nothing behind it',
  'upstream-server-name-invalid':
    "Set serverName to a DNS name or IP address of the upstream's certificate",
  'upstream-anchors-missing':
    "Name the authority of the upstream's certificate in upstream.anchors, or pin the certificate itself",
  'setting-without-effect': 'Remove the settings, or set what gives them an effect',
  'restart-needed': 'Restart the gateway to apply it',
  'listen-failed': 'Choose another address or port, or end the process that uses this one',
}

export class GatewayError extends HandfastError<GatewayErrorReason> {
  override readonly name = 'GatewayError'

  constructor(reason: GatewayErrorReason, message: string, options?: HandfastErrorOptions) {
    const hint = options?.hint ?? hints[reason]
    super({ code: gatewayErrorCodes[reason], reason }, message, { ...options, hint })
  }
}
