import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '@handfast/kit/base'
import type { Store } from '../store/store.ts'
import { parseBasicCredentials } from './basic-credentials.ts'
import type { Credentials } from './basic-credentials.ts'
import { ControlError } from './errors.ts'
import { limits } from './limits.ts'
import {
  decoyHash,
  encodePasswordHash,
  parsePasswordHash,
  verifyPassword,
} from './password-hash.ts'

export interface AuthenticatorOptions {
  readonly store: Store
  readonly clock: Clock
  /** How many passwords may be checked at once. Default: 4. */
  readonly maxVerifications?: number
}

/**
 * Tells who calls, by HTTP Basic credentials. A verified credential is remembered for a minute, as a keyed hash over
 * name, password and the user's record: when the record changes, in whichever process, it fits no more. Nobody learns
 * whether a name exists: an unknown one costs what a wrong password costs.
 */
export class Authenticator {
  readonly #store: Store
  readonly #clock: Clock
  readonly #maxVerifications: number
  readonly #key = randomBytes(32)
  readonly #decoy = encodePasswordHash(decoyHash())
  /** Fingerprint of a credential → until when it counts as verified. */
  readonly #verified = new Map<string, number>()
  readonly #pending = new Map<string, Promise<boolean>>()

  constructor({ store, clock, maxVerifications }: AuthenticatorOptions) {
    this.#store = store
    this.#clock = clock
    this.#maxVerifications = maxVerifications ?? limits.maxVerifications
  }

  /**
   * The name of the user whose credentials these are.
   * @throws {ControlError} credentials-missing, credentials-wrong, verifications-exhausted
   */
  async authenticate(header: string | undefined): Promise<string> {
    const credentials = parseBasicCredentials(header)
    if (credentials === undefined) throw missing()
    const { name, password } = credentials
    const user = await this.#store.transaction(async (tx) => tx.users.byName(name), {
      readOnly: true,
    })
    const record = user?.passwordHash ?? this.#decoy
    const fingerprint = this.#fingerprint(credentials, record)
    if (user !== undefined && this.#isRemembered(fingerprint)) return name
    const fits = await this.#verifyOnce(fingerprint, async () =>
      verifyPassword(password, parsePasswordHash(record)),
    )
    if (user === undefined || !fits) throw wrong()
    this.#remember(fingerprint)
    return name
  }

  #isRemembered(fingerprint: string): boolean {
    return (this.#verified.get(fingerprint) ?? 0) > this.#clock.now().getTime()
  }

  #remember(fingerprint: string): void {
    this.#verified.delete(fingerprint)
    this.#verified.set(fingerprint, this.#clock.now().getTime() + limits.verifiedForMs)
    const [oldest] = this.#verified.keys()
    if (this.#verified.size > limits.maxVerifiedCredentials && oldest !== undefined) {
      this.#verified.delete(oldest)
    }
  }

  /** Many calls with the same credentials at once are one verification. */
  async #verifyOnce(fingerprint: string, verify: () => Promise<boolean>): Promise<boolean> {
    const pending = this.#pending.get(fingerprint)
    if (pending !== undefined) return pending
    if (this.#pending.size >= this.#maxVerifications) throw exhausted()
    const started = verify().finally(() => this.#pending.delete(fingerprint))
    this.#pending.set(fingerprint, started)
    return started
  }

  #fingerprint({ name, password }: Credentials, record: string): string {
    // JSON, so that no two credentials run together into the same text.
    const text = JSON.stringify([name, password, record])
    return createHmac('sha256', this.#key).update(text).digest('base64')
  }
}

function missing(): ControlError {
  return new ControlError(
    'credentials-missing',
    'User credentials are empty or cannot be resolved',
    { hint: 'Send the name and the password of a user with HTTP Basic authentication' },
  )
}

function wrong(): ControlError {
  return new ControlError('credentials-wrong', 'Error during user authentication', {
    hint: 'Check the name and the password, or add the user with handfast user add',
  })
}

function exhausted(): ControlError {
  return new ControlError(
    'verifications-exhausted',
    'Too many passwords are being checked at the moment.',
    { hint: 'Try again in a second' },
  )
}
