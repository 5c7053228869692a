import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import type { TestIdentity } from '../../test/certificates.ts'
import { connectTo, liveAuthority, listing, speak, startGuarded } from '../../test/guarded.ts'
import type { GuardedServer } from '../../test/guarded.ts'
import { FileIdentitySource } from '../identity/file-identity-source.ts'
import { encodeCertificatePem, fingerprint } from '../x509/certificate.ts'
import { encodePrivateKeyPem } from '../x509/keys.ts'

const authority = liveAuthority({ subject: 'CN=Server Root' })
const root = encodeCertificatePem(authority.certificate)
const client = authority.issue({ subject: 'CN=client' })
const extensions = { subjectAltNames: [{ type: 'ip', value: '127.0.0.1' } as const] }
const weakKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey

describe('Guard with a FileIdentitySource', () => {
  it('serves the new identity after a reload, and asks for certificates as before', async (t) => {
    const { source, write } = await identityFiles(t)
    await using server = await startGuarded({ identity: source, policy: () => accepting })
    const next = authority.issue({ extensions })
    await write(next)
    await source.reload()
    assert.equal(await shown(server), fingerprint(next.certificate))
    assert.match((await speak(connectTo({ port: server.port, root }))).text, /HF-T101/)
  })

  for (const [what, spoil] of [
    [
      'the key of another certificate',
      (): TestIdentity => ({ ...authority.issue(), key: client.key }),
    ],
    ['a key that OpenSSL finds too weak', (): TestIdentity => authority.issue({ key: weakKey })],
  ] as const) {
    it(`goes on serving the old one when the files hold ${what}`, async (t) => {
      const { source, write, first } = await identityFiles(t)
      await using server = await startGuarded({ identity: source, policy: () => accepting })
      await write(spoil())
      await assert.rejects(source.reload(), { name: 'IdentityError' })
      assert.equal(source.current().chain[0]?.serialNumber, first.certificate.serialNumber)
      assert.equal(await shown(server), fingerprint(first.certificate))
    })
  }

  it('does not hear of identities after close()', async (t) => {
    const { source, write } = await identityFiles(t)
    const server = await startGuarded({ identity: source, policy: () => accepting })
    await server.guard.close()
    await write(authority.issue({ key: weakKey }))
    await source.reload()
  })
})

const accepting = listing(authority, [client])

interface IdentityFolder {
  readonly source: FileIdentitySource
  readonly first: TestIdentity
  readonly write: (identity: TestIdentity) => Promise<void>
}

async function identityFiles(t: TestContext): Promise<IdentityFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'handfast-guard-'))
  t.after(async () => rm(folder, { recursive: true }))
  const certificateFile = join(folder, 'server.pem')
  const write = async ({ certificate, key }: TestIdentity): Promise<void> =>
    writeFile(certificateFile, encodeCertificatePem(certificate) + encodePrivateKeyPem(key))
  const first = authority.issue({ extensions })
  await write(first)
  return {
    source: await FileIdentitySource.load({ name: 'server', certificateFile }),
    first,
    write,
  }
}

/** The certificate that the server shows to a client it welcomes, as its fingerprint. */
async function shown({ port }: GuardedServer): Promise<string> {
  const socket = connectTo({ port, root }, { identity: client })
  let seen = ''
  socket.once('secureConnect', () => (seen = socket.getPeerCertificate().fingerprint256))
  const { text } = await speak(socket)
  assert.match(text, /welcome/)
  return seen.replaceAll(':', '').toLowerCase()
}
