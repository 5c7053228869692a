import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { startDemo } from '../support/demo.ts'
import type { RunningDemo } from '../support/demo.ts'
import { runCommand } from '../support/run-command.ts'
import type { CommandResult } from '../support/run-command.ts'
import { RunningProcess } from '../support/running-process.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import type { TemporaryFolder } from '../support/temporary-folder.ts'
import { needs } from './foreign-programs.ts'

const call = 'GET /hello HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n'
const versions = ['tls1_2', 'tls1_3'] as const

describe('openssl s_client against the gateway', needs('openssl'), () => {
  const stack = new AsyncDisposableStack()
  let demo: RunningDemo
  let folder: TemporaryFolder
  let withCertificate: readonly string[]

  before(async () => {
    demo = stack.use(await startDemo())
    folder = stack.use(await makeTemporaryFolder())
    // s_client sends the first certificate of `-cert` only.
    const [, ...issuers] = (await readFile(demo.certificateFile, 'utf8')).split(/^(?=-----BEGIN)/m)
    assert.equal(issuers.length, 1)
    await writeFile(folder.file('issuers.pem'), issuers.join(''))
    withCertificate = [
      '-cert',
      demo.certificateFile,
      '-key',
      demo.keyFile,
      '-cert_chain',
      folder.file('issuers.pem'),
    ]
  })
  after(() => stack.disposeAsync())

  const command = (args: readonly string[]): [string, ...string[]] => [
    'openssl',
    's_client',
    '-connect',
    `127.0.0.1:${demo.gatewayPort}`,
    '-CAfile',
    demo.rootFile,
    '-verify_return_error',
    ...args,
  ]
  const connect = async (args: readonly string[], input = ''): Promise<CommandResult> =>
    runCommand(command(args), { input, cwd: folder.path })
  /** Sends a request and stays until the gateway closes. */
  const request = async (args: readonly string[]): Promise<CommandResult> =>
    connect([...args, '-ign_eof'], call)

  for (const version of versions) {
    it(`shakes hands both ways with ${version} and is greeted`, async () => {
      const { stdout } = await request([`-${version}`, ...withCertificate])
      assert.match(stdout, /Verification: OK|Verify return code: 0/)
      assert.match(stdout, /HTTP\/1\.1 200 OK[^]*Hello, client-b!/)
    })

    it(`is told no CA names with ${version}, though a certificate is asked for`, async () => {
      const { stdout } = await connect([`-${version}`, ...withCertificate])
      assert.match(stdout, /No client certificate CA names sent/)
      assert.match(stdout, /Requested Signature Algorithms/)
    })

    it(`reads the refusal with ${version} when it has no certificate`, async () => {
      const { stdout } = await request([`-${version}`])
      assert.match(stdout, /HTTP\/1\.1 403 Forbidden[^]*"code":"HF-T101"/)
    })

    it(`never resumes a session with ${version}`, async () => {
      const file = folder.file(`${version}.session`)
      const first = await request([`-${version}`, ...withCertificate, '-sess_out', file])
      assert.match(first.stdout, /^New, TLSv/m)
      assert.match(await readFile(file, 'utf8'), /BEGIN SSL SESSION PARAMETERS/)
      const second = await request([`-${version}`, ...withCertificate, '-sess_in', file])
      assert.match(second.stdout, /^New, TLSv/m)
      assert.doesNotMatch(second.stdout, /^Reused/m)
      assert.match(second.stdout, /HTTP\/1\.1 200 OK/)
    })
  }

  it('never resumes with -reconnect, which tries five times', async () => {
    const { stdout } = await connect(['-tls1_2', ...withCertificate, '-reconnect'])
    assert.equal(stdout.match(/^New, TLSv1\.2/gm)?.length, 6)
    assert.doesNotMatch(stdout, /^Reused/m)
    assert.doesNotMatch(stdout, /TLS session ticket/)
  })

  it('cannot renegotiate with TLS 1.2', async () => {
    await using client = new RunningProcess(command(['-tls1_2', ...withCertificate]))
    await client.waitFor('stdout', /Verify return code: 0/)
    client.write('R\n')
    await client.waitFor('stderr', /no renegotiation/)
    await client.end()
    assert.match(`${client.stdout}${client.stderr}`, /RENEGOTIATING/)
  })

  for (const version of ['tls1', 'tls1_1']) {
    it(`is refused with ${version}`, async () => {
      // Today's openssl offers this version at its lowest security level only.
      const { status, stderr, stdout } = await connect([
        `-${version}`,
        '-cipher',
        'DEFAULT@SECLEVEL=0',
        ...withCertificate,
      ])
      assert.equal(status, 1)
      assert.match(stderr, /alert protocol version/)
      assert.match(stdout, /no peer certificate available/)
    })
  }
})
