import { randomBytes } from 'node:crypto'
import type { Clock } from '@handfast/kit/base'
import type { Store } from '../store/store.ts'
import { ControlError } from './errors.ts'
import { limits } from './limits.ts'
import { encodePasswordHash, hashPassword } from './password-hash.ts'

export interface NewUser {
  readonly name: string
  /** At least 12 characters. Absent: one is generated. */
  readonly password?: string
  /** Sets the password of a user that exists, instead of refusing. Default: false. */
  readonly replace?: boolean
  /** Who does it, for the audit. */
  readonly actor: string
  readonly clock: Clock
}

export interface AddedUser {
  readonly name: string
  /** Only when none was given. It is kept nowhere: show it once. */
  readonly generatedPassword?: string
}

/**
 * Adds a user of the REST API.
 * @throws {ControlError} user-name-invalid, password-unsuitable, user-exists; none of them holds the password
 */
export async function addUser(store: Store, user: NewUser): Promise<AddedUser> {
  const { name, actor, clock } = user
  checkUserName(name)
  if (user.password !== undefined) checkPassword(user.password)
  const password = user.password ?? generatePassword()
  const passwordHash = encodePasswordHash(await hashPassword(password))
  await store.transaction(async (tx) => {
    const known = await tx.users.byName(name)
    if (known !== undefined && user.replace !== true) throw exists(name)
    const at = clock.now()
    await tx.users.upsert({ name, passwordHash, createdAt: at, updatedAt: at })
    const action = known === undefined ? 'user.add' : 'user.set-password'
    await tx.audit.append({ at, actor, action, target: name, details: {} })
  })
  return { name, ...(user.password === undefined && { generatedPassword: password }) }
}

function generatePassword(): string {
  return randomBytes(limits.generatedPasswordBytes).toString('base64url')
}

function checkUserName(name: string): void {
  const printable = !/[\p{Cc}\p{Cs}:]/u.test(name) && name.trim() === name
  if (printable && name.length > 0 && name.length <= limits.maxUserNameLength) return
  throw new ControlError(
    'user-name-invalid',
    `Cannot add user ${JSON.stringify(name)}: names have 1 to ${limits.maxUserNameLength} characters, no colon and no space at either end`,
    { hint: 'Choose another name' },
  )
}

function checkPassword(password: string): void {
  const characters = Array.from(password).length
  const state =
    characters < limits.minPasswordLength
      ? `it has ${characters} characters, at least ${limits.minPasswordLength} are wanted`
      : password.length > limits.maxPasswordLength
        ? `it is longer than ${limits.maxPasswordLength} characters`
        : /[\p{Cc}\p{Cs}]/u.test(password)
          ? 'it holds control characters, which HTTP Basic authentication cannot carry'
          : undefined
  if (state === undefined) return
  throw new ControlError('password-unsuitable', `Cannot use the password: ${state}`, {
    hint: 'Choose another password, or give none and take the generated one',
  })
}

function exists(name: string): ControlError {
  return new ControlError('user-exists', `Cannot add user "${name}": there is one with this name`, {
    details: { name },
    hint: 'Choose another name, or replace its password with --replace',
  })
}
