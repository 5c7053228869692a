import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { createSecureContext } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { isHandfastError } from '@handfast/kit/base'
import {
  createCertificate,
  createJksTrustStore,
  createPkcs12,
  createPkcs12TrustStore,
  encodeCertificatePem,
  encodePrivateKeyPem,
  fingerprint,
  generatePrivateKey,
  keySigner,
  parseJks,
  parseName,
  parsePkcs12,
  publicKeyFromPrivate,
  subjectKeyIdentifier,
} from '@handfast/kit/x509'
import type { Certificate, KeyStoreContents } from '@handfast/kit/x509'
import { succeed } from '../support/run-command.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import type { TemporaryFolder } from '../support/temporary-folder.ts'
import { needs } from './foreign-programs.ts'

const passphrase = 'correct horse'
const day = 24 * 60 * 60 * 1000
const now = new Date()
const javaReader = fileURLToPath(new URL('KeyStoreReader.java', import.meta.url))

interface Made {
  readonly certificate: Certificate
  readonly key: KeyObject
}

/** Valid at the machine's time, by which Java and openssl judge. */
async function make(
  subject: string,
  { issuer, ca }: { issuer?: Made; ca: boolean },
): Promise<Made> {
  const key = await generatePrivateKey('ec-p256')
  const publicKey = publicKeyFromPrivate(key)
  const name = parseName(subject)
  const certificate = await createCertificate(
    {
      serialNumber: Buffer.concat([Buffer.of(1), randomBytes(12)]),
      issuer: issuer?.certificate.subject ?? name,
      subject: name,
      notBefore: new Date(now.getTime() - day),
      notAfter: new Date(now.getTime() + day),
      publicKey,
      extensions: {
        basicConstraints: { ca },
        keyUsage: ca ? ['keyCertSign', 'cRLSign'] : ['digitalSignature'],
        authorityKeyIdentifier: subjectKeyIdentifier(publicKeyFromPrivate(issuer?.key ?? key)),
      },
    },
    keySigner(issuer?.key ?? key),
  )
  return { certificate, key }
}

const root = await make('CN=Test Root,O=Test', { ca: true })
const intermediate = await make('CN=Test Intermediate,O=Test', { issuer: root, ca: true })
const leaf = await make('CN=leaf,O=Test', { issuer: intermediate, ca: false })
const stranger = await make('CN=Stranger', { ca: true })
const chain = [leaf.certificate, intermediate.certificate]

const entries = [
  { certificate: root.certificate, alias: 'Partner Root' },
  { certificate: stranger.certificate },
]

interface Shown {
  readonly keys: readonly (readonly [alias: string | undefined, fingerprints: readonly string[]])[]
  readonly certificates: readonly (readonly [string | undefined, string, boolean])[]
}

function show({ keys, certificates }: KeyStoreContents): Shown {
  return {
    keys: keys.map((entry) => [entry.alias, entry.chain.map(fingerprint)]),
    certificates: certificates.map((entry) => [
      entry.alias,
      fingerprint(entry.certificate),
      entry.trusted,
    ]),
  }
}

