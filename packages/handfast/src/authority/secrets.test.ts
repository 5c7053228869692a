import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { golden, name, openHierarchy, passphrase, san } from './authority-fixture.test.ts'

const importPassphrase = 'fixture-client-c'
const wrongPassphrase = 'wrong-but-secret-all-the-same'

/** How a secret could show: as text, or as its bytes in any usual form. */
function shapes(secret: Buffer): readonly string[] {
  const hex = secret.toString('hex')
  return [
    secret.toString('latin1'),
    hex,
    // As node:util prints a Buffer, and a Uint8Array on lines of twelve.
    (hex.match(/../g) ?? []).join(' '),
    secret.subarray(0, 12).join(', '),
    secret.toString('base64').slice(0, 40),
  ]
}

function everything(value: unknown): string {
  const options = { depth: 20, maxStringLength: null, maxArrayLength: null, showHidden: true }
  return inspect(value, options).replaceAll(/,\s+/g, ', ')
}

/** The private number, also as it stands in PEM, where base64 groups may start before it. */
function keyShapes(key: KeyObject): readonly string[] {
  const { d = '' } = key.export({ format: 'jwk' })
  const bytes = Buffer.from(d, 'base64url')
  const inPem = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(4, 44),
  )
  return [...shapes(bytes), ...inPem, d]
}

describe('secrets', () => {
  it('would be found by this test in any of the ways they could show', () => {
    const secret = Buffer.from('0123456789abcdef0123456789abcdef', 'latin1')
    const leaks = [
      { a: { b: secret } },
      [Uint8Array.from(secret)],
      new Error(secret.toString('hex')),
    ]
    for (const leak of leaks) {
      assert.ok(shapes(secret).some((shape) => everything(leak).includes(shape)))
    }
  })

  it('are in no error, audit row, event, or listed issuer', async (t) => {
    const { authority, again, store, events } = await openHierarchy(t)
    const key = golden('workshop/client_c_root_ca.key')
    const imported = { label: 'c', certificates: golden('workshop/client_c_root_ca.crt'), key }
    const client = { issuer: 'issuing', profile: 'client' }
    const errors: unknown[] = []
    const attempts: readonly (() => Promise<unknown>)[] = [
      () => authority.importIssuer(imported),
      () => authority.importIssuer({ ...imported, passphrase: wrongPassphrase }),
      () =>
        authority.importIssuer({ ...imported, passphrase: importPassphrase, certificates: key }),
      () =>
        authority.importIssuer({
          ...imported,
          passphrase: importPassphrase,
          certificates: golden('workshop/client_b_root_ca.crt'),
        }),
      () => again(wrongPassphrase).issue({ ...client, subject: name('CN=a') }),
      () => again(wrongPassphrase).initRoot({ label: 'x', name: name('CN=X') }),
      () => authority.signCsr({ ...client, csr: golden('requests/key-and-request.pem') }),
      () => authority.signCsr({ ...client, csr: golden('keys/ec-p256-pkcs8.pem') }),
    ]
    for (const attempt of attempts) {
      await assert.rejects(attempt, (error) => errors.push(error) > 0)
    }
    await authority.importIssuer({ ...imported, passphrase: importPassphrase })
    const issued = await authority.issue({
      ...client,
      profile: 'server',
      subject: name('CN=web'),
      subjectAltNames: san('DNS:web.example'),
    })
    await authority.signCsr({
      issuer: 'c',
      profile: 'server',
      csr: golden('requests/key-and-request.pem'),
    })

    const { audit, stored } = await store.transaction(async (tx) => ({
      audit: await tx.audit.list(),
      stored: await tx.issuers.list(),
    }))
    const { privateKey, ...shown } = issued
    const said = everything([errors, audit, events, await authority.list(), shown, authority])
    const issuerKeys = stored.map(({ privateKeyPem }) =>
      createPrivateKey({ key: privateKeyPem ?? '', passphrase }),
    )
    const secrets = [
      passphrase,
      importPassphrase,
      wrongPassphrase,
      ...[...issuerKeys, privateKey, createPrivateKey(golden('keys/ec-p256-pkcs8.pem'))].flatMap(
        keyShapes,
      ),
      ...stored.map(({ privateKeyPem }) => (privateKeyPem ?? '').split('\n')[2] ?? ''),
    ]
    assert.equal(stored.length, 3)
    for (const secret of secrets) {
      assert.ok(secret.length >= 16)
      assert.ok(!said.includes(secret), 'a secret was said')
    }
    assert.ok(said.includes('HF-A112'))
  })
})
