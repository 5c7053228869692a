import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { describe, it } from 'node:test'
import { name, openHierarchy, passphrase } from './authority-fixture.test.ts'
import type { Bench } from './authority-fixture.test.ts'
import type { Issuer as IssuerRow } from '../store/store.ts'
import { KeyRing } from './key-ring.ts'

async function readRow({ store }: Bench, label: string): Promise<IssuerRow> {
  const row = await store.transaction(async (tx) => tx.issuers.byName(label))
  assert.ok(row !== undefined)
  return row
}

describe('KeyRing', () => {
  it('keeps keys as PKCS#8 encrypted with scrypt, that openssl could open', async (t) => {
    const { privateKeyPem } = await readRow(await openHierarchy(t), 'root')
    assert.match(privateKeyPem ?? '', /^-----BEGIN ENCRYPTED PRIVATE KEY-----/)
    const der = Buffer.from((privateKeyPem ?? '').split('\n').slice(1, -2).join(''), 'base64')
    // The OID of scrypt, 1.3.6.1.4.1.11591.4.11.
    assert.ok(der.includes(Buffer.from('06092b06010401da47040b', 'hex')))
    const key = createPrivateKey({ key: privateKeyPem ?? '', passphrase })
    assert.equal(key.asymmetricKeyDetails?.namedCurve, 'secp384r1')
  })

  it('asks for the passphrase once while a key is open', async (t) => {
    const row = await readRow(await openHierarchy(t), 'issuing')
    let asked = 0
    const ring = new KeyRing(async () => {
      asked += 1
      return Promise.resolve(passphrase)
    })
    const [first, second] = await Promise.all([ring.open(row), ring.open(row)])
    assert.equal(first, second)
    assert.equal(asked, 1)
    ring.close()
    await assert.rejects(ring.open(row), { reason: 'authority-closed' })
  })

  it('refuses a wrong passphrase, and takes the right one afterwards', async (t) => {
    const row = await readRow(await openHierarchy(t), 'issuing')
    let answer = 'not the passphrase'
    const ring = new KeyRing(() => answer)
    await assert.rejects(ring.open(row), { reason: 'passphrase-wrong' })
    answer = passphrase
    await ring.open(row)
  })

  it('refuses a key that is not the key of the certificate beside it', async (t) => {
    const bench = await openHierarchy(t)
    const root = await readRow(bench, 'root')
    const issuing = await readRow(bench, 'issuing')
    const swapped = { ...issuing, privateKeyPem: root.privateKeyPem }
    await assert.rejects(new KeyRing(() => passphrase).open(swapped), {
      reason: 'issuer-key-mismatch',
    })
  })

  it('refuses to sign where there is no key', async (t) => {
    const row = await readRow(await openHierarchy(t), 'issuing')
    await assert.rejects(new KeyRing(() => passphrase).open({ ...row, privateKeyPem: null }), {
      reason: 'issuer-key-absent',
    })
  })
})

describe('a wrong passphrase', () => {
  it('stops issuance before anything is stored', async (t) => {
    const { again, store } = await openHierarchy(t)
    await assert.rejects(
      again('not the passphrase').issue({
        issuer: 'issuing',
        profile: 'client',
        subject: name('CN=a'),
      }),
      { reason: 'passphrase-wrong' },
    )
    const rows = await store.transaction(async (tx) => tx.certificates.list())
    assert.deepEqual(
      rows.map(({ profile }) => profile),
      ['intermediate'],
    )
  })
})
