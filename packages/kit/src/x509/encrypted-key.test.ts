import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { describe, it } from 'node:test'
import { testKey } from '../../test/certificates.ts'
import { DerReader, tags } from './der-reader.ts'
import { oidText, smallInteger } from './der-values.ts'
import { encryptPrivateKeyPem } from './encrypted-key.ts'
import { parsePrivateKey } from './keys.ts'
import { parsePem } from './pem.ts'

const key = testKey()
const passphrase = 'pässphrase 🔑'

describe('encryptPrivateKeyPem()', () => {
  it('is opened by node, by parsePrivateKey(), and by nothing but its passphrase', async () => {
    const pem = await encryptPrivateKeyPem(key, passphrase)
    assert.ok(createPrivateKey({ key: pem, passphrase }).equals(key))
    assert.ok(parsePrivateKey(pem, { passphrase }).equals(key))
    assert.throws(() => parsePrivateKey(pem, { passphrase: 'passphrase' }), {
      reason: 'key-passphrase-wrong',
    })
    assert.throws(() => parsePrivateKey(pem), { reason: 'key-passphrase-missing' })
  })

  it('is scrypt (N 16384, r 8, p 5) and AES-256-CBC, with a salt and an IV of 16 octets', async () => {
    const [block] = parsePem(await encryptPrivateKeyPem(key, passphrase))
    assert.equal(block?.label, 'ENCRYPTED PRIVATE KEY')
    const outer = new DerReader(block.der).enter()
    const algorithm = outer.enter()
    assert.equal(oidText(algorithm.read(tags.oid)), '1.2.840.113549.1.5.13')
    const scheme = algorithm.enter()
    const derivation = scheme.enter()
    assert.equal(oidText(derivation.read(tags.oid)), '1.3.6.1.4.1.11591.4.11')
    const parameters = derivation.enter()
    assert.equal(parameters.read(tags.octetString).content.length, 16)
    const numbers = [1, 2, 3, 4].map(() => smallInteger(parameters.read(tags.integer)))
    assert.deepEqual(numbers, [16_384, 8, 5, 32])
    const encryption = scheme.enter()
    assert.equal(oidText(encryption.read(tags.oid)), '2.16.840.1.101.3.4.1.42')
    assert.equal(encryption.read(tags.octetString).content.length, 16)
    outer.read(tags.octetString)
    for (const reader of [parameters, derivation, encryption, scheme, algorithm, outer])
      reader.finish()
  })

  it('never writes the same salt, IV or bytes twice', async () => {
    const [first, second] = [
      await encryptPrivateKeyPem(key, passphrase),
      await encryptPrivateKeyPem(key, passphrase),
    ]
    assert.notEqual(first, second)
  })

  it('refuses an empty passphrase, and one that OpenSSL could not read again', async () => {
    await assert.rejects(encryptPrivateKeyPem(key, ''), TypeError)
    await assert.rejects(encryptPrivateKeyPem(key, 'x'.repeat(1025)), RangeError)
    const longest = 'x'.repeat(1024)
    const pem = await encryptPrivateKeyPem(key, longest)
    assert.ok(parsePrivateKey(pem, { passphrase: longest }).equals(key))
  })
})
