import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { X509Error } from '@handfast/kit/x509'
import { golden } from '../../../test/certificates.ts'
import { parseMaterial } from './parse-material.ts'

function types(bytes: Uint8Array): readonly string[] {
  return parseMaterial(bytes).map(({ material }) => material.type)
}

test('parseMaterial() reads every form that openssl writes', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'forms/plain.der': ['certificate'],
    'forms/bom-crlf.crt': ['certificate'],
    'forms/with-text.crt': ['certificate'],
    'forms/pkcs12-to-pem.pem': ['certificate', 'private-key'],
    'one-name/server-key-pair.pem': ['private-key', 'certificate'],
    'workshop/client_b_chain.crt': ['certificate', 'certificate'],
    'requests/ec-p256.der': ['request'],
    'requests/key-and-request.pem': ['private-key', 'request'],
    'keys/ec-p256-sec1.pem': ['private-key'],
    'keys/rsa-2048-pkcs1.der': ['private-key'],
    'keys/ec-p256-public.pem': ['public-key'],
  }
  for (const [name, expected] of Object.entries(cases))
    assert.deepEqual(types(golden(name)), expected, name)
})

test('parseMaterial() says how a key is encrypted, without its passphrase', () => {
  const cases = {
    'keys/ec-p256-pkcs8-scrypt.pem': 'PKCS#8 (scrypt)',
    'keys/ec-p256-pkcs8-pbkdf2.pem': 'PKCS#8 (PBKDF2)',
    'keys/ec-p256-pkcs8-pbkdf2.der': 'PKCS#8 (PBKDF2)',
    'keys/rsa-2048-pkcs1-encrypted.pem': 'traditional OpenSSL (one round of MD5)',
  }
  for (const [name, encryption] of Object.entries(cases)) {
    const [placed] = parseMaterial(golden(name))
    assert.deepEqual(placed?.material, { type: 'encrypted-key', encryption }, name)
  }
})

test('parseMaterial() shows a block that cannot be read beside those that can', () => {
  const text = golden('workshop/client_b_chain.crt').toString()
  const broken = text.replace('MII', 'MIX')
  const [first, second] = parseMaterial(Buffer.from(broken))
  assert.equal(first?.material.type, 'unreadable')
  assert.equal(second?.material.type, 'certificate')
  assert.ok((second?.line ?? 0) > 1)
})

test('parseMaterial() tells what a file is instead', () => {
  const der = golden('forms/plain.der')
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(), /empty/],
    [Buffer.from('308205f006092a864886f70d010702a0', 'hex'), /PKCS#7/],
    [Buffer.from('\uFEFF-----BEGIN CERTIFICATE-----', 'utf16le'), /UTF-16/],
    [der.subarray(0, 100), new RegExp(`cut off: 100 of ${der.length} bytes`)],
    [Buffer.from(der.toString('base64')), /base64 without/],
    [Buffer.from('garbage'), /neither PEM nor DER/],
  ]
  for (const [bytes, message] of cases) {
    assert.throws(() => parseMaterial(bytes), { reason: 'der-malformed', message })
  }
  assert.throws(() => parseMaterial(golden('forms/plain.crt').subarray(0, 300)), {
    reason: 'pem-malformed',
  })
})

test('parseMaterial() throws nothing but its own error, whatever the bytes', () => {
  const sources = [
    'forms/plain.der',
    'forms/plain.crt',
    'requests/ec-p256.der',
    'keys/ec-p256-sec1.der',
  ].map(golden)
  const mutated = fc
    .tuple(fc.constantFrom(...sources), fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 }))
    .map(([source, at, bytes]) => {
      const copy = Buffer.from(source)
      copy.set(bytes.subarray(0, 1), at % copy.length)
      return copy.subarray(0, copy.length - (bytes.length > 2 ? (bytes[1] ?? 0) % copy.length : 0))
    })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
      try {
        parseMaterial(bytes)
      } catch (error) {
        assert.ok(error instanceof X509Error)
      }
    }),
    { numRuns: 500 },
  )
})
