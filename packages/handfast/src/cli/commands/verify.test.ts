import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createPkcs12, encodeCertificatePem } from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import { testAuthority, testTime, validNow } from '../../../test/certificates.ts'
import { assertRefused, jsonField, runEach, temporaryFolder } from '../../../test/run-program.ts'
import type { ProgramRun } from '../../../test/run-program.ts'

const passphrase = 'correct horse'
const root = await testAuthority(validNow)
const issuing = await root.intermediate(validNow)
const leaf = await issuing.issue(validNow)
const expired = await issuing.issue({
  ...validNow,
  notBefore: new Date(testTime.getTime() - 9e8),
  notAfter: testTime,
})
const stranger = await testAuthority({ ...validNow, subject: 'CN=Stranger' })
// The same name as the real one, and another key.
const impostor = await stranger.intermediate(validNow)
const pem = (...certificates: readonly Certificate[]): string =>
  certificates.map(encodeCertificatePem).join('')

async function folderWithFiles(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t)
  const chain = [leaf.certificate, issuing.certificate]
  const files = {
    'leaf.crt': pem(leaf.certificate),
    'chain.crt': pem(...chain),
    'confused.crt': pem(leaf.certificate, impostor.certificate, issuing.certificate),
    'expired.crt': pem(expired.certificate, issuing.certificate),
    'issuing.crt': pem(issuing.certificate),
    'root.crt': pem(root.certificate),
    'stranger.crt': pem(stranger.certificate),
    'web.p12': await createPkcs12({
      key: leaf.key,
      chain,
      alias: 'w',
      passphrase,
      iterations: 1e4,
    }),
    'key.pem': leaf.key.export({ type: 'pkcs8', format: 'pem' }),
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(cwd, name), content)
  return cwd
}

function codes(run: ProgramRun | undefined, ...path: readonly (string | number)[]): unknown {
  assert.ok(run)
  return (jsonField(run, ...path) as readonly { readonly code: string }[]).map(({ code }) => code)
}

const named = ['--name', 'leaf.example'] as const
const trusted = ['--anchor', 'root.crt'] as const
const between = ['--intermediates', 'issuing.crt'] as const
const accepted: readonly (readonly string[])[] = [
  ['chain.crt', ...trusted, ...named],
  ['leaf.crt', ...trusted, ...between, '--purpose', 'client'],
  ['leaf.crt', '--anchor', 'issuing.crt', ...named],
  ['leaf.crt', '--pin', 'leaf.crt', ...named],
  ['chain.crt', '--bundle', 'default', ...named],
  ['web.p12', '--anchor', 'stranger.crt', ...trusted, ...named],
]

test('verify accepts, and says by which path and until when', async (t) => {
  const cwd = await folderWithFiles(t)
  const env = { HANDFAST_STORE_PASSPHRASE: passphrase }
  const lines = accepted.map((args) => ({ args: ['verify', ...args, '--json'], cwd, env }))
  const [added, text, ...runs] = await runEach([
    { args: ['trust', 'add', 'root.crt'], cwd },
    { args: ['verify', 'chain.crt', ...trusted], cwd },
    ...lines,
  ])
  assert.equal(added?.status, 0, added?.stderr)
  assert.equal(text?.status, 0, text?.stderr)
  assert.match(text.stdout, /^chain\.crt: accepted\n[^]*CN=Test Intermediate[^]*no server name was/)
  for (const [index, run] of runs.entries()) {
    assert.equal(run.status, 0, `${accepted[index]?.join(' ')}: ${run.stdout}`)
    assert.equal(jsonField(run, 'outcome'), 'accepted')
    assert.deepEqual(jsonField(run, 'faults'), [])
  }
  const [first] = runs
  assert.ok(first)
  assert.deepEqual(
    (jsonField(first, 'path') as readonly { readonly subject: string }[]).map(
      (each) => each.subject,
    ),
    ['CN=leaf,O=Test', 'CN=Test Intermediate,O=Test', 'CN=Test Root,O=Test'],
  )
  const end = Math.floor((validNow.notAfter?.getTime() ?? 0) / 1000) * 1000 + 999
  assert.equal(jsonField(first, 'validUntil'), new Date(end).toISOString())
})

