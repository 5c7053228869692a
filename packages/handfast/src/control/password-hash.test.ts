import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ControlError } from './errors.ts'
import {
  decoyHash,
  encodePasswordHash,
  hashPassword,
  parsePasswordHash,
  verifyPassword,
} from './password-hash.ts'

describe('hashPassword', { timeout: 30_000 }, () => {
  it('makes a record that the same password fits, and another one does not', async () => {
    const record = encodePasswordHash(await hashPassword('correct horse'))
    assert.match(record, /^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    assert.equal(await verifyPassword('correct horse', parsePasswordHash(record)), true)
    assert.equal(await verifyPassword('correct horsE', parsePasswordHash(record)), false)
    assert.equal(await verifyPassword('', parsePasswordHash(record)), false)
  })

  it('salts: the same password has another record each time', async () => {
    const [a, b] = await Promise.all([hashPassword('same'), hashPassword('same')])
    assert.notDeepEqual(a.salt, b.salt)
    assert.notDeepEqual(a.hash, b.hash)
  })

  it('takes a letter with an accent for the same, however it was typed', async () => {
    const hash = await hashPassword('caf\u00e9')
    assert.equal(await verifyPassword('cafe\u0301', hash), true)
  })

  it('has a decoy that costs the same and fits nothing', async () => {
    const { logCost, blockSize, parallelization } = decoyHash()
    assert.deepEqual([logCost, blockSize, parallelization], [15, 8, 1])
    assert.equal(await verifyPassword('', decoyHash()), false)
  })
})

describe('parsePasswordHash', () => {
  it('round-trips every record', () => {
    const hashes = fc.record({
      logCost: fc.integer({ min: 10, max: 17 }),
      blockSize: fc.integer({ min: 1, max: 8 }),
      parallelization: fc.constant(1),
      salt: fc.uint8Array({ minLength: 8, maxLength: 64 }),
      hash: fc.uint8Array({ minLength: 16, maxLength: 64 }),
    })
    fc.assert(
      fc.property(hashes, (hash) => {
        assert.deepEqual(parsePasswordHash(encodePasswordHash(hash)), {
          ...hash,
          salt: Uint8Array.from(hash.salt),
          hash: Uint8Array.from(hash.hash),
        })
      }),
    )
  })

  it('refuses any other text with its own error', () => {
    const nearly = fc
      .array(fc.constantFrom('$', 'scrypt', 'ln=15', ',', 'r=8', 'p=1', 'AAAAAAAAAAAAAAAAAAAAAA'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        assert.throws(() => parsePasswordHash(text), isMalformed)
      }),
    )
  })

  it('refuses weak, empty and exorbitant records', () => {
    const salt = 'A'.repeat(22)
    const hash = 'A'.repeat(43)
    assert.ok(parsePasswordHash(`$scrypt$ln=15,r=8,p=1$${salt}$${hash}`))
    for (const text of [
      `$scrypt$ln=1,r=8,p=1$${salt}$${hash}`,
      `$scrypt$ln=30,r=8,p=1$${salt}$${hash}`,
      `$scrypt$ln=17,r=99,p=99$${salt}$${hash}`,
      `$scrypt$ln=15,r=8,p=1$${salt}$AA`,
      `$scrypt$ln=15,r=8,p=1$AA$${hash}`,
      `$scrypt$ln=15,r=8,p=1$${salt}$`,
      `$scrypt$ln=15,r=8,p=1$${salt}$${hash}\n`,
      `$argon2id$ln=15,r=8,p=1$${salt}$${hash}`,
    ]) {
      assert.throws(() => parsePasswordHash(text), isMalformed, text)
    }
  })
})

function isMalformed(error: unknown): boolean {
  return error instanceof ControlError && error.reason === 'password-record-malformed'
}
