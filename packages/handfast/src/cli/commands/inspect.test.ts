import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { chmod, copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodeCertificatePem, encodeName } from '@handfast/kit/x509'
import { golden, goldenPath, testAuthority } from '../../../test/certificates.ts'
import { jsonField, runEach, runProgram, temporaryFolder } from '../../../test/run-program.ts'
import type { ProgramRun } from '../../../test/run-program.ts'

function reasons(run: ProgramRun, ...path: readonly (string | number)[]): readonly unknown[] {
  const warnings = jsonField(run, 'files', 0, ...path, 'warnings')
  return Array.isArray(warnings)
    ? warnings.map((warning: { readonly reason: string }) => warning.reason)
    : []
}

test('inspect names the traps of the one-name guide’s combined file, and shows nothing of its key', async (t) => {
  const cwd = await temporaryFolder(t)
  const file = join(cwd, 'pair.pem')
  await copyFile(goldenPath('one-name/server-key-pair.pem'), file)
  await chmod(file, 0o644)
  const [run, text] = await runEach([
    { args: ['inspect', 'pair.pem', '--json'], cwd },
    { args: ['inspect', 'pair.pem'], cwd },
  ])
  assert.ok(run && text)
  assert.equal(run.status, 0, run.stderr)
  assert.deepEqual(reasons(run), ['key-readable-by-others'])
  assert.equal(jsonField(run, 'files', 0, 'items', 0, 'type'), 'private-key')
  assert.equal(jsonField(run, 'files', 0, 'items', 1, 'subject'), 'CN=127.0.0.1')
  assert.deepEqual(jsonField(run, 'files', 0, 'items', 1, 'names'), ['IP:127.0.0.1'])
  assert.equal(
    jsonField(run, 'files', 0, 'items', 0, 'keyFingerprint'),
    jsonField(run, 'files', 0, 'items', 1, 'keyFingerprint'),
  )
  const found = reasons(run, 'items', 1)
  assert.ok(
    found.includes('purpose-absent') && found.includes('subject-equals-issuer'),
    found.join(),
  )
  const body = readFileSync(file, 'utf8').split('\n')[3] ?? ''
  assert.ok(body.length === 64)
  assert.ok(![run, text].some(({ stdout, stderr }) => (stdout + stderr).includes(body)))
})

test('inspect reads PEM and DER of everything, and says what is encrypted without a passphrase', async (t) => {
  const cwd = await temporaryFolder(t)
  const names = [
    'workshop/client_c_root_ca.key',
    'requests/greedy.csr',
    'forms/plain.der',
    'choreo-backend/mg.pem',
  ]
  const run = await runProgram(['inspect', ...names.map(goldenPath), '--json'], { cwd })
  assert.equal(run.status, 0, run.stderr)
  const item = (index: number, key: string): unknown =>
    jsonField(run, 'files', index, 'items', 0, key)
  assert.equal(item(0, 'encryption'), 'PKCS#8 (PBKDF2)')
  assert.equal(item(0, 'key'), null)
  assert.equal(item(1, 'type'), 'request')
  assert.equal(item(2, 'kind'), 'root')
  assert.match(String(item(2, 'fingerprint')), /^[0-9a-f]{64}$/)
  assert.deepEqual(item(3, 'extendedKeyUsage'), ['serverAuth', 'clientAuth'])
})

test('inspect goes on after a file that it cannot read, and ends with status 1', async (t) => {
  const cwd = await temporaryFolder(t)
  await writeFile(join(cwd, 'garbage'), 'garbage')
  const der = golden('forms/plain.der')
  await writeFile(join(cwd, 'truncated.der'), der.subarray(0, 200))
  const files = ['missing', '.', 'garbage', 'truncated.der', goldenPath('forms/plain.crt')]
  const [run, text] = await runEach([
    { args: ['inspect', ...files, '--json'], cwd },
    { args: ['inspect', ...files], cwd },
  ])
  assert.ok(run && text)
  assert.equal(run.status, 1)
  const codes = files.map((_, index) => jsonField(run, 'files', index, 'error', 'code'))
  assert.deepEqual(codes, ['HF-U102', 'HF-U102', 'HF-X101', 'HF-X101', undefined])
  assert.equal(text.status, 1)
  assert.match(text.stdout, /CN=forms\.example/)
  assert.equal(text.stderr.match(/^hint: /gm)?.length, 4)
})

test('inspect keeps control characters of certificates and file names from the terminal', async (t) => {
  const cwd = await temporaryFolder(t)
  const value = 'red \u001b[31m \u009b31m \u202e end\r\n'
  const subject = encodeName([[{ type: '2.5.4.3', value, tag: 0x0c }]])
  const authority = await testAuthority()
  const { certificate } = await authority.issue({ subject })
  const file = 'evil\u001b[2J.crt'
  await writeFile(join(cwd, file), encodeCertificatePem(certificate))
  const run = await runProgram(['inspect', file, 'missing\u001b[2J'], { cwd })
  assert.equal(run.status, 1)
  assert.match(run.stdout, /CN=red \\1B\[31m/)
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  assert.doesNotMatch(run.stdout + run.stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
})

test('inspect reads standard input', async (t) => {
  const cwd = await temporaryFolder(t)
  const input = golden('forms/plain.der')
  const run = await runProgram(['inspect', '-'], { cwd, input })
  assert.equal(run.status, 0, run.stderr)
  assert.match(run.stdout, /^standard input\n/)
})
