import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { before, describe, it } from 'node:test'
import { buildPackages, pack } from '../support/packed.ts'
import { runCommand, succeed } from '../support/run-command.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import type { TemporaryFolder } from '../support/temporary-folder.ts'

const doors = ['base', 'x509', 'trust', 'identity', 'tls']
const typescript = path.join(import.meta.dirname, '../../node_modules/.bin/tsc')

describe('what npm pack makes', () => {
  before(buildPackages)

  async function emptyFolder(): Promise<TemporaryFolder> {
    const folder = await makeTemporaryFolder()
    await writeFile(folder.file('package.json'), '{ "private": true, "type": "module" }\n')
    return folder
  }

  it('@handfast/kit installs into an empty folder without network, and every door opens', async () => {
    await using folder = await emptyFolder()
    const cwd = folder.path
    const tarball = await pack('kit', cwd)
    await succeed(['npm', 'install', '--offline', '--no-audit', '--no-fund', tarball], { cwd })
    const imports = doors.map((door) => `import * as ${door} from '@handfast/kit/${door}'`)
    const uses = `
      const key = await x509.generatePrivateKey('ec-p256')
      console.log(x509.keySigner(key).algorithm.name, Object.keys({ ${doors.join(', ')} }).length)`
    const program = [...imports, uses].join('\n')
    await writeFile(folder.file('use.js'), program)
    const { stdout } = await succeed([process.execPath, 'use.js'], { cwd })
    assert.equal(stdout, `ecdsa-with-SHA256 ${doors.length}\n`)

    // The declarations are whole: a strict program compiles against them, without the sources.
    await writeFile(
      folder.file('use.ts'),
      `${program}\nexport const kind: x509.KeyAlgorithm = 'ed25519'\n`,
    )
    const types = path.join(import.meta.dirname, '../../node_modules/@types')
    await mkdir(folder.file('types'))
    const config = {
      compilerOptions: {
        strict: true,
        noEmit: true,
        module: 'nodenext',
        target: 'es2024',
        lib: ['es2024', 'esnext.disposable'],
        typeRoots: [types],
        types: ['node'],
      },
      files: ['use.ts'],
    }
    await writeFile(folder.file('tsconfig.json'), JSON.stringify(config))
    await succeed([typescript, '-p', '.'], { cwd })
  })

  it('handfast installs into an empty folder, says its version and runs its demo', async (t) => {
    await using folder = await emptyFolder()
    const cwd = folder.path
    const tarballs = [await pack('kit', cwd), await pack('handfast', cwd)]
    const install = [
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--fetch-retries=0',
      ...tarballs,
    ]
    const installed = await runCommand(['npm', 'install', ...install], { cwd, timeoutMs: 180_000 })
    if (/ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT/.test(installed.stderr)) {
      t.skip('npm cannot fetch the dependencies of handfast: no network and no cache')
      return
    }
    assert.equal(installed.status, 0, installed.stderr)
    const program = folder.file('node_modules/handfast/bin/handfast.js')
    const run = (...args: readonly string[]): ReturnType<typeof succeed> =>
      succeed([process.execPath, program, ...args], { cwd })
    const manifest = await readFile(
      path.join(import.meta.dirname, '../../packages/handfast/package.json'),
      'utf8',
    )
    const { stdout } = await run('--version')
    assert.ok(manifest.includes(`"version": "${stdout.trim()}"`), stdout)
    await run('demo', '--exit')
  })
})
