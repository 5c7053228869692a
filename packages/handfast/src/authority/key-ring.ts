import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import {
  X509Error,
  encryptPrivateKeyPem,
  keySigner,
  parsePrivateKey,
  publicKeyFingerprint,
} from '@handfast/kit/x509'
import type { Signer } from '@handfast/kit/x509'
import type { Issuer as IssuerRow } from '../store/store.ts'
import { AuthorityError } from './errors.ts'
import { parseIssuer } from './issuer.ts'
import { limits } from './limits.ts'

/** Where the passphrase of the keys at rest comes from. Asked each time; what it answers is not kept. */
export type PassphraseSource = () => string | Promise<string>

/** Opens the encrypted keys of issuers, and keeps a few open until it is closed. */
export class KeyRing {
  readonly #passphrase: PassphraseSource
  readonly #open = new Map<string, Promise<Signer>>()
  #closed = false

  constructor(passphrase: PassphraseSource) {
    this.#passphrase = passphrase
  }

  /**
   * The signer of an issuer.
   * @throws {AuthorityError} issuer-key-absent, passphrase-wrong, issuer-key-mismatch, authority-closed
   */
  async open(issuer: IssuerRow): Promise<Signer> {
    this.assertOpen()
    const known = this.#open.get(issuer.id)
    if (known !== undefined) return known
    const opening = this.#unlock(issuer)
    this.#open.set(issuer.id, opening)
    const [oldest] = this.#open.keys()
    if (this.#open.size > limits.maxOpenKeys && oldest !== undefined) this.#open.delete(oldest)
    try {
      return await opening
    } catch (cause) {
      this.#open.delete(issuer.id)
      throw cause
    }
  }

  /**
   * A key as it is kept: PKCS#8, encrypted. `beside` is an issuer kept already: one database has one passphrase.
   * @throws {AuthorityError} passphrase-too-short, passphrase-wrong, authority-closed
   */
  async encrypt(key: KeyObject, beside: IssuerRow | undefined): Promise<string> {
    this.assertOpen()
    const passphrase = await this.#passphrase()
    if (beside !== undefined) decrypt(beside, passphrase)
    if (passphrase.length < limits.minPassphraseLength) {
      throw new AuthorityError(
        'passphrase-too-short',
        `Cannot encrypt the key: its passphrase has fewer than ${limits.minPassphraseLength} characters`,
        { hint: 'Choose a longer passphrase, several random words for example' },
      )
    }
    return encryptPrivateKeyPem(key, passphrase)
  }

  /** Forgets every key; what is asked later is refused. */
  close(): void {
    this.#closed = true
    this.#open.clear()
  }

  /** @throws {AuthorityError} authority-closed */
  assertOpen(): void {
    if (!this.#closed) return
    throw new AuthorityError('authority-closed', 'Cannot use the authority: it was closed')
  }

  async #unlock(row: IssuerRow): Promise<Signer> {
    return decrypt(row, await this.#passphrase())
  }
}

function decrypt(row: IssuerRow, passphrase: string): Signer {
  const { label, certificate } = parseIssuer(row)
  if (row.privateKeyPem === null) {
    throw new AuthorityError(
      'issuer-key-absent',
      `Cannot sign with issuer "${label}": its key is not kept here`,
      { hint: 'Sign on the machine that has the key, or choose another issuer' },
    )
  }
  const key = readKey(row.privateKeyPem, { label, passphrase })
  const publicKeyInfo = createPublicKey(key).export({ type: 'spki', format: 'der' })
  if (publicKeyFingerprint({ publicKeyInfo }) === publicKeyFingerprint(certificate)) {
    return keySigner(key)
  }
  throw new AuthorityError(
    'issuer-key-mismatch',
    `Cannot sign with issuer "${label}": the key that is kept is not the key of its certificate`,
    { hint: 'Restore the database from a backup: it was changed by something other than Handfast' },
  )
}

function readKey(pem: string, options: { label: string; passphrase: string }): KeyObject {
  try {
    return parsePrivateKey(pem, { passphrase: options.passphrase })
  } catch (cause) {
    if (!(cause instanceof X509Error) || cause.reason !== 'key-passphrase-wrong') throw cause
    throw new AuthorityError(
      'passphrase-wrong',
      `Cannot open the key of issuer "${options.label}": the passphrase is not the one it was encrypted with`,
      { cause, hint: 'Check the variable or the file that the passphrase is read from' },
    )
  }
}
