import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bmpPassphrase, derivePkcs12, pkcs12Purposes } from './pkcs12-kdf.ts'

const { key, iv } = pkcs12Purposes

describe('derivePkcs12()', () => {
  // From OpenSSL's own tests (evpkdf_pkcs12.txt), which no other part of these tests uses.
  const vectors = [
    ['smeg', '0a58cf64530d823f', key, 1, '8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3'],
    ['smeg', '0a58cf64530d823f', iv, 1, '79993dfe048d3b76'],
    ['queeg', '05dec959acff72f7', key, 1000, 'ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4'],
    ['queeg', '05dec959acff72f7', iv, 1000, '11dedad7758d4860'],
  ] as const

  for (const [passphrase, salt, purpose, iterations, expected] of vectors) {
    it(`derives ${expected.length / 2} octets from "${passphrase}" as OpenSSL does`, async () => {
      const derived = await derivePkcs12(
        { digest: 'sha1', salt: Buffer.from(salt, 'hex'), iterations },
        { passphrase: bmpPassphrase(passphrase), purpose, length: expected.length / 2 },
      )
      assert.equal(derived.toString('hex'), expected)
    })
  }

  it('gives the event loop turns while it computes', async () => {
    let turns = 0
    const timer = setInterval(() => (turns += 1), 1)
    await derivePkcs12(
      { digest: 'sha256', salt: Buffer.from('salt'), iterations: 100_000 },
      { passphrase: bmpPassphrase('passphrase'), purpose: key, length: 32 },
    )
    clearInterval(timer)
    assert.ok(turns > 3, `${turns} turns`)
  })
})

describe('bmpPassphrase()', () => {
  it('writes UTF-16, big-endian, and two zero octets: RFC 7292 appendix B.1', () => {
    assert.equal(bmpPassphrase('Beavis').toString('hex'), '0042006500610076006900730000')
    assert.equal(bmpPassphrase('🔑').toString('hex'), 'd83ddd110000')
    assert.equal(bmpPassphrase('').toString('hex'), '0000')
  })
})
