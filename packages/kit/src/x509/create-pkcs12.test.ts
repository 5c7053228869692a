import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSecureContext } from 'node:tls'
import fc from 'fast-check'
import { testAuthority, testKey } from '../../test/certificates.ts'
import { createPkcs12, createPkcs12TrustStore } from './create-pkcs12.ts'
import { parsePkcs12 } from './pkcs12.ts'

const root = testAuthority()
const intermediate = root.intermediate()
const leaf = intermediate.issue()
const chain = [leaf.certificate, intermediate.certificate, root.certificate]
const passphrase = 'pass phrase'
const iterations = 10_000

const invalid = { code: 'HF-X128', reason: 'keystore-entry-invalid' }
const anyPassphrase = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 })
const anyAlias = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((text) => text.trim() !== '' && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text))

describe('createPkcs12()', () => {
  it('is read by parsePkcs12(), whatever alias and passphrase', async () => {
    await fc.assert(
      fc.asyncProperty(anyAlias, anyPassphrase, async (alias, secret) => {
        const options = { passphrase: secret, iterations }
        const made = await createPkcs12({ key: leaf.key, chain, alias, ...options })
        const { keys, certificates } = await parsePkcs12(made, options)
        assert.ok(keys[0]?.key.equals(leaf.key))
        assert.equal(keys[0]?.alias, alias)
        assert.deepEqual(
          keys[0]?.chain.map(({ der }) => Buffer.from(der)),
          chain.map(({ der }) => Buffer.from(der)),
        )
        assert.deepEqual(certificates, [])
      }),
      { numRuns: 15 },
    )
  })

  it('opens as the pfx of a TLS context with its passphrase alone', async () => {
    const pfx = Buffer.from(await createPkcs12({ key: leaf.key, chain, alias: 'web', passphrase }))
    createSecureContext({ pfx, passphrase })
    assert.throws(() => createSecureContext({ pfx, passphrase: 'another' }), /mac verify failure/)
  })

  it('never writes the same bytes twice', async () => {
    const identity = { key: leaf.key, chain, alias: 'web', passphrase, iterations }
    assert.notDeepEqual(await createPkcs12(identity), await createPkcs12(identity))
  })

  it('refuses a chain that does not begin with the certificate of the key', async () => {
    const other = { alias: 'web', passphrase, iterations }
    for (const wrong of [[], chain.toReversed()])
      await assert.rejects(createPkcs12({ key: leaf.key, chain: wrong, ...other }), invalid)
    await assert.rejects(createPkcs12({ key: testKey(), chain, ...other }), invalid)
  })

  it('refuses a passphrase that Java would not take, and iterations out of range', async () => {
    const identity = { key: leaf.key, chain, alias: 'web', passphrase }
    for (const secret of ['', 'pässphrase', 'tab\t'])
      await assert.rejects(createPkcs12({ ...identity, passphrase: secret }), TypeError)
    await assert.rejects(createPkcs12({ ...identity, passphrase: 'x'.repeat(1025) }), RangeError)
    for (const wrong of [9999, 5_000_001, 10_000.5])
      await assert.rejects(createPkcs12({ ...identity, iterations: wrong }), RangeError)
  })
})

describe('createPkcs12TrustStore()', () => {
  it('is read by parsePkcs12() as trusted, in order', async () => {
    const made = await createPkcs12TrustStore(
      chain.map((certificate) => ({ certificate })),
      { passphrase },
    )
    const { keys, certificates } = await parsePkcs12(made, { passphrase })
    assert.deepEqual(keys, [])
    assert.deepEqual(
      certificates.map(({ certificate, alias, trusted }) => [
        Buffer.from(certificate.der),
        alias,
        trusted,
      ]),
      [
        [Buffer.from(leaf.certificate.der), 'leaf', true],
        [Buffer.from(intermediate.certificate.der), 'test intermediate', true],
        [Buffer.from(root.certificate.der), 'test root', true],
      ],
    )
  })

  it('numbers the aliases that it makes, around those that are given', async () => {
    const entries = [
      { certificate: root.certificate },
      { certificate: root.certificate, alias: 'Test Root' },
      { certificate: root.certificate },
      { certificate: testAuthority({ subject: 'O=No Common Name' }).certificate },
    ]
    const made = await createPkcs12TrustStore(entries, { passphrase })
    const { certificates } = await parsePkcs12(made, { passphrase })
    const aliases = certificates.map(({ alias }) => alias)
    assert.deepEqual(aliases.slice(0, 3), ['test root-2', 'Test Root', 'test root-3'])
    assert.match(aliases[3] ?? '', /^[0-9a-f]{16}$/)
  })

  it('refuses an empty store, an alias given twice, and one that is none', async () => {
    const { certificate } = root
    const wrong = [
      [],
      [
        { certificate, alias: 'root' },
        { certificate, alias: 'ROOT' },
      ],
      ...['', ' ', 'a\nb', '\u001b[31m', 'x'.repeat(256), '\ud800'].map((alias) => [
        { certificate, alias },
      ]),
    ]
    for (const entries of wrong)
      await assert.rejects(createPkcs12TrustStore(entries, { passphrase }), invalid)
  })
})
