import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { ControlError } from './errors.ts'
import { limits } from './limits.ts'

/** A salted scrypt hash with the parameters that made it. */
export interface PasswordHash {
  /** log2 of scrypt's N. */
  readonly logCost: number
  readonly blockSize: number
  readonly parallelization: number
  readonly salt: Uint8Array
  readonly hash: Uint8Array
}

/** Hashes with a fresh salt and today's parameters; off the event loop. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const parameters = {
    logCost: limits.scryptLogCost,
    blockSize: limits.scryptBlockSize,
    parallelization: limits.scryptParallelization,
    salt: Uint8Array.from(randomBytes(limits.passwordSaltBytes)),
  }
  const hash = await derive(password, { ...parameters, length: limits.passwordHashBytes })
  return { ...parameters, hash }
}

/** Compares in constant time; off the event loop. */
export async function verifyPassword(password: string, expected: PasswordHash): Promise<boolean> {
  const found = await derive(password, { ...expected, length: expected.hash.length })
  return timingSafeEqual(found, expected.hash)
}

/** A hash that no password has, and that costs as much to check as a real one. */
export function decoyHash(): PasswordHash {
  return {
    logCost: limits.scryptLogCost,
    blockSize: limits.scryptBlockSize,
    parallelization: limits.scryptParallelization,
    salt: Uint8Array.from(randomBytes(limits.passwordSaltBytes)),
    hash: Uint8Array.from(randomBytes(limits.passwordHashBytes)),
  }
}

/** `$scrypt$ln=15,r=8,p=1$<salt>$<hash>`, the PHC string format. @see https://github.com/P-H-C/phc-string-format */
export function encodePasswordHash(hash: PasswordHash): string {
  const parameters = `ln=${hash.logCost},r=${hash.blockSize},p=${hash.parallelization}`
  return `$scrypt$${parameters}$${encodeBytes(hash.salt)}$${encodeBytes(hash.hash)}`
}

/** @throws {ControlError} password-record-malformed */
export function parsePasswordHash(text: string): PasswordHash {
  const groups = pattern.exec(text)?.groups
  if (groups === undefined) throw malformed()
  const hash: PasswordHash = {
    logCost: Number(groups['logCost']),
    blockSize: Number(groups['blockSize']),
    parallelization: Number(groups['parallelization']),
    salt: parseBytes(groups['salt'] ?? ''),
    hash: parseBytes(groups['hash'] ?? ''),
  }
  // A short hash is a weak one, and an empty one would fit every password.
  const strong = hash.salt.length >= 8 && hash.hash.length >= 16 && hash.logCost >= 10
  if (!strong || scryptBytes(hash) > limits.maxScryptBytes) throw malformed()
  return hash
}

const pattern =
  /^\$scrypt\$ln=(?<logCost>[1-9]\d?),r=(?<blockSize>[1-9]\d?),p=(?<parallelization>[1-9]\d?)\$(?<salt>[A-Za-z0-9+/]{1,128})\$(?<hash>[A-Za-z0-9+/]{1,128})$/

interface Derivation extends Omit<PasswordHash, 'hash'> {
  readonly length: number
}

async function derive(password: string, options: Derivation): Promise<Buffer> {
  const cost = {
    cost: 2 ** options.logCost,
    blockSize: options.blockSize,
    parallelization: options.parallelization,
    // OpenSSL counts a little more than the formula.
    maxmem: 2 * scryptBytes(options),
  }
  return new Promise((resolve, reject) => {
    // RFC 8265 §4.2: the same password typed on another keyboard is the same.
    scrypt(password.normalize('NFC'), options.salt, options.length, cost, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}

// RFC 7914 §2: 128 * r * N bytes, for each of p when they run side by side.
function scryptBytes(hash: Omit<PasswordHash, 'hash' | 'salt'>): number {
  return 128 * hash.blockSize * 2 ** hash.logCost * hash.parallelization
}

function encodeBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}

function parseBytes(text: string): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'))
  if (encodeBytes(bytes) === text) return bytes
  throw malformed()
}

function malformed(): ControlError {
  return new ControlError(
    'password-record-malformed',
    'Cannot read password record: it is no scrypt record of this program',
    { hint: 'Set the password of the user again' },
  )
}
