import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { supportsMlDsa } from '@handfast/kit/x509'
import { golden } from './authority-fixture.test.ts'
import { checkKey } from './key-policy.ts'

function publicKey(file: string): ReturnType<typeof createPublicKey> {
  return createPublicKey(golden(file))
}

describe('checkKey', () => {
  it('takes P-256, P-384 and RSA from 2048 to 4096 bits', () => {
    checkKey(publicKey('keys/ec-p256-sec1.pem'))
    checkKey(publicKey('keys/ec-p384-sec1.pem'))
    checkKey(publicKey('keys/rsa-2048-pkcs1.pem'))
    checkKey(publicKey('workshop/client_b_root_ca.crt'))
  })

  it('refuses weaker keys, larger ones and those of other types', () => {
    const refused = [
      publicKey('keys/refused-rsa-1024.pem'),
      publicKey('keys/refused-rsa-2048-e3.pem'),
      publicKey('keys/refused-ec-p192.pem'),
      publicKey('keys/refused-ed25519.pem'),
      generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey,
      generateKeyPairSync('rsa', { modulusLength: 2047 }).publicKey,
      largeRsaKey(),
    ]
    // Behind the signature check of a request it would be certified, were it not refused here.
    if (supportsMlDsa()) refused.push(generateKeyPairSync('ml-dsa-65').publicKey)
    for (const key of refused) assert.throws(() => checkKey(key), { reason: 'key-not-allowed' })
  })
})

/** 4104 bits; a modulus need not be a product of two primes to be read. */
function largeRsaKey(): ReturnType<typeof createPublicKey> {
  const n = Buffer.alloc(513, 0xff).toString('base64url')
  return createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })
}
