import assert from 'node:assert/strict'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:tls'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeClusterFolder } from '../support/cluster-folder.ts'
import { startHandfast } from '../support/handfast.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'

test(
  'handfast up reads identities anew on SIGHUP: whole, or the old ones stay',
  { skip: process.platform === 'win32' && 'Windows has no SIGHUP' },
  async () => {
    await using folder = await makeTemporaryFolder()
    await using other = await makeTemporaryFolder()
    const { configFile, root } = await makeClusterFolder(folder.path, { upstreamPort: 1 })
    const renewed = await makeClusterFolder(other.path, { upstreamPort: 1 })
    await using up = startHandfast(['up', '-c', configFile])
    const [, port = ''] = await up.waitFor('stdout', /gateway\s+https:\/\/127\.0\.0\.1:(\d+)/)
    const first = await servedFingerprint(Number(port), root)

    const key = await readFile(join(folder.path, 'server.key'))
    await copyFile(join(other.path, 'server.key'), join(folder.path, 'server.key'))
    up.send('SIGHUP')
    await up.waitFor('stderr', /HF-I104/)
    await up.waitFor('stderr', /stay in use/)
    assert.equal(await servedFingerprint(Number(port), root), first)

    await copyFile(join(other.path, 'server.crt'), join(folder.path, 'server.crt'))
    up.send('SIGHUP')
    await up.waitFor('stderr', /Read certificates and keys anew/)
    const second = await servedFingerprint(Number(port), renewed.root)
    assert.notEqual(second, first)
    await writeFile(join(folder.path, 'server.key'), key, { mode: 0o600 })
  },
)

function servedFingerprint(port: number, ca: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect({ host: '127.0.0.1', port, ca, timeout: 10_000 }, () => {
    resolve(socket.getPeerCertificate().fingerprint256)
    socket.destroy()
  })
  socket.on('error', reject)
  return promise
}
