import assert from 'node:assert/strict'
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fingerprint, parseCertificates } from '@handfast/kit/x509'
import {
  assertRefused,
  jsonField,
  runEach,
  runProgram,
  temporaryFolder,
} from '../../../test/run-program.ts'
import type { Refusal } from '../../../test/run-program.ts'

const passphrase = 'correct horse battery staple'
const env = { HANDFAST_PASSPHRASE: passphrase }
const init = ['ca', 'init', '--organization', 'Client C', '--country', 'FR']
const create = ['--passphrase-file', 'ca.passphrase', '--create-passphrase']

test('ca init makes a root and an intermediate, and a passphrase that nothing else holds', async (t) => {
  const cwd = await temporaryFolder(t)
  const run = await runProgram([...init, ...create, '--json'], { cwd })
  assert.equal(run.status, 0, run.stderr)
  assert.equal(jsonField(run, 'root', 'label'), 'client-c-root')
  assert.equal(jsonField(run, 'root', 'kind'), 'root')
  assert.equal(jsonField(run, 'intermediate', 'subject'), 'CN=Client C Issuing CA,O=Client C,C=FR')
  assert.equal(jsonField(run, 'intermediate', 'hasKey'), true)
  assert.deepEqual(jsonField(run, 'files'), {
    root: 'client-c-root.crt',
    passphrase: 'ca.passphrase',
  })

  const [root] = parseCertificates(await readFile(join(cwd, 'client-c-root.crt')))
  assert.equal(root && fingerprint(root), jsonField(run, 'root', 'fingerprint'))
  const secret = (await readFile(join(cwd, 'ca.passphrase'), 'utf8')).trim()
  assert.ok(secret.length >= 43)
  for (const name of ['ca.passphrase', 'handfast-data/handfast.db']) {
    assert.equal((await stat(join(cwd, name))).mode & 0o777, 0o600, name)
  }
  const database = await readFile(join(cwd, 'handfast-data/handfast.db'), 'latin1')
  for (const text of [run.stdout, run.stderr, database]) {
    assert.ok(!text.includes(secret))
    assert.ok(!text.includes('BEGIN PRIVATE KEY'))
  }

  const [list, table] = await runEach([
    { args: ['ca', 'list', '--json'], cwd },
    { args: ['ca', 'list'], cwd },
  ])
  assert.ok(list && table)
  assert.equal(jsonField(list, 'issuers', 0, 'label'), 'client-c-root')
  assert.equal(
    jsonField(list, 'issuers', 1, 'fingerprint'),
    jsonField(run, 'intermediate', 'fingerprint'),
  )
  assert.match(table.stdout, /^LABEL .*\nclient-c-root +root +yes .*\nclient-c +intermediate +yes /)
})

test('ca init leaves an authority that exists as it is', async (t) => {
  const cwd = await temporaryFolder(t)
  const other = ['ca', 'init', '--organization', 'Other']
  const twin = ['--intermediate-subject', 'CN=client c issuing ca,O=Client C,C=FR']
  const lines: readonly (readonly [readonly string[], Refusal, object?])[] = [
    [init, { status: 1, code: 'HF-A102' }],
    [[...init, '--label', 'client-c-root'], { status: 1, code: 'HF-A102' }],
    [[...init, '--label', 'other'], { status: 1, code: 'HF-A131' }],
    [[...other, ...twin], { status: 1, code: 'HF-A131' }],
    [other, { status: 1, code: 'HF-A112' }, { env: { HANDFAST_PASSPHRASE: 'another passphrase' } }],
    [[...other, ...create], { status: 2, code: 'HF-U101' }],
  ]
  const [made, ...refused] = await runEach([
    { args: init, cwd, env },
    ...lines.map(([args, , options]) => ({
      args: [...args, '--out', 'elsewhere'],
      cwd,
      env,
      ...options,
    })),
    { args: ['ca', 'list', '--json'], cwd },
  ])
  assert.equal(made?.status, 0, made?.stderr)
  for (const [index, [, refusal]] of lines.entries()) assertRefused(refused[index], refusal)
  assert.deepEqual(await readdir(join(cwd, 'elsewhere')), [])
  assert.ok(!(await readdir(cwd)).includes('ca.passphrase'))
  const list = refused.at(-1)
  assert.equal(list && jsonField(list, 'issuers', 'length'), 2)
})

interface InitRefusal extends Refusal {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const refusals: readonly InitRefusal[] = [
  { args: init, status: 1, code: 'HF-U105' },
  { args: [...init, '--create-passphrase'], status: 2, code: 'HF-U101' },
  { args: [...init, '--passphrase-file', 'missing'], status: 1, code: 'HF-U102' },
  {
    args: [...init, '--passphrase-file', 'file', '--create-passphrase'],
    status: 1,
    code: 'HF-U104',
  },
  {
    args: [...init, '--passphrase-file', 'file/x', '--create-passphrase'],
    status: 1,
    code: 'HF-U103',
  },
  { args: ['ca', 'init'], env, status: 2, code: 'HF-U101' },
  { args: [...init, '--root-subject', 'not a name'], env, status: 2, code: 'HF-U101' },
  { args: [...init, '--algorithm', 'rsa-1024'], env, status: 2, code: 'HF-U101' },
  { args: [...init, '--days', '-3'], env, status: 2, code: 'HF-U101' },
  { args: [...init, '--country', 'FRA'], env, status: 1, code: 'HF-A133' },
  { args: [...init, '--label', 'a/b'], env, status: 1, code: 'HF-A110' },
  { args: [...init, '--out', 'file'], env, status: 1, code: 'HF-U103' },
  { args: ['ca', 'list', '--data', 'typo'], status: 1, code: 'HF-U102' },
  { args: [...init, '--label', 'taken'], env, status: 1, code: 'HF-U104' },
  // A file stands where the folder should be; a database is none.
  { args: [...init, ...create, '--data', 'file'], status: 1, code: 'HF-S102' },
  { args: [...init, ...create, '--data', 'broken'], status: 1, code: 'HF-S102' },
]

async function occupiedFolder(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'file'), 'mine\n')
  await writeFile(join(folder, 'taken-root.crt'), 'mine\n')
  await mkdir(join(folder, 'broken'))
  await writeFile(
    join(folder, 'broken', 'handfast.db'),
    'no database at all, but long enough'.repeat(4),
  )
  return folder
}

test('ca init and ca list refuse, and write nothing', async (t) => {
  const cases = await Promise.all(
    refusals.map(async (refusal) => ({ ...refusal, cwd: await occupiedFolder(t) })),
  )
  const runs = await runEach(cases)
  for (const [index, refusal] of cases.entries()) {
    await t.test(`${refusal.args.join(' ')}: ${refusal.code}`, async () => {
      assertRefused(runs[index], refusal)
      assert.deepEqual((await readdir(refusal.cwd)).toSorted(), [
        'broken',
        'file',
        'taken-root.crt',
      ])
      assert.equal(await readFile(join(refusal.cwd, 'file'), 'utf8'), 'mine\n')
    })
  }
})
