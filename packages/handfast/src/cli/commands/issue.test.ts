import assert from 'node:assert/strict'
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findPaths, formatName, parseCertificates, parsePrivateKey } from '@handfast/kit/x509'
import { createIdentity } from '@handfast/kit/identity'
import {
  assertRefused,
  jsonField,
  makeFolder,
  removeFolder,
  runEach,
  runProgram,
  temporaryFolder,
} from '../../../test/run-program.ts'
import type { Refusal } from '../../../test/run-program.ts'
import { openSqliteStore } from '../../store/sqlite-store.ts'

const env = { HANDFAST_PASSPHRASE: 'correct horse battery staple' }
const issue = ['issue', '--subject', 'CN=web,O=Example', '--out', 'web']
const server = [
  ...issue,
  '--profile',
  'server',
  '--san',
  'DNS:web.example',
  '--san',
  'IP:127.0.0.1',
]

// Making an authority takes a second: each test gets a copy.
const authority = await makeFolder()
after(() => removeFolder(authority))

before(async () => {
  const run = await runProgram(['ca', 'init', '--organization', 'Example'], { cwd: authority, env })
  assert.equal(run.status, 0, run.stderr)
})

async function countIssued(folder: string): Promise<number> {
  await using store = await openSqliteStore({ file: join(folder, 'handfast-data', 'handfast.db') })
  return await store.transaction(async (tx) => (await tx.certificates.list()).length)
}

test('issue writes a chain, a private key and the root, which belong together', async (t) => {
  const cwd = await temporaryFolder(t, authority)
  const run = await runProgram([...server, '--days', '30', '--json'], { cwd, env })
  assert.equal(run.status, 0, run.stderr)
  assert.equal(jsonField(run, 'issuer'), 'example')
  assert.equal(jsonField(run, 'certificate', 'subject'), 'CN=web,O=Example')
  assert.deepEqual(jsonField(run, 'certificate', 'names'), ['DNS:web.example', 'IP:127.0.0.1'])
  assert.deepEqual(jsonField(run, 'certificate', 'extendedKeyUsage'), ['serverAuth'])
  assert.deepEqual(jsonField(run, 'files'), {
    certificate: 'web.crt',
    key: 'web.key',
    ca: 'web-ca.crt',
  })

  const chain = parseCertificates(await readFile(join(cwd, 'web.crt')))
  const key = await readFile(join(cwd, 'web.key'), 'utf8')
  createIdentity({ name: 'web', key: parsePrivateKey(key), chain })
  const [leaf, ...intermediates] = chain
  assert.ok(leaf)
  const roots = parseCertificates(await readFile(join(cwd, 'web-ca.crt')))
  const [path] = findPaths({ leaf, intermediates, roots, purpose: 'serverAuth', at: new Date() })
  assert.deepEqual(path?.faults, [])
  assert.equal((await stat(join(cwd, 'web.key'))).mode & 0o777, 0o600)
  const body = key.split('\n')[1] ?? ''
  assert.ok(body !== '' && !(run.stdout + run.stderr).includes(body))
})

test('issue describes the certificate on stdout, and speaks on stderr', async (t) => {
  const cwd = await temporaryFolder(t, authority)
  const args = [...issue, '--profile', 'client', '--algorithm', 'rsa-2048']
  const run = await runProgram(args, { cwd, env })
  assert.equal(run.status, 0, run.stderr)
  assert.match(run.stdout, /^subject +CN=web,O=Example$/m)
  assert.match(run.stdout, /^key +RSA 2048$/m)
  assert.match(run.stderr, /^Wrote web\.crt/m)
  assert.match(run.stderr, /^Next: /m)
})

