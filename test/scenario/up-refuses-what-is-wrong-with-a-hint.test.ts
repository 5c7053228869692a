import assert from 'node:assert/strict'
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeClusterFolder } from '../support/cluster-folder.ts'
import { runHandfast, startHandfast } from '../support/handfast.ts'
import type { CommandResult } from '../support/run-command.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'

interface BadConfig {
  readonly name: string
  /** Changes a sound configuration. */
  readonly change: (text: string) => string
  readonly status: 1 | 2
  readonly code: string
  readonly says: RegExp
}

const badConfigs: readonly BadConfig[] = [
  {
    name: 'an unknown key, naming it, its line and the nearest known one',
    change: (text) => text.replace('tlsType: MUTUAL', 'tlstype: MUTUAL'),
    status: 2,
    code: 'HF-U106',
    says: /line 14: unknown key "gateway\.listeners\.0\.tlstype", did you mean "tlsType"\?/,
  },
  {
    name: 'a value that is not allowed, naming those that are',
    change: (text) => text.replace('MUTUAL', 'BOTH'),
    status: 2,
    code: 'HF-U106',
    says: /"gateway\.listeners\.0\.tlsType".*ONE_WAY, MUTUAL/,
  },
  {
    name: 'text that is no YAML',
    change: (text) => `${text}\n  - ]`,
    status: 2,
    code: 'HF-U106',
    says: /line \d+/,
  },
  {
    name: 'a manager without an X.500 name',
    change: (text) => text.replace('CN=Manager,O=Example,L=Paris,C=FR', 'just a name'),
    status: 2,
    code: 'HF-U106',
    says: /"manager\.name"/,
  },
  {
    name: 'a certificate that is not there',
    change: (text) => text.replace('certificate: server.crt', 'certificate: nowhere.crt'),
    status: 1,
    code: 'HF-I101',
    says: /nowhere\.crt.*no such file/,
  },
  {
    name: "another certificate's key",
    change: (text) => text.replace('key: server.key', 'key: client.key'),
    status: 1,
    code: 'HF-I104',
    says: /does not match/,
  },
  {
    name: 'a key where certificates belong',
    change: (text) => text.replace('file: root.crt', 'file: server.key'),
    status: 1,
    code: 'HF-I106',
    says: /no CERTIFICATE block/,
  },
  {
    name: 'an end-entity certificate as an authority',
    change: (text) => text.replace('file: root.crt', 'file: client.crt'),
    status: 1,
    code: 'HF-I106',
    says: /CA:TRUE/,
  },
  {
    name: 'an upstream over TLS without anchors',
    change: (text) => text.replace('"http://', '"https://'),
    status: 1,
    code: 'HF-G110',
    says: /anchor/,
  },
]

for (const { name, change, status, code, says } of badConfigs) {
  test(`handfast up and config check refuse ${name}`, async () => {
    await using folder = await makeTemporaryFolder()
    const { configFile } = await makeClusterFolder(folder.path, { upstreamPort: 1 })
    await writeFile(configFile, change(await readFile(configFile, 'utf8')))
    for (const command of [['up'], ['config', 'check']]) {
      const result = await runHandfast([...command, '-c', configFile])
      assertRefused(result, { status, code })
      assert.match(result.stderr, says)
    }
    assert.ok(!(await readdir(folder.path)).includes('data'), 'nothing was made before the check')
  })
}

test('handfast up refuses a port in use, and leaves the other one free', async () => {
  await using folder = await makeTemporaryFolder()
  const { configFile } = await makeClusterFolder(folder.path, { upstreamPort: 1 })
  await using first = startHandfast(['up', '-c', configFile])
  const [, port = ''] = await first.waitFor('stdout', /REST API\s+https:\/\/127\.0\.0\.1:(\d+)/)
  await using other = await makeTemporaryFolder()
  const second = await makeClusterFolder(other.path, { upstreamPort: 1, restPort: Number(port) })
  const result = await runHandfast(['up', '-c', second.configFile])
  assertRefused(result, { status: 1, code: 'HF-L101' })
  assert.match(result.stderr, new RegExp(`127\\.0\\.0\\.1:${port}.*in use`))
})

test('handfast up refuses a database that a newer program wrote, and leaves it as it is', async () => {
  await using folder = await makeTemporaryFolder()
  const { configFile } = await makeClusterFolder(folder.path, { upstreamPort: 1 })
  const database = join(folder.path, 'data', 'handfast.db')
  await using first = startHandfast(['up', '-c', configFile])
  await first.waitFor('stdout', /allow-list/)
  await first.stop()
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(database)
  db.exec('PRAGMA user_version = 9999')
  db.close()
  const before = await readFile(database)
  const result = await runHandfast(['up', '-c', configFile])
  assertRefused(result, { status: 1, code: 'HF-S101' })
  assert.deepEqual(await readFile(database), before)
})

test('handfast up refuses a data folder that it cannot write', async (context) => {
  if (process.getuid?.() === 0) {
    // Root may write anywhere; a file where the folder should be stops it as well.
    await using folder = await makeTemporaryFolder()
    const { configFile } = await makeClusterFolder(folder.path, { upstreamPort: 1 })
    await writeFile(join(folder.path, 'data'), 'not a folder')
    assertRefused(await runHandfast(['up', '-c', configFile]), { status: 1, code: 'HF-S102' })
    return
  }
  await using folder = await makeTemporaryFolder()
  const { configFile } = await makeClusterFolder(folder.path, { upstreamPort: 1 })
  await mkdir(join(folder.path, 'data'))
  await chmod(join(folder.path, 'data'), 0o500)
  context.after(() => chmod(join(folder.path, 'data'), 0o700))
  assertRefused(await runHandfast(['up', '-c', configFile]), { status: 1, code: 'HF-S102' })
})

function assertRefused(
  result: CommandResult,
  wanted: { readonly status: number; readonly code: string },
): void {
  assert.equal(result.status, wanted.status, result.stderr)
  assert.match(result.stderr, new RegExp(`error: .*\\[${wanted.code}\\]`))
  assert.match(result.stderr, /\nhint: /)
  assert.doesNotMatch(result.stderr, /\n\s+at /, 'no stack trace')
}
