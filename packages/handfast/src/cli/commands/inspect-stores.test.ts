import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { golden, goldenPath } from '../../../test/certificates.ts'
import { jsonField, runEach, temporaryFolder } from '../../../test/run-program.ts'
import type { ProgramRun } from '../../../test/run-program.ts'

const env = { HANDFAST_STORE_PASSPHRASE: 'fixture-key' }
const storePath = (name: string): string => goldenPath(`stores/${name}`)

function entries(run: ProgramRun | undefined, file: number): readonly unknown[] {
  assert.ok(run)
  const items = jsonField(run, 'files', file, 'items') as readonly { readonly entry: object }[]
  return items.map(({ entry }) => Object.values(entry).join(' '))
}

function warnings(run: ProgramRun | undefined, file: number): readonly string[] {
  assert.ok(run)
  const found = jsonField(run, 'files', file, 'warnings') as readonly { readonly reason: string }[]
  return found.map(({ reason }) => reason).filter((reason) => reason !== 'key-readable-by-others')
}

test('inspect opens PKCS#12, JKS and JCEKS, and says what each entry is', async (t) => {
  const cwd = await temporaryFolder(t)
  for (const [name, secret] of [
    ['store', 'fixture-key\n'],
    ['entry', 'fixture-entry\n'],
  ] as const) {
    await writeFile(join(cwd, name), secret, { mode: 0o600 })
  }
  const secrets = ['--passphrase-file', 'store', '--key-passphrase-file', 'entry']
  const pkcs12 = ['keytool.p12', 'openssl-nokeys.p12', 'keytool-secret.p12'].map(storePath)
  const [run, jks, text] = await runEach([
    { args: ['inspect', ...pkcs12, storePath('keytool.jceks'), '--json'], cwd, env },
    { args: ['inspect', storePath('keytool.jks'), ...secrets, '--json'], cwd },
    { args: ['inspect', storePath('keytool.jks'), ...secrets], cwd },
  ])
  assert.equal(run?.status, 0, run?.stderr)
  assert.deepEqual(
    [0, 1, 2, 3].map((file) => jsonField(run, 'files', file, 'store')),
    ['PKCS#12', 'PKCS#12', 'PKCS#12', 'JCEKS'],
  )
  assert.deepEqual(entries(run, 0), ['server key', 'server chain', 'EC Root trusted'])
  assert.deepEqual(entries(run, 1), [' certificate'])
  assert.deepEqual(entries(run, 3), ['ec root trusted'])
  assert.deepEqual(warnings(run, 1), ['trust-mark-absent'])
  assert.deepEqual(warnings(run, 2), ['store-empty', 'entries-unread'])
  assert.deepEqual(entries(jks, 0), ['server key', 'server chain', 'ec root trusted'])
  assert.deepEqual(warnings(jks, 0), ['encryption-weak'])
  assert.match(
    text?.stdout ?? '',
    /private key, "server"[^]*in the chain of key "server"[^]*marked/,
  )
  const said = [run, jks, text].map((each) => `${each?.stdout}${each?.stderr}`).join()
  assert.ok(!said.includes('fixture-key\n') && !said.includes('fixture-entry'))
})

test('inspect refuses each store that it cannot open with a code and a hint, and goes on', async (t) => {
  const cwd = await temporaryFolder(t)
  await writeFile(join(cwd, 'cut.p12'), golden('stores/keytool.p12').subarray(0, 900))
  await writeFile(join(cwd, 'cut.jks'), golden('stores/keytool.jks').subarray(0, 300))
  const unread = [
    ['cut.p12', 'HF-X120'],
    ['cut.jks', 'HF-X122'],
    [storePath('openssl-3des-utf8.p12'), 'HF-X122'],
    [storePath('keytool.jks'), 'HF-X123'],
    [storePath('openssl-without-mac.p12'), 'HF-X124'],
    [storePath('keytool-keys.jceks'), 'HF-X127'],
  ] as const
  const files = [...unread.map(([file]) => file), goldenPath('forms/plain.crt')]
  const [run, bare, empty, missing] = await runEach([
    { args: ['inspect', ...files, '--json'], cwd, env },
    { args: ['inspect', storePath('keytool.jks'), storePath('keytool.p12')], cwd },
    { args: ['inspect', storePath('openssl-empty.p12'), '--json'], cwd },
    { args: ['inspect', storePath('keytool.p12'), '--passphrase-file', 'none', '--json'], cwd },
  ])
  assert.equal(run?.status, 1)
  for (const [index, [file, code]] of unread.entries()) {
    assert.equal(jsonField(run, 'files', index, 'error', 'code'), code, file)
    assert.ok(jsonField(run, 'files', index, 'error', 'hint'), file)
  }
  assert.equal(jsonField(run, 'files', unread.length, 'error'), undefined)
  assert.equal(bare?.status, 1)
  assert.deepEqual(bare.stderr.match(/\[HF-X\d+\]/g), ['[HF-X121]', '[HF-X121]'])
  assert.equal(bare.stderr.match(/--passphrase-file/g)?.length, 2)
  assert.equal(empty?.status, 0, empty?.stderr)
  assert.equal(missing?.status, 1)
  assert.equal(jsonField(missing, 'error', 'code'), 'HF-U102')
})

test('inspect warns of a store with a key that others may read', async (t) => {
  const cwd = await temporaryFolder(t)
  const file = join(cwd, 'web.p12')
  await writeFile(file, golden('stores/keytool.p12'))
  await chmod(file, 0o644)
  const [run] = await runEach([{ args: ['inspect', 'web.p12'], cwd, env }])
  assert.match(run?.stdout ?? '', /chmod 600/)
})
