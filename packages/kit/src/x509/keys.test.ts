import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { golden } from '../../test/fixtures.ts'
import { needsKey } from '../../test/certificates.ts'
import { damagedCopies, parsedOrRefused } from '../../test/hostile.ts'
import { describeKeyInfo, keyInfoOf } from './key-info.ts'
import {
  encodePrivateKeyPem,
  generatePrivateKey,
  keyAlgorithms,
  keySigner,
  parsePrivateKey,
  publicKeyFromPrivate,
} from './keys.ts'
import { encodePem } from './pem.ts'
import { verifySignature } from './signature.ts'

const malformed = { code: 'HF-X110', reason: 'key-malformed' }
const missing = { code: 'HF-X111', reason: 'key-passphrase-missing' }
const wrong = { code: 'HF-X112', reason: 'key-passphrase-wrong' }
const unsupported = { code: 'HF-X113', reason: 'key-unsupported' }
const passphrase = 'fixture-key'
const ecPublic = createPublicKey(golden('keys/ec-p256-public.pem'))

describe('parsePrivateKey()', () => {
  for (const file of ['sec1.pem', 'sec1.der', 'sec1-noout.pem', 'pkcs8.pem']) {
    it(`reads keys/ec-p256-${file}`, () => {
      const key = parsePrivateKey(golden(`keys/ec-p256-${file}`))
      assert.equal(describeKeyInfo(keyInfoOf(publicKeyFromPrivate(key))), 'ECDSA P-256')
      // -noout has a key of its own.
      if (!file.includes('noout')) assert.ok(publicKeyFromPrivate(key).equals(ecPublic))
    })
  }

  for (const file of [
    'pkcs8-pbkdf2.pem',
    'pkcs8-pbkdf2.der',
    'pkcs8-scrypt.pem',
    'sec1-encrypted.pem',
  ]) {
    it(`opens keys/ec-p256-${file} with its passphrase, and not without`, () => {
      const bytes = golden(`keys/ec-p256-${file}`)
      assert.ok(publicKeyFromPrivate(parsePrivateKey(bytes, { passphrase })).equals(ecPublic))
      assert.throws(() => parsePrivateKey(bytes), missing)
      assert.throws(() => parsePrivateKey(bytes, { passphrase: 'not it' }), wrong)
      assert.throws(() => parsePrivateKey(bytes, { passphrase: '' }), wrong)
      assert.throws(() => parsePrivateKey(bytes, { passphrase: `${passphrase}\n` }), wrong)
    })
  }

  it('reads every form of the RSA key as one key', () => {
    const public1 = publicKeyFromPrivate(parsePrivateKey(golden('keys/rsa-2048-pkcs8.pem')))
    for (const file of ['pkcs8.der', 'pkcs1.pem', 'pkcs1.der', 'pkcs1-encrypted.pem']) {
      const key = parsePrivateKey(golden(`keys/rsa-2048-${file}`), { passphrase })
      assert.ok(publicKeyFromPrivate(key).equals(public1), file)
    }
  })

  it('reads a key with CRLF, from a string, beside certificates and PKCS#12 attributes', () => {
    const files = ['forms/crlf.key', 'forms/pkcs12-to-pem.pem', 'requests/key-and-request.pem']
    for (const file of files) {
      assert.ok(
        publicKeyFromPrivate(parsePrivateKey(golden(file).toString())).equals(ecPublic),
        file,
      )
    }
    parsePrivateKey(golden('one-name/server-key-pair.pem'))
  })

  it('opens the encrypted keys of the workshop', () => {
    const file = golden('workshop/client_b_root_ca.key')
    const key = parsePrivateKey(file, { passphrase: 'fixture-client-b' })
    assert.equal(keyInfoOf(publicKeyFromPrivate(key)).bits, 4096)
    assert.throws(() => parsePrivateKey(file), missing)
    assert.throws(() => parsePrivateKey(file, { passphrase: 'fixture-client-c' }), wrong)
  })

  it('ignores a passphrase for a key that is not encrypted', () => {
    parsePrivateKey(golden('keys/ec-p256-pkcs8.pem'), { passphrase })
  })

  it('leaves the policy on weak keys to others, and refuses types that nothing here can use', () => {
    for (const file of ['refused-rsa-1024', 'refused-rsa-2048-e3', 'refused-ed25519']) {
      parsePrivateKey(golden(`keys/${file}.pem`))
    }
    for (const file of ['refused-ec-p192', 'refused-ec-p256-explicit']) {
      assert.throws(() => parsePrivateKey(golden(`keys/${file}.pem`)), unsupported)
    }
    const { privateKey } = generateKeyPairSync('x25519')
    assert.throws(
      () => parsePrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
      unsupported,
    )
  })

  it('refuses bytes behind a key', () => {
    for (const file of [
      'ec-p256-sec1',
      'rsa-2048-pkcs1',
      'rsa-2048-pkcs8',
      'ec-p256-pkcs8-pbkdf2',
    ]) {
      const longer = Buffer.concat([golden(`keys/${file}.der`), Uint8Array.of(0)])
      assert.throws(() => parsePrivateKey(longer, { passphrase }), malformed)
      const label = file.endsWith('pbkdf2') ? 'ENCRYPTED PRIVATE KEY' : 'PRIVATE KEY'
      assert.throws(() => parsePrivateKey(encodePem(label, longer), { passphrase }), malformed)
    }
  })

  it('refuses files with two keys or none', () => {
    const pem = golden('keys/ec-p256-pkcs8.pem').toString()
    assert.throws(() => parsePrivateKey(pem + pem), malformed)
    assert.throws(() => parsePrivateKey(golden('forms/plain.crt')), malformed)
    assert.throws(() => parsePrivateKey(golden('keys/ec-p256-public.pem')), malformed)
    assert.throws(() => parsePrivateKey(''), malformed)
    assert.throws(() => parsePrivateKey(new Uint8Array(0)), malformed)
    assert.throws(() => parsePrivateKey(golden('forms/plain.der')), malformed)
  })

  it('never shows the passphrase or the key in an error or its causes', () => {
    const secret = 'correct horse battery staple'
    const pem = golden('keys/ec-p256-pkcs8.pem').toString()
    const body = pem.split('\n')[1] ?? ''
    const inputs = [
      golden('keys/ec-p256-pkcs8-pbkdf2.pem'),
      golden('keys/ec-p256-pkcs8-pbkdf2.der'),
      golden('keys/ec-p256-sec1-encrypted.pem'),
      golden('keys/refused-ec-p192.pem'),
      pem + pem,
      pem.replace(/.{8}\n-----END/, '\n-----END'),
      pem.replace(/PRIVATE KEY/g, 'EC PRIVATE KEY').replace('MI', 'AA'),
      golden('keys/ec-p256-sec1.der').subarray(0, 60),
    ]
    for (const input of inputs) {
      assert.throws(
        () => parsePrivateKey(input, { passphrase: secret }),
        (error) => {
          const shown = inspect(error, { depth: 20, showHidden: true })
          assert.doesNotMatch(shown, /correct horse/)
          assert.ok(!shown.includes(body.slice(0, 32)))
          return true
        },
      )
    }
  })

  it('meets damaged keys with its own error', () => {
    for (const file of ['ec-p256-sec1.der', 'ec-p256-pkcs8-pbkdf2.der']) {
      for (const copy of damagedCopies(golden(`keys/${file}`))) {
        parsedOrRefused(() => parsePrivateKey(copy, { passphrase }))
      }
    }
    const pem = golden('keys/ec-p256-sec1-encrypted.pem')
    for (const copy of damagedCopies(pem)) {
      parsedOrRefused(() => parsePrivateKey(copy, { passphrase }))
    }
  })

  it('meets random bytes with its own error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.equal(
          parsedOrRefused(() => parsePrivateKey(bytes)),
          undefined,
        )
      }),
    )
  })
})

describe('generatePrivateKey()', () => {
  for (const algorithm of keyAlgorithms) {
    it(`makes ${algorithm}, which signs and is read back`, needsKey(algorithm), async () => {
      const key = await generatePrivateKey(algorithm)
      const expected = algorithm
        .replace('ec-p', 'ECDSA P-')
        .replace('rsa-', 'RSA ')
        .replace('ed', 'Ed')
        .replace('ml-dsa', 'ML-DSA')
      assert.equal(describeKeyInfo(keyInfoOf(publicKeyFromPrivate(key))), expected)
      assert.ok(parsePrivateKey(encodePrivateKeyPem(key)).equals(key))
      const signer = keySigner(key)
      const tbs = Buffer.from('x')
      const signed = {
        tbs,
        signature: await signer.sign(tbs),
        signatureAlgorithm: signer.algorithm,
      }
      assert.equal(verifySignature(signed, signer.publicKey), true)
    })
  }
})
