import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { testAuthority, testTime } from '../../test/certificates.ts'
import { golden } from '../../test/fixtures.ts'
import { damagedCopies, parsedOrRefused } from '../../test/hostile.ts'
import { parseCertificates } from './certificate.ts'
import { createJksTrustStore } from './create-jks.ts'
import { jksDigest, parseJks } from './jks.ts'

const passphrase = 'fixture-key'
const store = golden('stores/keytool.jks')
const options = { passphrase, keyPassphrase: 'fixture-entry' }
const [ecRoot] = parseCertificates(golden('certificates/ec-root.crt'))
const root = testAuthority()
const leaf = root.issue()

const malformed = { code: 'HF-X120', reason: 'keystore-malformed' }

/** With a digest that is right, whatever it holds. */
function sealed(content: Uint8Array): Uint8Array {
  return Buffer.concat([content, jksDigest(passphrase, content)])
}

describe('parseJks()', () => {
  it('reads what keytool writes: a key with a passphrase of its own, and a certificate', () => {
    const { keys, certificates } = parseJks(store, options)
    assert.deepEqual(
      keys.map(({ alias, chain, key }) => [alias, chain.length, key.asymmetricKeyType]),
      [['server', 1, 'ec']],
    )
    assert.deepEqual(
      certificates.map(({ certificate, alias, trusted }) => [certificate.der, alias, trusted]),
      [[ecRoot?.der, 'ec root', true]],
    )
  })

  it('reads the certificates of a JCEKS, and refuses its keys with the command that converts them', () => {
    const { certificates } = parseJks(golden('stores/keytool.jceks'), { passphrase })
    assert.deepEqual(
      certificates.map(({ alias, trusted }) => [alias, trusted]),
      [['ec root', true]],
    )
    assert.throws(() => parseJks(golden('stores/keytool-keys.jceks'), { passphrase }), {
      reason: 'keystore-unsupported',
      hint: /keytool -importkeystore/,
    })
  })

  it('tells apart a wrong passphrase, a missing one, and that of a key', () => {
    assert.throws(() => parseJks(store, { passphrase: 'another' }), {
      code: 'HF-X122',
      reason: 'keystore-passphrase-wrong',
    })
    assert.throws(() => parseJks(store, {}), { reason: 'keystore-passphrase-missing' })
    assert.throws(() => parseJks(store, { passphrase }), {
      code: 'HF-X123',
      reason: 'keystore-key-passphrase-wrong',
    })
  })

  it('refuses what is another format, cut off or too large', () => {
    for (const file of ['stores/keytool.p12', 'forms/plain.crt', 'forms/plain.der'])
      assert.throws(() => parseJks(golden(file), { passphrase }), malformed)
    for (const length of [0, 4, 20, 27])
      assert.throws(() => parseJks(store.subarray(0, length), { passphrase }), malformed)
    assert.throws(() => parseJks(Buffer.alloc(17 * 1024 * 1024), { passphrase }), malformed)
  })

  it('refuses each truncation and each turned bit with its own error', () => {
    for (const damaged of damagedCopies(store))
      assert.equal(
        parsedOrRefused(() => parseJks(damaged, options)),
        undefined,
      )
  })

  it('stands on its own behind a digest that is right', () => {
    for (const damaged of damagedCopies(store.subarray(0, -20)))
      parsedOrRefused(() => parseJks(sealed(damaged), options))
  })

  it('refuses counts and lengths beyond the file before it makes room for them', () => {
    const head = Buffer.from('feedfeed00000002', 'hex')
    const counts = ['ffffffff', '00002711', '00000001'].map((count) => Buffer.from(count, 'hex'))
    for (const count of counts)
      assert.throws(() => parseJks(sealed(Buffer.concat([head, count])), options), malformed)
    const entry = Buffer.from('0000000100000002000161000000000000000000055830303030ffffffff', 'hex')
    assert.throws(() => parseJks(sealed(Buffer.concat([head, entry])), options), malformed)
    const behind = Buffer.concat([head, Buffer.alloc(5)])
    assert.throws(() => parseJks(sealed(behind), options), malformed)
  })
})

describe('createJksTrustStore()', () => {
  it('is read by parseJks(), whatever passphrase, with aliases in lower case', () => {
    const alias = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((text) => text.trim() !== '' && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text))
    const passphrases = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(alias, passphrases, (name, secret) => {
        const entries = [{ certificate: root.certificate, alias: name }, leaf]
        const made = createJksTrustStore(entries, { passphrase: secret, at: testTime })
        const { keys, certificates } = parseJks(made, { passphrase: secret })
        assert.deepEqual(keys, [])
        assert.equal(certificates[0]?.alias, name.toLowerCase())
        assert.deepEqual(
          certificates.map(({ certificate, trusted }) => [Buffer.from(certificate.der), trusted]),
          [root, leaf].map(({ certificate }) => [Buffer.from(certificate.der), true]),
        )
      }),
    )
  })

  it('refuses an empty store, an alias given twice, and what is misuse', () => {
    const { certificate } = root
    const usual = { passphrase, at: testTime }
    const twice = ['a', 'A'].map((alias) => ({ certificate, alias }))
    for (const entries of [[], twice])
      assert.throws(() => createJksTrustStore(entries, usual), {
        reason: 'keystore-entry-invalid',
      })
    const one = [{ certificate }]
    assert.throws(() => createJksTrustStore(one, { ...usual, passphrase: '' }), TypeError)
    const long = 'x'.repeat(1025)
    assert.throws(() => createJksTrustStore(one, { ...usual, passphrase: long }), RangeError)
    assert.throws(() => createJksTrustStore(one, { passphrase, at: new Date(NaN) }), RangeError)
  })
})