describe('key stores and other programs', () => {
  const stack = new AsyncDisposableStack()
  let folder: TemporaryFolder
  const read = (name: string): Promise<Buffer> => readFile(folder.file(name))
  const keytool = async (...args: readonly string[]): Promise<string> =>
    (await succeed(['keytool', ...args], { cwd: folder.path })).stdout
  const java = async (...args: readonly string[]): Promise<string[]> =>
    (await succeed(['java', javaReader, ...args], { cwd: folder.path })).stdout.trim().split('\n')
  const openssl = async (...args: readonly string[]): Promise<string> =>
    (await succeed(['openssl', 'pkcs12', ...args], { cwd: folder.path })).stdout

  before(async () => {
    folder = stack.use(await makeTemporaryFolder())
    const pem = (certificates: readonly Certificate[]): string =>
      certificates.map(encodeCertificatePem).join('')
    const secret = { passphrase }
    const files: Record<string, string | Uint8Array> = {
      'passphrase.txt': passphrase,
      'leaf.key': encodePrivateKeyPem(leaf.key),
      'chain.crt': pem(chain),
      'root.crt': pem([root.certificate]),
      'trust.p12': await createPkcs12TrustStore(entries, secret),
      'stranger.p12': await createPkcs12TrustStore(entries.slice(1), secret),
      'trust.jks': createJksTrustStore(entries, { ...secret, at: now }),
      'web.p12': await createPkcs12({ key: leaf.key, chain, alias: 'Web', ...secret }),
    }
    for (const [name, content] of Object.entries(files)) await writeFile(folder.file(name), content)
  })
  after(() => stack.disposeAsync())

  for (const [file, type] of [
    ['trust.p12', 'PKCS12'],
    ['trust.jks', 'JKS'],
  ] as const) {
    it(`keytool lists each entry of our ${file} as trusted`, needs('keytool'), async () => {
      const listed = await keytool('-list', '-keystore', file, '-storepass', passphrase)
      assert.match(listed, new RegExp(`Keystore type: ${type}`))
      assert.match(listed, /Your keystore contains 2 entries/)
      assert.match(listed, /^partner root, .*, trustedCertEntry/m)
      assert.match(listed, /^stranger, .*, trustedCertEntry/m)
      for (const { certificate } of entries)
        assert.ok(listed.replaceAll(':', '').toLowerCase().includes(fingerprint(certificate)))
    })

    it(`Java trusts a chain through our ${file}`, needs('java'), async () => {
      const lines = await java(type, file, passphrase, 'chain.crt')
      assert.deepEqual(lines.toSorted(), [
        'certificate partner root',
        'certificate stranger',
        'trusted, of 2',
      ])
    })
  }

  it(
    'Java refuses the chain through a trust store of ours without its root',
    needs('java'),
    async () => {
      const lines = await java('PKCS12', 'stranger.p12', passphrase, 'chain.crt')
      assert.deepEqual(lines, ['certificate stranger', 'refused'])
    },
  )

  it('keytool and Java open our key store', needs('keytool', 'java'), async () => {
    const listed = await keytool('-list', '-v', '-keystore', 'web.p12', '-storepass', passphrase)
    assert.match(listed, /Alias name: web\n[^]*Entry type: PrivateKeyEntry\n[^]*chain length: 2/)
    assert.deepEqual(await java('PKCS12', 'web.p12', passphrase), ['key web EC 2'])
  })

  it('openssl opens our key store and our trust store', needs('openssl'), async () => {
    const secret = ['-passin', `pass:${passphrase}`, '-nodes']
    const keys = await openssl('-in', 'web.p12', ...secret)
    assert.match(keys, /friendlyName: Web/)
    assert.ok(keys.includes(encodePrivateKeyPem(leaf.key)))
    for (const certificate of chain) assert.ok(keys.includes(encodeCertificatePem(certificate)))
    const trust = await openssl('-in', 'trust.p12', ...secret)
    for (const { certificate } of entries)
      assert.ok(trust.includes(encodeCertificatePem(certificate)))
  })

  it("Node opens our key store as a TLS context's pfx", async () => {
    createSecureContext({ pfx: await read('web.p12'), passphrase })
  })

  const exports: readonly (readonly [string, readonly string[]])[] = [
    ['the defaults', []],
    [
      '3DES and SHA-1',
      ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
    ],
    [
      'AES-128, SHA-512 and 300,000 iterations',
      ['-keypbe', 'AES-128-CBC', '-macalg', 'sha512', '-iter', '300000'],
    ],
  ]
  for (const [what, options] of exports) {
    it(`reads what openssl exports with ${what}`, needs('openssl'), async () => {
      await exportWith('exported.p12', options)
      assertLeaf(await parsePkcs12(await read('exported.p12'), { passphrase }), leaf.key)
    })
  }

  const exportWith = (file: string, options: readonly string[]): Promise<string> =>
    openssl(
      '-export',
      '-inkey',
      'leaf.key',
      '-in',
      'chain.crt',
      '-name',
      'Web',
      '-out',
      file,
      '-passout',
      `pass:${passphrase}`,
      ...options,
    )

  it(
    'refuses RC2 with a hint, and reads the file that the hint makes',
    needs('openssl', 'bash'),
    async () => {
      await exportWith('OLD.p12', ['-legacy'])
      const old = await read('OLD.p12')
      const refusal = await parsePkcs12(old, { passphrase }).catch((error: unknown) => error)
      assert.ok(isHandfastError(refusal))
      assert.equal(refusal.reason, 'keystore-cipher-unavailable')
      const [command] = /openssl pkcs12 -legacy .* -out NEW\.p12/.exec(refusal.hint ?? '') ?? []
      assert.ok(command !== undefined)
      // The same command, its prompts answered.
      const answered = command.replaceAll('pkcs12 ', 'pkcs12 -passin env:P -passout env:P ')
      await succeed(['bash', '-c', answered], { cwd: folder.path, env: { P: passphrase } })
      assertLeaf(await parsePkcs12(await read('NEW.p12'), { passphrase }), leaf.key)
    },
  )

  it('reads the trust store that the same hint makes with keytool', needs('keytool'), async () => {
    const [old, renewed] = ['old-trust.p12', 'new-trust.p12']
    const secret = ['-noprompt', '-storepass', passphrase]
    const legacy = ['-J-Dkeystore.pkcs12.legacy', '-storetype', 'PKCS12', '-keystore', old]
    await keytool('-importcert', ...legacy, ...secret, '-alias', 'root', '-file', 'root.crt')
    const refusal = await parsePkcs12(await read(old), { passphrase }).catch(
      (error: unknown) => error,
    )
    assert.ok(isHandfastError(refusal))
    const [command] =
      /keytool -importkeystore .* -deststoretype PKCS12/.exec(refusal.hint ?? '') ?? []
    assert.ok(command !== undefined)
    const [, ...options] = command.replace('OLD.p12', old).replace('NEW.p12', renewed).split(' ')
    await keytool(...options, '-srcstorepass', passphrase, '-deststorepass', passphrase)
    assert.deepEqual(show(await parsePkcs12(await read(renewed), { passphrase })).certificates, [
      ['root', fingerprint(root.certificate), true],
    ])
  })

  it('reads RC2 where Node has it', needs('openssl'), async () => {
    await exportWith('rc2.p12', ['-legacy'])
    const script = `import { parsePkcs12 } from '@handfast/kit/x509'
import { readFileSync } from 'node:fs'
const { keys } = await parsePkcs12(readFileSync('${folder.file('rc2.p12')}'), { passphrase: '${passphrase}' })
console.log(keys[0].alias, keys[0].chain.length)`
    const node = [
      process.execPath,
      '--openssl-legacy-provider',
      '--input-type=module',
      '-e',
      script,
    ] as const
    const { stdout } = await succeed([...node], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    })
    assert.equal(stdout, 'Web 2\n')
  })

  for (const type of ['PKCS12', 'JKS'] as const) {
    it(`reads keys and certificates that keytool puts into ${type}`, needs('keytool'), async () => {
      const file = `keytool-${type}`
      const store = ['-noprompt', '-storetype', type, '-keystore', file, '-storepass', passphrase]
      await keytool(
        '-genkeypair',
        ...store,
        '-alias',
        'Server',
        '-keyalg',
        'RSA',
        '-dname',
        'CN=x',
        '-keypass',
        passphrase,
      )
      await keytool('-importcert', ...store, '-alias', 'Partner Root', '-file', 'root.crt')
      const bytes = await read(file)
      const contents =
        type === 'JKS' ? parseJks(bytes, { passphrase }) : await parsePkcs12(bytes, { passphrase })
      const { keys, certificates } = show(contents)
      assert.deepEqual(
        keys.map(([alias, certificateOfKey]) => [alias, certificateOfKey.length]),
        [['server', 1]],
      )
      assert.deepEqual(
        certificates.map(([alias, ...rest]) => [alias?.toLowerCase(), ...rest]),
        [['partner root', fingerprint(root.certificate), true]],
      )
    })
  }
})

function assertLeaf(contents: KeyStoreContents, key: KeyObject): void {
  assert.ok(contents.keys[0]?.key.equals(key))
  assert.deepEqual(show(contents), {
    keys: [[contents.keys[0]?.alias, chain.map(fingerprint)]],
    certificates: [],
  })
}
