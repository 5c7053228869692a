import assert from 'node:assert/strict'
import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createIdentity } from '@handfast/kit/identity'
import {
  encodePrivateKeyPem,
  encryptPrivateKeyPem,
  parseCertificates,
  parsePrivateKey,
} from '@handfast/kit/x509'
import { golden, goldenPath, testKey } from '../../../test/certificates.ts'
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

const env = { HANDFAST_PASSPHRASE: 'correct horse battery staple' }

const authority = await makeFolder()
after(() => removeFolder(authority))

before(async () => {
  const run = await runProgram(['ca', 'init', '--organization', 'Client C'], {
    cwd: authority,
    env,
  })
  assert.equal(run.status, 0, run.stderr)
})

test('request and sign give a partner a certificate for a key that never left it', async (t) => {
  const partner = await temporaryFolder(t)
  const ask = ['request', '--subject', 'CN=client-b,O=Client B', '--out', 'client-b']
  const asked = await runProgram(ask, { cwd: partner })
  assert.equal(asked.status, 0, asked.stderr)
  assert.match(asked.stdout, /^key SHA-256 +[0-9A-F]{2}(?::[0-9A-F]{2}){31}$/m)
  assert.match(asked.stderr, /^Next: they run "handfast sign client-b\.csr --profile client /m)
  assert.equal((await stat(join(partner, 'client-b.key'))).mode & 0o777, 0o600)

  const cwd = await temporaryFolder(t, authority)
  const csr = await readFile(join(partner, 'client-b.csr'))
  const args = ['sign', '-', '--profile', 'client', '--out', 'client-b.crt', '--json']
  const run = await runProgram(args, { cwd, env, input: csr })
  assert.equal(run.status, 0, run.stderr)
  assert.equal(
    jsonField(run, 'granted', 'keyFingerprint'),
    jsonField(run, 'asked', 'keyFingerprint'),
  )
  assert.deepEqual(jsonField(run, 'dropped'), [])
  const key = parsePrivateKey(await readFile(join(partner, 'client-b.key')))
  const chain = parseCertificates(await readFile(join(cwd, 'client-b.crt')))
  createIdentity({ name: 'client-b', key, chain })
  assert.equal(chain.length, 2)
})

test('sign says what is asked, granted and dropped, and why', async (t) => {
  const cwd = await temporaryFolder(t, authority)
  const args = [
    'sign',
    goldenPath('requests/greedy.csr'),
    '--profile',
    'server',
    '--out',
    'web.crt',
  ]
  const override = ['--subject', 'CN=web', '--san', 'DNS:web.example', '--days', '7']
  const run = await runProgram([...args, ...override, '--json'], { cwd, env })
  assert.equal(run.status, 0, run.stderr)
  assert.equal(jsonField(run, 'asked', 'subject'), 'CN=greedy.example,O=Org')
  assert.equal(jsonField(run, 'granted', 'subject'), 'CN=web')
  assert.deepEqual(jsonField(run, 'granted', 'names'), ['DNS:web.example'])
  assert.deepEqual(jsonField(run, 'granted', 'extendedKeyUsage'), ['serverAuth'])
  assert.equal(jsonField(run, 'granted', 'kind'), 'leaf')
  for (const line of [
    /^Asked for, by .*greedy\.csr:$/m,
    /^Granted by "client-c"/m,
    /^ {2}basicConstraints CA:TRUE: /m,
  ]) {
    assert.match(run.stderr, line)
  }
})

const requests: readonly (readonly [string, string])[] = [
  // It asks for a wildcard, which no client gets.
  [goldenPath('requests/greedy.csr'), 'HF-A144'],
  [goldenPath('requests/refused-sha1.csr'), 'HF-X106'],
  [goldenPath('requests/refused-rsa-1024.csr'), 'HF-A121'],
  [goldenPath('requests/refused-ed25519.csr'), 'HF-A121'],
  [goldenPath('forms/plain.crt'), 'HF-X105'],
  [goldenPath('forms/plain.der'), 'HF-X105'],
  ['truncated.csr', 'HF-X102'],
  ['garbage', 'HF-X105'],
  ['missing.csr', 'HF-U102'],
  ['.', 'HF-U102'],
]

test('sign refuses, and writes nothing', async (t) => {
  const cwd = await temporaryFolder(t, authority)
  await writeFile(join(cwd, 'garbage'), 'garbage')
  const whole = golden('requests/ec-p256.csr').toString()
  await writeFile(join(cwd, 'truncated.csr'), whole.slice(0, 200))
  const options = ['--profile', 'client', '--out', 'x.crt']
  const runs = await runEach(
    requests.map(([request]) => ({ args: ['sign', request, ...options], cwd, env })),
  )
  for (const [index, [request, code]] of requests.entries()) {
    await t.test(`${request.split('/').at(-1)}: ${code}`, () =>
      assertRefused(runs[index], { status: 1, code }),
    )
  }
  assert.ok(!(await readdir(cwd)).includes('x.crt'))
})

test('request uses a key that exists, encrypted or not, and writes no other', async (t) => {
  const cwd = await temporaryFolder(t)
  await writeFile(join(cwd, 'web.key'), await encryptPrivateKeyPem(testKey(), 'fixture-key'))
  const args = [
    'request',
    '--subject',
    'CN=web',
    '--san',
    'DNS:web.example',
    '--key',
    'web.key',
    '--out',
    'web',
  ]
  const [locked, run, both] = await runEach([
    { args, cwd },
    { args: [...args, '--json'], cwd, env: { HANDFAST_KEY_PASSPHRASE: 'fixture-key' } },
    { args: [...args, '--algorithm', 'ec-p384'], cwd },
  ])
  assertRefused(locked, { status: 1, code: 'HF-X111' })
  assert.equal(both?.status, 2)
  assert.equal(run?.status, 0, run?.stderr)
  assert.deepEqual(jsonField(run, 'files'), { request: 'web.csr' })
  assert.deepEqual(jsonField(run, 'request', 'names'), ['DNS:web.example'])
  assert.deepEqual((await readdir(cwd)).toSorted(), ['web.csr', 'web.key'])
})

test('request refuses what nobody would sign, and never replaces a key', async (t) => {
  const cwd = await temporaryFolder(t)
  const key = encodePrivateKeyPem(testKey())
  await writeFile(join(cwd, 'web.key'), key)
  const refusals: readonly (readonly [readonly string[], Refusal])[] = [
    [['--subject', 'CN=web'], { status: 1, code: 'HF-U104' }],
    [['--subject', 'web'], { status: 2, code: 'HF-U101' }],
    [['--subject', 'CN=web,C=FRA'], { status: 1, code: 'HF-A133' }],
    [['--subject', 'CN=web', '--key', 'missing'], { status: 1, code: 'HF-U102' }],
  ]
  const command = ['request', '--out', 'web']
  const runs = await runEach(refusals.map(([args]) => ({ args: [...command, ...args], cwd })))
  for (const [index, [, refusal]] of refusals.entries()) assertRefused(runs[index], refusal)
  assert.deepEqual(await readdir(cwd), ['web.key'])
  assert.equal(await readFile(join(cwd, 'web.key'), 'utf8'), key)
})
