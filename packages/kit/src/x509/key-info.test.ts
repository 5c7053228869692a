import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { needsKey } from '../../test/certificates.ts'
import { golden } from '../../test/fixtures.ts'
import { damagedCopies, parsedOrRefused } from '../../test/hostile.ts'
import { tags } from './der-reader.ts'
import { bitString, element, integer, nullValue, oid, sequence } from './der-writer.ts'
import { describeKeyInfo, keyInfoOf, parseKeyInfo, publicKeyInfoOf } from './key-info.ts'
import type { KeyInfo } from './key-info.ts'

const malformed = { code: 'HF-X101', reason: 'der-malformed' }
const rsaOid = oid('1.2.840.113549.1.1.1')

/** A modulus of `bits` bits and this exponent. */
function rsaKey(bits: number, exponent: Uint8Array = integer(65_537)): Uint8Array {
  const modulus = new Uint8Array(Math.ceil(bits / 8)).fill(0xff)
  modulus[0] = 0xff >> (modulus.length * 8 - bits)
  return spki(sequence(integer(modulus), exponent))
}

function spki(key: Uint8Array, parameters: Uint8Array = nullValue()): Uint8Array {
  return sequence(sequence(rsaOid, parameters), bitString(key))
}

describe('keyInfoOf()', () => {
  it('names the keys that Node makes', () => {
    const described = (['P-256', 'P-384', 'P-521'] as const).map((namedCurve) =>
      describeKeyInfo(keyInfoOf(generateKeyPairSync('ec', { namedCurve }).publicKey)),
    )
    assert.deepEqual(described, ['ECDSA P-256', 'ECDSA P-384', 'ECDSA P-521'])
    assert.deepEqual(keyInfoOf(generateKeyPairSync('ed25519').publicKey), {
      type: 'ed25519',
      name: 'Ed25519',
      bits: 256,
    })
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2056 })
    assert.equal(describeKeyInfo(keyInfoOf(publicKey)), 'RSA 2056')
  })

  it('is unsupported for other curves, explicit parameters and other algorithms', () => {
    const keys = [
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
      generateKeyPairSync('ed448').publicKey,
      generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey,
      createPublicKey(golden('keys/refused-ec-p192.pem')),
      createPublicKey(golden('keys/refused-ec-p256-explicit.pem')),
    ]
    for (const key of keys) assert.equal(keyInfoOf(key).type, 'unsupported')
  })
})

describe('parseKeyInfo()', () => {
  it('counts the bits of a modulus', () => {
    for (const bits of [1, 8, 1023, 1024, 2047, 2048, 2049])
      assert.equal(parseKeyInfo(rsaKey(bits)).bits, bits)
  })

  it('refuses a modulus that is zero or negative', () => {
    for (const octet of [0, 0x80]) {
      const modulus = element(tags.integer, Uint8Array.of(octet))
      assert.throws(() => parseKeyInfo(spki(sequence(modulus, integer(3)))), malformed)
    }
  })

  it('refuses exponents that are even, 1, negative or of more than 256 bits', () => {
    const wide = (octets: number): Uint8Array => integer(new Uint8Array(octets).fill(0xff))
    for (const exponent of [integer(3), integer(65_537), wide(32)]) {
      assert.equal(parseKeyInfo(rsaKey(2048, exponent)).type, 'rsa')
    }
    const negative = element(tags.integer, Uint8Array.of(0xff))
    for (const exponent of [
      integer(0),
      integer(1),
      integer(2),
      integer(65_536),
      negative,
      wide(33),
    ]) {
      assert.throws(() => parseKeyInfo(rsaKey(2048, exponent)), malformed)
    }
  })

  it('refuses RSA parameters other than an empty NULL', () => {
    const key = sequence(integer(Uint8Array.of(0xff)), integer(3))
    for (const parameters of [Uint8Array.of(), Uint8Array.of(5, 1, 0), sequence()]) {
      assert.throws(() => parseKeyInfo(spki(key, parameters)), malformed)
    }
  })

  it(
    'takes ML-DSA keys of the right size and without parameters only',
    needsKey('ml-dsa-44'),
    () => {
      const key = (octets: number, ...parameters: readonly Uint8Array[]): KeyInfo =>
        parseKeyInfo(
          sequence(
            sequence(oid('2.16.840.1.101.3.4.3.17'), ...parameters),
            bitString(new Uint8Array(octets)),
          ),
        )
      assert.deepEqual(key(1312), { type: 'ml-dsa-44', name: 'ML-DSA-44', bits: 10_496 })
      assert.equal(describeKeyInfo(key(1312)), 'ML-DSA-44')
      for (const refused of [key(1311), key(1313), key(0), key(1312, nullValue())]) {
        assert.equal(refused.type, 'unsupported')
      }
    },
  )

  it('refuses trailing bytes everywhere', () => {
    const key = sequence(integer(Uint8Array.of(0xff)), integer(3))
    const more = Uint8Array.of(5, 0)
    const inputs = [
      Buffer.concat([spki(key), more]),
      spki(Buffer.concat([key, more])),
      spki(key, Buffer.concat([nullValue(), more])),
      spki(sequence(integer(Uint8Array.of(0xff)), integer(3), more)),
    ]
    for (const input of inputs) assert.throws(() => parseKeyInfo(input), malformed)
  })

  it('meets damaged keys with its own error', () => {
    for (const file of ['ec-p256-sec1', 'rsa-2048-pkcs8']) {
      const info = publicKeyInfoOf(createPublicKey(golden(`keys/${file}.pem`)))
      for (const copy of damagedCopies(info)) parsedOrRefused(() => parseKeyInfo(copy))
    }
  })
})