test('verify refuses with every reason, and says what came of every path', async (t) => {
  const cwd = await folderWithFiles(t)
  const verify = (...args: readonly string[]): { args: readonly string[]; cwd: string } => ({
    args: ['verify', ...args],
    cwd,
  })
  const [unknown, several, late, confused, client, text] = await runEach([
    verify('chain.crt', '--anchor', 'stranger.crt', ...named, '--json'),
    verify('expired.crt', ...trusted, '--name', 'other.example', '--json'),
    verify('chain.crt', ...trusted, ...named, '--at', '2099-01-01T00:00:00Z', '--json'),
    verify('confused.crt', '--anchor', 'stranger.crt', ...named, '--json'),
    verify('chain.crt', '--pin', 'root.crt', '--purpose', 'client', '--json'),
    verify('confused.crt', '--anchor', 'stranger.crt', '--name', 'other.example'),
  ])
  for (const run of [unknown, several, late, confused, client, text])
    assert.equal(run?.status, 1, run?.stderr)
  assert.deepEqual(codes(unknown, 'faults'), ['HF-T112'])
  assert.deepEqual(codes(several, 'faults'), ['HF-T132', 'HF-T140'])
  assert.deepEqual(codes(late, 'faults'), ['HF-T130', 'HF-T130', 'HF-T132'])
  assert.ok(confused)
  // Through the impostor the signature does not hold; through the real one the root is not trusted.
  assert.deepEqual(
    new Set([0, 1].flatMap((path) => codes(confused, 'rejectedPaths', path, 'faults'))),
    new Set(['HF-T110', 'HF-T112']),
  )
  assert.deepEqual(codes(client, 'faults'), ['HF-T112'])
  assert.match(
    text?.stdout ?? '',
    /refused, 2 reasons[^]*fix [^]*rejected path 2: "CN=leaf,O=Test"/,
  )
})

const refusals: readonly (readonly [readonly string[], number, string])[] = [
  [['chain.crt'], 2, 'HF-U101'],
  [['chain.crt', ...trusted, '--at', 'tomorrow'], 2, 'HF-U101'],
  [['chain.crt', ...trusted, '--at', '2026-02-30'], 2, 'HF-U101'],
  [['chain.crt', ...trusted, '--name', '*.example'], 2, 'HF-U101'],
  [['chain.crt', ...trusted, ...named, '--purpose', 'client'], 2, 'HF-U101'],
  [['chain.crt', '--pin', 'chain.crt'], 2, 'HF-U101'],
  [['chain.crt', '--bundle', '../default'], 2, 'HF-U101'],
  [['chain.crt', '--bundle', 'none'], 1, 'HF-T002'],
  [['chain.crt', '--anchor', 'leaf.crt'], 1, 'HF-T001'],
  [['missing.crt', ...trusted], 1, 'HF-U102'],
  [['chain.crt', '--anchor', 'missing.crt'], 1, 'HF-U102'],
  [['chain.crt', ...trusted, '--intermediates', 'key.pem'], 1, 'HF-X104'],
  [['key.pem', ...trusted], 1, 'HF-X104'],
  [['web.p12', ...trusted], 1, 'HF-X121'],
]

test('verify says what is wrong with a command line or a file, and judges nothing', async (t) => {
  const cwd = await folderWithFiles(t)
  const runs = await runEach(refusals.map(([args]) => ({ args: ['verify', ...args], cwd })))
  for (const [index, [args, status, code]] of refusals.entries()) {
    await t.test(`${args.join(' ')}: ${code}`, () => assertRefused(runs[index], { status, code }))
  }
})
