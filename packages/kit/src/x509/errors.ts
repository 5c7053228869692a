import { HandfastError } from '../base/error.ts'
import type { HandfastErrorOptions } from '../base/error.ts'

/** Every way this room fails. A code is never reused. */
export const x509ErrorCodes = {
  'der-malformed': 'HF-X101',
  'pem-malformed': 'HF-X102',
  'name-malformed': 'HF-X103',
  'certificate-malformed': 'HF-X104',
  'csr-malformed': 'HF-X105',
  'csr-signature-invalid': 'HF-X106',
  'general-name-malformed': 'HF-X107',
  'key-malformed': 'HF-X110',
  'key-passphrase-missing': 'HF-X111',
  'key-passphrase-wrong': 'HF-X112',
  'key-unsupported': 'HF-X113',
  'keystore-malformed': 'HF-X120',
  'keystore-passphrase-missing': 'HF-X121',
  'keystore-passphrase-wrong': 'HF-X122',
  'keystore-key-passphrase-wrong': 'HF-X123',
  'keystore-mac-missing': 'HF-X124',
  'keystore-too-costly': 'HF-X125',
  'keystore-cipher-unavailable': 'HF-X126',
  'keystore-unsupported': 'HF-X127',
  'keystore-entry-invalid': 'HF-X128',
  'crl-malformed': 'HF-X130',
  'ocsp-malformed': 'HF-X131',
} as const

export type X509ErrorReason = keyof typeof x509ErrorCodes

/** Bytes or text that are not what they should be, or a key that cannot be used. */
export class X509Error extends HandfastError<X509ErrorReason> {
  override readonly name = 'X509Error'

  constructor(reason: X509ErrorReason, message: string, options?: HandfastErrorOptions) {
    super({ code: x509ErrorCodes[reason], reason }, message, options)
  }
}
