import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { golden } from '../../test/fixtures.ts'
import { parseCertificates } from './certificate.ts'
import { keyStoreFormat } from './key-store.ts'
import type { KeyStoreContents } from './key-store.ts'
import { parsePrivateKey } from './keys.ts'
import { parsePkcs12 } from './pkcs12.ts'

const passphrase = 'fixture-key'
const store = (name: string): Buffer => golden(`stores/${name}.p12`)
const key = parsePrivateKey(golden('keys/ec-p256-pkcs8.pem'))
const [leaf] = parseCertificates(golden('forms/plain.crt'))
const [root] = parseCertificates(golden('certificates/ec-root.crt'))

function assertWebKey({ keys, certificates }: KeyStoreContents): void {
  assert.equal(keys.length, 1)
  assert.equal(keys[0]?.alias, 'Web')
  assert.ok(keys[0]?.key.equals(key))
  assert.deepEqual(
    keys[0]?.chain.map(({ der }) => der),
    [leaf?.der],
  )
  assert.deepEqual(
    certificates.map(({ certificate, trusted }) => [certificate.der, trusted]),
    [[root?.der, false]],
  )
}

describe('parsePkcs12()', () => {
  const readable = [
    ['openssl', passphrase, 'AES-256, PBKDF2-HMAC-SHA-256, SHA-256 MAC'],
    ['openssl-3des', passphrase, '3DES and a SHA-1 MAC'],
    ['openssl-3des-utf8', 'pässphrase 🔑', 'two-key 3DES, a SHA-512 MAC, a BMPString passphrase'],
    ['openssl-pbes2-3des-sha384', passphrase, 'AES-128 and 3DES under PBES2, a SHA-384 MAC'],
    ['openssl-one-iteration', passphrase, 'a MAC that leaves out its iterations'],
    ['openssl-plain', passphrase, 'a MAC and no encryption'],
    ['openssl-empty', '', 'the empty passphrase'],
    ['openssl-empty', undefined, 'the empty passphrase, when none is given'],
    ['openssl-without-passphrase', undefined, 'neither MAC nor encryption'],
  ] as const

  for (const [name, secret, what] of readable) {
    it(`reads what openssl writes: ${what}`, async () => {
      const options = secret === undefined ? {} : { passphrase: secret }
      assertWebKey(await parsePkcs12(store(name), options))
    })
  }

  it('reads what keytool writes: a key entry, and a trustedCertEntry', async () => {
    const { keys, certificates, unread } = await parsePkcs12(store('keytool'), { passphrase })
    assert.deepEqual(
      keys.map(({ alias, chain, key: { asymmetricKeyType } }) => [
        alias,
        chain.length,
        asymmetricKeyType,
      ]),
      [['server', 1, 'ec']],
    )
    assert.deepEqual(
      certificates.map(({ certificate, alias, trusted }) => [certificate.der, alias, trusted]),
      [[root?.der, 'EC Root', true]],
    )
    assert.deepEqual(unread, [])
  })

  it('reads a certificate that nothing marks as trusted, as Java does not', async () => {
    const { keys, certificates } = await parsePkcs12(store('openssl-nokeys'), { passphrase })
    assert.deepEqual(keys, [])
    assert.deepEqual(
      certificates.map(({ alias, trusted }) => [alias, trusted]),
      [[undefined, false]],
    )
  })

  it('says which bags it passed over', async () => {
    const { unread } = await parsePkcs12(store('keytool-secret'), { passphrase })
    assert.deepEqual(unread, ['1.2.840.113549.1.12.10.1.5'])
  })

  it('reads PBMAC1, as RFC 9579 appendix A.1 has it', async () => {
    const { keys } = await parsePkcs12(store('rfc9579-a1'), { passphrase: '1234' })
    assert.equal(keys[0]?.chain.length, 1)
    await assert.rejects(parsePkcs12(store('rfc9579-a1'), { passphrase: '12345' }), {
      reason: 'keystore-passphrase-wrong',
    })
  })

  for (const name of ['openssl-legacy', 'keytool-legacy']) {
    it(`refuses RC2 (${name}) with the command that converts it`, async () => {
      await assert.rejects(parsePkcs12(store(name), { passphrase }), {
        code: 'HF-X126',
        reason: 'keystore-cipher-unavailable',
        details: { cipher: 'rc2-40-cbc' },
        hint: /openssl pkcs12 -legacy -in OLD\.p12 .*&& openssl pkcs12 -export .*-out NEW\.p12/,
      })
    })
  }

  it('tells a wrong passphrase from a missing one, and repeats neither', async () => {
    const secret = 'not the passphrase'
    for (const name of ['openssl', 'openssl-3des', 'openssl-plain', 'keytool', 'rfc9579-a1']) {
      await assert.rejects(parsePkcs12(store(name), { passphrase: secret }), (error) => {
        assert.ok(error instanceof Error)
        assert.equal('reason' in error && error.reason, 'keystore-passphrase-wrong')
        assert.ok(!inspect(error, { depth: 10, showHidden: true }).includes(secret))
        assert.equal(error.cause, undefined)
        return true
      })
      await assert.rejects(parsePkcs12(store(name)), { reason: 'keystore-passphrase-missing' })
    }
  })

  it('refuses a file without a MAC when a passphrase is given', async () => {
    for (const name of ['openssl-without-mac', 'openssl-without-passphrase'])
      await assert.rejects(parsePkcs12(store(name), { passphrase }), {
        reason: 'keystore-mac-missing',
      })
  })

  it('decrypts nothing without a MAC', async () => {
    await assert.rejects(parsePkcs12(store('openssl-without-mac')), {
      reason: 'keystore-mac-missing',
    })
  })

  it('names the key that another passphrase protects', async () => {
    await assert.rejects(
      parsePkcs12(store('openssl'), { passphrase, keyPassphrase: 'another' }),
      (error) => {
        assert.ok(error instanceof Error)
        assert.equal('reason' in error && error.reason, 'keystore-key-passphrase-wrong')
        assert.match(error.message, /"Web"/)
        return true
      },
    )
    await parsePkcs12(store('openssl'), { passphrase, keyPassphrase: passphrase })
  })

  it('refuses what is another format', async () => {
    for (const file of ['keys/ec-p256-pkcs8.pem', 'forms/plain.der', 'stores/keytool.jks'])
      await assert.rejects(parsePkcs12(golden(file), { passphrase }), {
        reason: 'keystore-malformed',
      })
  })
})

describe('keyStoreFormat()', () => {
  it('knows each store, and nothing else', () => {
    assert.equal(keyStoreFormat(store('openssl')), 'pkcs12')
    assert.equal(keyStoreFormat(store('keytool')), 'pkcs12')
    assert.equal(keyStoreFormat(golden('stores/keytool.jks')), 'jks')
    assert.equal(keyStoreFormat(golden('stores/keytool.jceks')), 'jceks')
    for (const file of ['forms/plain.der', 'keys/rsa-2048-pkcs8.der', 'keys/ec-p256-sec1.der'])
      assert.equal(keyStoreFormat(golden(file)), undefined)
    assert.equal(keyStoreFormat(new Uint8Array(0)), undefined)
  })
})