test('issue replaces files with --force only', async (t) => {
  const cwd = await temporaryFolder(t, authority)
  await writeFile(join(cwd, 'web.key'), 'mine')
  const [refused] = await runEach([{ args: server, cwd, env }])
  assertRefused(refused, { status: 1, code: 'HF-U104' })
  assert.equal(await readFile(join(cwd, 'web.key'), 'utf8'), 'mine')
  assert.ok(!(await readdir(cwd)).includes('web.crt'))
  const run = await runProgram([...server, '--force'], { cwd, env })
  assert.equal(run.status, 0, run.stderr)
  assert.match(await readFile(join(cwd, 'web.key'), 'utf8'), /BEGIN PRIVATE KEY/)
})

test('issue signs with a root when it is named, and says when its end comes first', async (t) => {
  const cwd = await temporaryFolder(t, authority)
  const short = ['--root-days', '20', '--days', '10', '--label', 'short']
  const subjects = ['--root-subject', 'CN=Short Root', '--intermediate-subject', 'CN=Short Issuing']
  const [made, ambiguous, run] = await runEach([
    { args: ['ca', 'init', ...subjects, ...short], cwd, env },
    { args: server, cwd, env },
    { args: [...server, '--issuer', 'short-root'], cwd, env },
  ])
  assert.equal(made?.status, 0, made?.stderr)
  assertRefused(ambiguous, { status: 2, code: 'HF-U101' })
  assert.match(ambiguous?.stderr ?? '', /hint: Add --issuer with one of: example, short$/m)
  assert.equal(run?.status, 0, run?.stderr)
  assert.match(run.stderr, /^warning: valid until .*: the issuer ends first$/m)
  const [leaf] = parseCertificates(await readFile(join(cwd, 'web.crt')))
  assert.equal(leaf && formatName(leaf.issuer), 'CN=Short Root')
})

interface IssueRefusal extends Refusal {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const client = [...issue, '--profile', 'client']

const refusals: readonly IssueRefusal[] = [
  { args: [...issue, '--profile', 'sever'], status: 2, code: 'HF-U101' },
  { args: [...client, '--subject', 'web'], status: 2, code: 'HF-U101' },
  { args: [...client, '--san', 'IP:web'], status: 2, code: 'HF-U101' },
  { args: [...client, '--algorithm', 'dsa'], status: 2, code: 'HF-U101' },
  { args: [...client, '--days', 'x'], status: 2, code: 'HF-U101' },
  { args: [...client, '--out', 'folder/'], status: 2, code: 'HF-U101' },
  { args: [...issue, '--profile', 'server'], status: 1, code: 'HF-A141' },
  { args: [...client, '--days', '91'], status: 1, code: 'HF-A151' },
  {
    args: [...client, '--subject', 'CN=Example Issuing CA,O=Example'],
    status: 1,
    code: 'HF-A131',
  },
  { args: [...client, '--issuer', 'exmple'], status: 1, code: 'HF-A101' },
  { args: [...client, '--out', 'example-root.crt/web'], status: 1, code: 'HF-U103' },
  { args: [...client, '--data', 'nowhere'], status: 1, code: 'HF-U102' },
  { args: client, env: {}, status: 1, code: 'HF-U105' },
  { args: client, env: { HANDFAST_PASSPHRASE: 'wrong passphrase' }, status: 1, code: 'HF-A112' },
]

test('issue refuses, issues nothing and writes nothing', async (t) => {
  const cwd = await temporaryFolder(t, authority)
  await mkdir(join(cwd, 'folder'))
  const present = await readdir(cwd)
  const runs = await runEach(refusals.map((refusal) => ({ cwd, env, ...refusal })))
  for (const [index, refusal] of refusals.entries()) {
    await t.test(`${refusal.args.slice(5).join(' ')}: ${refusal.code}`, () =>
      assertRefused(runs[index], refusal),
    )
  }
  assert.deepEqual(await readdir(cwd), present)
  // The intermediate.
  assert.equal(await countIssued(cwd), 1)
})

test('issue refuses a command line without --profile, with status 2', async (t) => {
  const cwd = await temporaryFolder(t)
  const run = await runProgram(issue, { cwd, env })
  assert.equal(run.status, 2)
  assert.match(run.stderr, /--profile/)
})
