import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import { golden } from '../../test/fixtures.ts'
import { damagedCopies } from '../../test/hostile.ts'
import { readSingle } from './der-reader.ts'
import { nullValue, oid, sequence } from './der-writer.ts'
import { supportsMlDsa } from './ml-dsa.ts'
import {
  decodeSignatureAlgorithm,
  encodeSignatureAlgorithm,
  keySigner,
  subjectKeyIdentifier,
  verifySignature,
} from './signature.ts'
import type { SignatureAlgorithm } from './signature.ts'

const malformed = { code: 'HF-X101', reason: 'der-malformed' }
const tbs = Buffer.from('what is signed')
const decode = (...content: readonly Uint8Array[]): SignatureAlgorithm =>
  decodeSignatureAlgorithm(readSingle(sequence(...content)))

interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const pairs: Readonly<Record<string, Pair>> = {
  'ecdsa-with-SHA256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'ecdsa-with-SHA384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'ecdsa-with-SHA512': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  sha256WithRSAEncryption: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  Ed25519: generateKeyPairSync('ed25519'),
  ...(supportsMlDsa() && {
    'ML-DSA-44': generateKeyPairSync('ml-dsa-44'),
    'ML-DSA-65': generateKeyPairSync('ml-dsa-65'),
    'ML-DSA-87': generateKeyPairSync('ml-dsa-87'),
  }),
}

describe('keySigner()', () => {
  for (const [name, { privateKey, publicKey }] of Object.entries(pairs)) {
    it(`signs with ${name}, which node and verifySignature() verify`, async () => {
      const signer = keySigner(privateKey, publicKey)
      const { algorithm } = signer
      assert.equal(algorithm.name, name)
      const signature = await signer.sign(tbs)
      assert.ok(verify(algorithm.digest, tbs, publicKey, signature))
      const signed = { tbs, signature, signatureAlgorithm: algorithm }
      assert.equal(verifySignature(signed, publicKey), true)
      assert.equal(verifySignature({ ...signed, tbs: Buffer.from('other') }, publicKey), false)
      assert.deepEqual(
        decodeSignatureAlgorithm(readSingle(encodeSignatureAlgorithm(algorithm))),
        algorithm,
      )
    })
  }

  it('refuses keys of other types', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    assert.throws(() => keySigner(privateKey, publicKey), {
      code: 'HF-X113',
      reason: 'key-unsupported',
    })
  })
})

describe('verifySignature()', () => {
  const { privateKey, publicKey } = pairs['ecdsa-with-SHA256'] as Pair
  const signatureAlgorithm = keySigner(privateKey, publicKey).algorithm
  const signature = sign('sha256', tbs, privateKey)

  it('is false for every damaged signature, and never throws', () => {
    assert.equal(verifySignature({ tbs, signature, signatureAlgorithm }, publicKey), true)
    for (const copy of damagedCopies(signature)) {
      assert.equal(verifySignature({ tbs, signature: copy, signatureAlgorithm }, publicKey), false)
    }
  })

  it('is false for trailing bytes behind the signature', () => {
    const longer = Buffer.concat([signature, Uint8Array.of(0)])
    assert.equal(verifySignature({ tbs, signature: longer, signatureAlgorithm }, publicKey), false)
  })

  it('is false for a key of another type, another key and another digest', () => {
    const signed = { tbs, signature, signatureAlgorithm }
    for (const pair of Object.values(pairs)) {
      assert.equal(verifySignature(signed, pair.publicKey), pair.publicKey === publicKey)
    }
    const wrongDigest = {
      ...signed,
      signatureAlgorithm: { ...signatureAlgorithm, digest: 'sha384' },
    }
    assert.equal(verifySignature(wrongDigest, publicKey), false)
  })

  it('is false for an RSA signature under the name of an ECDSA algorithm', () => {
    const { privateKey: rsa, publicKey: rsaPublic } = pairs['sha256WithRSAEncryption'] as Pair
    const disguised = { tbs, signature: sign('sha256', tbs, rsa), signatureAlgorithm }
    assert.equal(verifySignature(disguised, rsaPublic), false)
  })

  it('is false for weak and unknown algorithms, even when the signature is right', () => {
    const { privateKey: rsa, publicKey: rsaPublic } = pairs['sha256WithRSAEncryption'] as Pair
    const weak = decode(oid('1.2.840.113549.1.1.5'), nullValue())
    assert.equal(weak.name, 'sha1WithRSAEncryption')
    const sha1 = { tbs, signature: sign('sha1', tbs, rsa), signatureAlgorithm: weak }
    assert.equal(verifySignature(sha1, rsaPublic), false)
    const unknown = { tbs, signature, signatureAlgorithm: decode(oid('1.2.3')) }
    assert.equal(verifySignature(unknown, publicKey), false)
  })
})

describe('decodeSignatureAlgorithm()', () => {
  const rsa = oid('1.2.840.113549.1.1.11')
  const ecdsa = oid('1.2.840.10045.4.3.2')
  const mlDsa = oid('2.16.840.1.101.3.4.3.18')

  it('accepts NULL or nothing for RSA, and nothing for the others', () => {
    assert.equal(decode(rsa, nullValue()).keyType, 'rsa')
    assert.equal(decode(rsa).keyType, 'rsa')
    assert.equal(decode(ecdsa).keyType, 'ec')
    assert.equal(decode(mlDsa).keyType, 'ml-dsa-65')
  })

  it('refuses other parameters', () => {
    for (const content of [
      [rsa, Uint8Array.of(5, 1, 0)],
      [rsa, sequence()],
      [rsa, nullValue(), nullValue()],
      [ecdsa, nullValue()],
      [mlDsa, nullValue()],
    ]) {
      assert.throws(() => decode(...content), malformed)
    }
  })
})

describe('subjectKeyIdentifier()', () => {
  it('is the start of the SHA-256 of the key, RFC 7093 §2 method 1', () => {
    // openssl pkey -pubin -in keys/ec-p256-public.pem -outform DER | tail -c 65 | openssl sha256
    const key = createPublicKey(golden('keys/ec-p256-public.pem'))
    const bits = key.export({ type: 'spki', format: 'der' }).subarray(-65)
    assert.equal(bits[0], 4)
    assert.equal(Buffer.from(subjectKeyIdentifier(key)).toString('hex'), goldenIdentifier)
  })
})

const goldenIdentifier = '3d213a8ee5678878d7bb646e381dd3396d737459'
