import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { encodeCertificatePem, encodePrivateKeyPem, parsePrivateKey } from '@handfast/kit/x509'
import { golden, goldenPath, testAuthority, validNow } from '../../../test/certificates.ts'
import type { TestIdentity } from '../../../test/certificates.ts'
import {
  assertRefused,
  jsonField,
  runEach,
  runProgram,
  temporaryFolder,
} from '../../../test/run-program.ts'

const env = { HANDFAST_PASSPHRASE: 'correct horse battery staple' }

async function writeIdentity(folder: string, { certificate, key }: TestIdentity): Promise<void> {
  await writeFile(join(folder, 'ca.crt'), encodeCertificatePem(certificate))
  await writeFile(join(folder, 'ca.key'), encodePrivateKeyPem(key))
  await writeFile(
    join(folder, 'both.pem'),
    encodePrivateKeyPem(key) + encodeCertificatePem(certificate),
  )
}

async function importFolder(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t)
  await writeIdentity(cwd, await testAuthority({ ...validNow, subject: 'CN=127.0.0.1' }))
  return cwd
}

test('ca import takes over the encrypted RSA 4096 root of the workshop', async (t) => {
  const cwd = await temporaryFolder(t)
  const key = goldenPath('workshop/client_c_root_ca.key')
  const { certificate } = await testAuthority({
    ...validNow,
    key: parsePrivateKey(golden('workshop/client_c_root_ca.key'), {
      passphrase: 'fixture-client-c',
    }),
    subject:
      '/C=FR/ST=Iles-De-France/L=Paris/O=Client C Organization/OU=IT Department/CN=Client C Root CA',
    extensions: { keyUsage: undefined },
  })
  await writeFile(join(cwd, 'root.crt'), encodeCertificatePem(certificate))
  await writeFile(join(cwd, 'old.passphrase'), 'fixture-client-c\n')
  const args = ['ca', 'import', '--label', 'client-c', '--certificate', 'root.crt', '--key', key]
  const [wrong, none] = await runEach([
    { args, cwd, env: { ...env, HANDFAST_KEY_PASSPHRASE: 'wrong' } },
    { args, cwd, env },
  ])
  assertRefused(wrong, { status: 1, code: 'HF-X112' })
  assert.match(wrong?.stderr ?? '', /client_c_root_ca\.key/)
  assertRefused(none, { status: 1, code: 'HF-X111' })
  assert.match(none?.stderr ?? '', /^hint: .*--key-passphrase-file/m)
  assert.deepEqual((await readdir(cwd)).toSorted(), ['old.passphrase', 'root.crt'])

  const run = await runProgram([...args, '--key-passphrase-file', 'old.passphrase', '--json'], {
    cwd,
    env,
  })
  assert.equal(run.status, 0, run.stderr)
  assert.equal(jsonField(run, 'issuer', 'kind'), 'root')
  assert.equal(jsonField(run, 'issuer', 'key'), 'RSA 4096')
  assert.equal(jsonField(run, 'warnings', 0, 'what'), 'keyUsage')
  assert.ok(!(run.stdout + run.stderr).includes('fixture-client-c'))
})

test('ca import takes over a combined file, as the one-name guide makes them', async (t) => {
  const cwd = await importFolder(t)
  const args = ['ca', 'import', '--label', 'workshop', '--certificate', 'both.pem', '--json']
  const [run, again] = await runEach([
    { args, cwd, env },
    { args, cwd, env },
  ])
  assert.ok(run && again)
  assert.equal(run.status, 0, run.stderr)
  assert.equal(jsonField(run, 'issuer', 'hasKey'), true)
  assert.equal(jsonField(again, 'error', 'code'), 'HF-A102')
})

test('ca import takes over an intermediate with the chain above it', async (t) => {
  const cwd = await temporaryFolder(t)
  const files = ['--certificate', goldenPath('certificates/rsa-intermediate.crt')]
  const key = ['--key', goldenPath('keys/rsa-2048-pkcs1-encrypted.pem')]
  const args = ['ca', 'import', '--label', 'issuing', ...files, ...key, '--json']
  const secrets = { ...env, HANDFAST_KEY_PASSPHRASE: 'fixture-key' }
  const chain = ['--chain', goldenPath('certificates/ec-root.crt')]
  const [alone, run] = await runEach([
    { args, cwd, env: secrets },
    { args: [...args, ...chain], cwd, env: secrets },
  ])
  assert.ok(run && alone)
  assert.equal(jsonField(alone, 'error', 'code'), 'HF-A107')
  assert.equal(run.status, 0, run.stderr)
  assert.equal(jsonField(run, 'issuer', 'kind'), 'intermediate')
})

const refusals: readonly (readonly [string, readonly string[], string])[] = [
  [
    'a mismatched key',
    ['--certificate', 'ca.crt', '--key', goldenPath('keys/ec-p256-pkcs8.pem')],
    'HF-A105',
  ],
  ['a leaf', ['--certificate', 'leaf.pem'], 'HF-A106'],
  ['garbage', ['--certificate', 'garbage', '--key', 'ca.key'], 'HF-X104'],
  ['a key for a certificate', ['--certificate', 'ca.key'], 'HF-X104'],
  ['a certificate for a key', ['--certificate', 'ca.crt'], 'HF-X110'],
  ['a missing file', ['--certificate', 'missing'], 'HF-U102'],
  ['a folder', ['--certificate', '.'], 'HF-U102'],
  ['a malformed label', ['--certificate', 'both.pem', '--label', '-'], 'HF-A110'],
]

test('ca import refuses, and takes over nothing', async (t) => {
  const cwd = await importFolder(t)
  await writeFile(join(cwd, 'garbage'), 'garbage')
  const leaf = await testAuthority({ ...validNow, extensions: { basicConstraints: { ca: false } } })
  const pair = encodePrivateKeyPem(leaf.key) + encodeCertificatePem(leaf.certificate)
  await writeFile(join(cwd, 'leaf.pem'), pair)
  const command = ['ca', 'import', '--label', 'x']
  const runs = await runEach([
    ...refusals.map(([, args]) => ({ args: [...command, ...args], cwd, env })),
    { args: ['ca', 'list'], cwd },
  ])
  for (const [index, [what, , code]] of refusals.entries()) {
    await t.test(`${what}: ${code}`, () => assertRefused(runs[index], { status: 1, code }))
  }
  assert.deepEqual([runs.at(-1)?.status, runs.at(-1)?.stdout], [0, ''])
})
