import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { encryptPrivateKeyPem, parsePrivateKey } from '@handfast/kit/x509'
import { handfast } from '../support/handfast.ts'
import { runCommand } from '../support/run-command.ts'
import type { CommandResult } from '../support/run-command.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import type { TemporaryFolder } from '../support/temporary-folder.ts'
import { needs } from './foreign-programs.ts'

const subject = 'CN=web,O=Example,L=Paris,C=FR'

// OpenSSL reads what we make, and judges it by its own rules.
describe('openssl, given what handfast makes,', needs('openssl'), () => {
  const stack = new AsyncDisposableStack()
  let folder: TemporaryFolder
  before(async () => {
    folder = stack.use(await makeTemporaryFolder())
    const cwd = folder.path
    const run = (command: string, ...more: readonly string[]): Promise<CommandResult> =>
      handfast([...command.split(' '), ...more], { cwd })
    await run(
      'ca init --organization Example --country FR --label ca --passphrase-file ca.passphrase --create-passphrase',
    )
    const issue = 'issue --passphrase-file ca.passphrase --subject'.split(' ')
    const sans = ['--san', 'DNS:web.example', '--san', 'IP:192.0.2.7', '--san', 'IP:2001:db8::7']
    for (const [profile, names] of [
      ['server', sans],
      ['client', []],
      ['peer', ['--san', 'DNS:node.example']],
    ] as const) {
      const args = [...issue, subject, '--profile', profile, '--out', profile, ...names]
      await handfast(args, { cwd })
    }
    const request = ['request', '--subject', subject, '--out', 'signed', ...sans]
    await handfast(request, { cwd })
    const sign = 'sign signed.csr --profile server --passphrase-file ca.passphrase --out signed.crt'
    await run(sign)
    await handfast([...request, '--algorithm', 'rsa-2048', '--out', 'rsa'], { cwd })
    await run('sign rsa.csr --profile server --passphrase-file ca.passphrase --out rsa.crt')
    const [, intermediate = ''] = (await readFile(folder.file('server.crt'), 'utf8')).split(
      /^(?=-----BEGIN)/m,
    )
    await writeFile(folder.file('intermediate.crt'), intermediate)
  })
  after(() => stack.disposeAsync())

  const openssl = (...args: readonly string[]): Promise<CommandResult> =>
    runCommand(['openssl', ...args], { cwd: folder.path })
  const verify = (name: string, ...args: readonly string[]): Promise<CommandResult> =>
    openssl(
      'verify',
      '-x509_strict',
      '-check_ss_sig',
      '-policy_check',
      '-CAfile',
      'ca-root.crt',
      '-untrusted',
      `${name}.crt`,
      ...args,
      `${name}.crt`,
    )

  for (const [name, good, bad] of [
    ['server', ['sslserver'], ['sslclient']],
    ['client', ['sslclient'], ['sslserver']],
    ['peer', ['sslserver', 'sslclient'], []],
    ['signed', ['sslserver'], ['sslclient']],
    ['rsa', ['sslserver'], ['sslclient']],
  ] as const) {
    it(`verifies the chain of ${name}.crt strictly, for its purpose only`, async () => {
      for (const purpose of good) {
        const { status, stderr } = await verify(name, '-purpose', purpose)
        assert.equal(status, 0, stderr)
      }
      for (const purpose of bad) {
        const { status, stderr } = await verify(name, '-purpose', purpose)
        assert.equal(status, 2)
        assert.match(stderr, /error 26 /)
      }
    })
  }

  it('verifies the names of a server, and no other', async () => {
    for (const name of ['web.example', '192.0.2.7', '2001:db8::7']) {
      const option = isIP(name) === 0 ? '-verify_hostname' : '-verify_ip'
      const { status, stderr } = await verify('server', option, name)
      assert.equal(status, 0, stderr)
    }
    assert.equal((await verify('server', '-verify_hostname', 'web')).status, 2)
    assert.equal((await verify('server', '-verify_ip', '192.0.2.8')).status, 2)
  })

  it('does not verify the chain without our root', async () => {
    const args = ['-no-CAfile', '-no-CApath', '-no-CAstore', '-untrusted', 'server.crt']
    const { status, stderr } = await openssl('verify', ...args, 'server.crt')
    assert.equal(status, 2)
    assert.match(stderr, /error (?:2|20) /)
  })

  for (const name of ['signed', 'rsa']) {
    it(`verifies the self-signature of ${name}.csr and reads its names`, async () => {
      const { status, stdout, stderr } = await openssl(
        'req',
        '-in',
        `${name}.csr`,
        '-verify',
        '-noout',
        '-text',
      )
      assert.equal(status, 0, stderr)
      assert.match(`${stdout}${stderr}`, /verify OK/)
      assert.match(
        stdout,
        /DNS:web\.example, IP Address:192\.0\.2\.7, IP Address:2001:DB8:0:0:0:0:0:7/,
      )
    })
  }

  it('opens our keys, and finds them to be those of the certificates', async () => {
    for (const name of ['server', 'client', 'peer', 'signed', 'rsa']) {
      const key = await openssl('pkey', '-in', `${name}.key`, '-check', '-noout')
      assert.equal(key.status, 0, key.stderr)
      const ours = await openssl('pkey', '-in', `${name}.key`, '-pubout')
      const certified = await openssl('x509', '-in', `${name}.crt`, '-noout', '-pubkey')
      assert.equal(ours.stdout, certified.stdout)
    }
  })

  it('opens a key that we encrypted, with its passphrase only', async () => {
    const key = parsePrivateKey(await readFile(folder.file('server.key')))
    await writeFile(folder.file('encrypted.key'), await encryptPrivateKeyPem(key, 'à passphrase'))
    const open = (passphrase: string): Promise<CommandResult> =>
      openssl('pkey', '-in', 'encrypted.key', '-passin', `pass:${passphrase}`, '-pubout')
    const opened = await open('à passphrase')
    assert.equal(opened.status, 0, opened.stderr)
    assert.equal(
      opened.stdout,
      (await openssl('x509', '-in', 'server.crt', '-noout', '-pubkey')).stdout,
    )
    assert.equal((await open('another')).status, 1)
    const structure = await openssl('asn1parse', '-in', 'encrypted.key')
    assert.match(structure.stdout, /:PBES2[^]*:(?:id-)?scrypt[^]*:aes-256-cbc/)
  })

  const extensionsOf = async (file: string, names: string): Promise<string> => {
    const { status, stdout, stderr } = await openssl('x509', '-in', file, '-noout', '-ext', names)
    assert.equal(status, 0, stderr)
    return stdout
      .replaceAll(/^X509v3 /gm, '')
      .replaceAll(/ *\n +/g, ' ')
      .trim()
  }

  it('reads the extensions of authorities, and which are critical', async () => {
    const names = 'basicConstraints,keyUsage'
    assert.equal(
      await extensionsOf('ca-root.crt', names),
      'Basic Constraints: critical CA:TRUE\nKey Usage: critical Certificate Sign, CRL Sign',
    )
    assert.equal(
      await extensionsOf('intermediate.crt', names),
      'Basic Constraints: critical CA:TRUE, pathlen:0\nKey Usage: critical Certificate Sign, CRL Sign',
    )
  })

  it('reads the extensions of leaves, and which are critical', async () => {
    const names = 'basicConstraints,keyUsage,extendedKeyUsage,subjectAltName'
    const leaf = await extensionsOf('server.crt', names)
    assert.match(leaf, /^Key Usage: critical Digital Signature/m)
    assert.match(leaf, /^Extended Key Usage: TLS Web Server Authentication$/m)
    assert.match(
      leaf,
      /^Subject Alternative Name: DNS:web\.example, IP Address:192\.0\.2\.7, IP Address:2001:DB8:0:0:0:0:0:7$/m,
    )
    const client = await extensionsOf('client.crt', names)
    assert.match(client, /^Extended Key Usage: TLS Web Client Authentication$/m)
    assert.doesNotMatch(`${leaf}${client}`, /CA:TRUE/)
    const keyIds = await extensionsOf('server.crt', 'subjectKeyIdentifier,authorityKeyIdentifier')
    const above = await extensionsOf('intermediate.crt', 'subjectKeyIdentifier')
    const [, issuer] = /Subject Key Identifier: (\S+)/.exec(above) ?? []
    assert.ok(issuer !== undefined)
    assert.ok(keyIds.includes(`Authority Key Identifier: ${issuer}`), keyIds)
  })
})
