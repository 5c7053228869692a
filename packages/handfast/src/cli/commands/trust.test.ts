import assert from 'node:assert/strict'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import {
  createPkcs12,
  encodeCertificatePem,
  fingerprint,
  parseCertificates,
  parseJks,
  parsePkcs12,
} from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import { testAuthority, validNow } from '../../../test/certificates.ts'
import { assertRefused, jsonField, runEach, temporaryFolder } from '../../../test/run-program.ts'
import type { ProgramRun } from '../../../test/run-program.ts'

const passphrase = 'correct horse'
const env = { HANDFAST_STORE_PASSPHRASE: passphrase }
const root = await testAuthority({ ...validNow, subject: 'CN=Root,O=One' })
const other = await testAuthority({ ...validNow, subject: 'CN=Root,O=Two' })
const twin = await testAuthority({ ...validNow, subject: 'CN=Root,O=Two' })
const old = await testAuthority({ subject: 'CN=Old', notAfter: new Date('2026-06-02T00:00:00Z') })
const leaf = await root.issue(validNow)
const pem = (...certificates: readonly Certificate[]): string =>
  certificates.map(encodeCertificatePem).join('')

async function folderWithFiles(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t)
  const files = {
    'root.crt': pem(root.certificate),
    'other.crt': pem(other.certificate),
    'twin.crt': pem(twin.certificate),
    'old.crt': pem(old.certificate),
    'leaf.crt': pem(leaf.certificate),
    'mixed.crt': pem(twin.certificate, leaf.certificate),
    garbage: 'garbage',
    'key.pem': leaf.key.export({ type: 'pkcs8', format: 'pem' }),
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(cwd, name), content)
  return cwd
}

const bundleFolder = (cwd: string, name = 'default'): string =>
  join(cwd, 'handfast-data', 'trust', name)

function subjects(run: ProgramRun | undefined, list = 'entries'): readonly string[] {
  assert.ok(run)
  assert.equal(run.status, 0, run.stderr)
  const entries = jsonField(run, list) as readonly { readonly subject: string }[]
  return entries.map(({ subject }) => subject).toSorted()
}

test('trust add, list and remove keep one file for each certificate of a bundle', async (t) => {
  const cwd = await folderWithFiles(t)
  const list = { args: ['trust', 'list', '--json'], cwd }
  const [added, again, pinned, repinned, listed, table, removed, bySubject, left] = await runEach([
    { args: ['trust', 'add', 'root.crt', 'other.crt', 'old.crt', '--json'], cwd },
    { args: ['trust', 'add', 'root.crt'], cwd },
    { args: ['trust', 'add', 'leaf.crt', '--pinned', '--json'], cwd },
    { args: ['trust', 'add', 'old.crt', '--pinned', '--json'], cwd },
    list,
    { args: ['trust', 'list'], cwd },
    { args: ['trust', 'remove', fingerprint(root.certificate).toUpperCase()], cwd },
    { args: ['trust', 'remove', 'CN=Root, O=Two', '--json'], cwd },
    list,
  ])
  assert.deepEqual(subjects(added), ['CN=Old', 'CN=Root,O=One', 'CN=Root,O=Two'])
  assert.match(added?.stderr ?? '', /warning: "CN=Old": it expired /)
  assert.equal(again?.status, 0, again?.stderr)
  assert.match(again.stdout, /^Has already "CN=Root,O=One"/)
  assert.equal(pinned && jsonField(pinned, 'entries', 0, 'kind'), 'pinned')
  assert.match(repinned?.stderr ?? '', /it is an authority, and pinned/)
  assert.equal(subjects(listed).length, 4)
  assert.equal(table?.stdout.match(/^pinned /gm)?.length, 2)
  assert.equal(removed?.status, 0, removed?.stderr)
  assert.equal(bySubject && jsonField(bySubject, 'removed', 'subject'), 'CN=Root,O=Two')
  assert.deepEqual(subjects(left), ['CN=Old', 'CN=leaf,O=Test'])
  const expected = [old, leaf].map(({ certificate }) => `${fingerprint(certificate)}.pinned.crt`)
  assert.deepEqual((await readdir(bundleFolder(cwd))).toSorted(), expected.toSorted())
})

test('trust export writes PEM, JKS and PKCS#12 that hold the bundle, and no pinned authority', async (t) => {
  const cwd = await folderWithFiles(t)
  const exportTo = (format: string, out: string): readonly string[] =>
    ['trust', 'export', '--format', format, '--out', out] as const
  const runs = await runEach([
    { args: ['trust', 'add', 'root.crt', 'other.crt'], cwd },
    { args: ['trust', 'add', 'leaf.crt', '--pinned'], cwd },
    { args: ['trust', 'add', 'twin.crt', '--pinned'], cwd },
    { args: exportTo('pem', 'out/t.pem'), cwd },
    { args: exportTo('jks', 't.jks'), cwd, env },
    { args: [...exportTo('p12', 't.p12'), '--json'], cwd, env },
    { args: ['trust', 'add', 't.jks', '--bundle', 'copy'], cwd, env },
    { args: ['inspect', 't.p12', '--json'], cwd, env },
  ])
  // The copy holds a leaf, which no authority is; everything else is done.
  assert.deepEqual(
    runs.map(({ status }) => status),
    [0, 0, 0, 0, 0, 0, 1, 0],
    runs.map(({ stderr }) => stderr).join(''),
  )
  const expected = [root, other, leaf].map(({ certificate }) => fingerprint(certificate)).toSorted()
  const read = async (name: string): Promise<Buffer> => readFile(join(cwd, name))
  const jks = parseJks(await read('t.jks'), { passphrase })
  const pkcs12 = await parsePkcs12(await read('t.p12'), { passphrase })
  for (const certificates of [
    parseCertificates(await read('out/t.pem')),
    jks.certificates.map(({ certificate }) => certificate),
    pkcs12.certificates.filter(({ trusted }) => trusted).map(({ certificate }) => certificate),
  ]) {
    assert.deepEqual(certificates.map(fingerprint).toSorted(), expected)
  }
  assert.deepEqual(subjects(runs[5], 'leftOut'), ['CN=Root,O=Two'])
  assert.ok(!runs.some(({ stdout, stderr }) => (stdout + stderr).includes(passphrase)))
})

test('trust export for ca-certificates leaves nothing behind that was removed', async (t) => {
  const cwd = await folderWithFiles(t)
  const args = ['trust', 'export', '--format', 'ca-certificates', '--out', 'ca']
  await mkdir(join(cwd, 'ca'))
  await writeFile(join(cwd, 'ca', 'mine.crt'), 'mine')
  const [, first, , refused, forced] = await runEach([
    { args: ['trust', 'add', 'root.crt', 'other.crt'], cwd },
    { args, cwd },
    { args: ['trust', 'remove', fingerprint(root.certificate)], cwd },
    { args, cwd },
    { args: [...args, '--force'], cwd },
  ])
  assert.equal(first?.status, 0, first?.stderr)
  assert.match(first.stderr, /never append to \/etc\/ssl\/certs\/ca-certificates\.crt/)
  assertRefused(refused, { status: 1, code: 'HF-U104' })
  assert.equal(forced?.status, 0, forced?.stderr)
  const kept = `handfast-default-${fingerprint(other.certificate).slice(0, 16)}.crt`
  const files = (await readdir(join(cwd, 'ca'))).toSorted()
  assert.deepEqual(files, ['handfast-default.README', kept, 'mine.crt'].toSorted())
  assert.equal(await readFile(join(cwd, 'ca', kept), 'utf8'), pem(other.certificate))
  assert.match(await readFile(join(cwd, 'ca', 'handfast-default.README'), 'utf8'), /never append/)
})

const add = ['trust', 'add'] as const
const out = ['--out', 'out'] as const
const exported = ['trust', 'export', '--format'] as const
const refusals = [
  { args: [...add, 'leaf.crt'], status: 1, code: 'HF-T001' },
  { args: [...add, 'mixed.crt'], status: 1, code: 'HF-T001' },
  { args: [...add, 'mixed.crt', '--pinned'], status: 2, code: 'HF-U101' },
  { args: [...add, 'twin.crt', 'missing'], status: 1, code: 'HF-U102' },
  { args: [...add, 'garbage'], status: 1, code: 'HF-X104' },
  { args: [...add, 'key.pem'], status: 1, code: 'HF-X104' },
  { args: [...add, 'keys.p12'], status: 1, code: 'HF-X121' },
  { args: [...add, 'keys.p12'], env, status: 1, code: 'HF-X104' },
  { args: [...add, 'twin.crt', '--bundle', '../x'], status: 2, code: 'HF-U101' },
  { args: [...add, 'twin.crt', '--data', 'garbage'], status: 1, code: 'HF-U102' },
  { args: ['trust', 'remove', 'CN=Nobody'], status: 1, code: 'HF-U109' },
  { args: ['trust', 'remove', 'no name'], status: 2, code: 'HF-U101' },
  { args: ['trust', 'remove', '00'.repeat(32)], status: 1, code: 'HF-U109' },
  { args: ['trust', 'remove', 'CN=Root,O=Two', '--bundle', 'two'], status: 2, code: 'HF-U101' },
  { args: ['trust', 'list', '--bundle', 'broken'], status: 1, code: 'HF-U110' },
  { args: ['trust', 'list', '--bundle', 'renamed'], status: 1, code: 'HF-U110' },
  { args: [...exported, 'pem', ...out, '--bundle', 'none'], status: 1, code: 'HF-U111' },
  { args: [...exported, 'pem', '--out', 'garbage'], status: 1, code: 'HF-U104' },
  { args: [...exported, 'pem', '--out', '/etc/ssl/certs/x.pem'], status: 2, code: 'HF-U101' },
  { args: [...exported, 'jks', ...out], status: 1, code: 'HF-U105' },
  { args: [...exported, 'pem', ...out, '--passphrase-file', 'x'], status: 2, code: 'HF-U101' },
  {
    args: [...exported, 'p12', ...out],
    env: { HANDFAST_STORE_PASSPHRASE: 'pässphrase' },
    status: 2,
    code: 'HF-U101',
  },
  { args: [...exported, 'ca-certificates', '--out', 'garbage'], status: 1, code: 'HF-U103' },
] as const

test('trust refuses, with a code and a hint, and changes nothing', async (t) => {
  const cwd = await folderWithFiles(t)
  const chain = [leaf.certificate, root.certificate]
  await writeFile(
    join(cwd, 'keys.p12'),
    await createPkcs12({ key: leaf.key, chain, alias: 'leaf', passphrase, iterations: 10_000 }),
  )
  await mkdir(bundleFolder(cwd, 'broken'), { recursive: true })
  await mkdir(bundleFolder(cwd, 'renamed'))
  await writeFile(join(bundleFolder(cwd, 'broken'), 'x.crt'), 'x')
  await writeFile(join(bundleFolder(cwd, 'renamed'), 'x.crt'), pem(root.certificate))
  const [first, second] = await runEach([
    { args: [...add, 'root.crt'], cwd },
    { args: [...add, 'other.crt', 'twin.crt', '--bundle', 'two'], cwd },
  ])
  assert.deepEqual([first?.status, second?.status], [0, 0])
  const before = await readdir(cwd, { recursive: true })
  const runs = await runEach(refusals.map((refusal) => ({ ...refusal, cwd })))
  for (const [index, refusal] of refusals.entries()) {
    await t.test(`${refusal.args.join(' ')}: ${refusal.code}`, () => {
      assertRefused(runs[index], refusal)
    })
  }
  assert.deepEqual(await readdir(cwd, { recursive: true }), before)
})
