import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { inspect } from 'node:util'
import { testAuthority, testTime } from '../../test/certificates.ts'
import type { TestIdentity } from '../../test/certificates.ts'
import { encodeCertificatePem } from '../x509/certificate.ts'
import type { Certificate } from '../x509/certificate.ts'
import { encryptPrivateKeyPem } from '../x509/encrypted-key.ts'
import { X509Error } from '../x509/errors.ts'
import { encodePrivateKeyPem } from '../x509/keys.ts'
import { IdentityError } from './errors.ts'
import type { IdentityErrorReason } from './errors.ts'
import { loadAnchors, loadIdentity } from './load-files.ts'
import type { AnchorFile, IdentityFiles } from './load-files.ts'

const root = testAuthority()
const middle = root.intermediate()
const leaf = middle.issue()
const stranger = testAuthority({ subject: 'CN=Stranger' })
const keyPem = encodePrivateKeyPem(leaf.key)
const passphrase = 'correct horse battery staple'

let folder: string
let encryptedPem: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handfast-load-files-'))
  encryptedPem = await encryptPrivateKeyPem(leaf.key, passphrase)
})
after(() => rm(folder, { recursive: true }))

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

const pemOf = (...identities: readonly TestIdentity[]): string =>
  identities.map(({ certificate }) => encodeCertificatePem(certificate)).join('')

interface Content {
  readonly certificates: string | Uint8Array
  readonly key?: string | Uint8Array
  readonly passphrase?: string
}

async function filesOf({ certificates, key, ...rest }: Content): Promise<IdentityFiles> {
  const certificateFile = await put('web.crt', certificates)
  if (key === undefined) return { name: 'web', certificateFile, ...rest }
  return { name: 'web', certificateFile, keyFile: await put('web.key', key), ...rest }
}

/** The chain that was loaded. */
async function accepted(content: Content): Promise<readonly string[]> {
  const { name, chain, key } = await loadIdentity(await filesOf(content))
  assert.equal(name, 'web')
  assert.ok(key.equals(leaf.key))
  return derOf(chain)
}

async function refused(loading: Promise<unknown>): Promise<IdentityErrorReason> {
  try {
    await loading
  } catch (error) {
    assert.ok(error instanceof IdentityError, inspect(error))
    assert.ok(error.hint)
    assertNoSecret(error)
    return error.reason
  }
  return assert.fail('it was loaded')
}

const refusedContent = async (content: Content): Promise<IdentityErrorReason> =>
  refused(loadIdentity(await filesOf(content)))

/** Nothing of a key or its passphrase, wherever in the error or its causes. */
function assertNoSecret(error: unknown): void {
  const shown = inspect(error, { depth: null, showHidden: true, maxStringLength: null })
  assert.doesNotMatch(shown, /<Buffer|Uint8Array|KeyObject/)
  const base64 = [keyPem, encryptedPem].flatMap((pem) => pem.match(/^[\w+/]{16,}/gm) ?? [])
  const { d } = leaf.key.export({ format: 'jwk' })
  assert.ok(d !== undefined && base64.length > 4)
  for (const secret of [passphrase, d, ...base64]) assert.equal(shown.includes(secret), false)
}

const derOf = (chain: readonly Certificate[]): readonly string[] =>
  chain.map(({ der }) => Buffer.from(der).toString('base64'))
const ders = (...identities: readonly TestIdentity[]): readonly string[] =>
  derOf(identities.map(({ certificate }) => certificate))

describe('loadIdentity() takes', () => {
  const forms: readonly (readonly [string, () => Content, readonly string[]])[] = [
    [
      'separate PEM files',
      () => ({ certificates: pemOf(leaf, middle), key: keyPem }),
      ders(leaf, middle),
    ],
    [
      'one file, the key last',
      () => ({ certificates: pemOf(leaf, middle) + keyPem }),
      ders(leaf, middle),
    ],
    [
      'one file, the key first, and text between',
      () => ({ certificates: `Bag Attributes\n${keyPem}subject=CN=leaf\n${pemOf(leaf)}` }),
      ders(leaf),
    ],
    [
      'DER of both',
      () => ({
        certificates: leaf.certificate.der,
        key: leaf.key.export({ type: 'pkcs8', format: 'der' }),
      }),
      ders(leaf),
    ],
    [
      'an SEC1 key',
      () => ({
        certificates: pemOf(leaf),
        key: leaf.key.export({ type: 'sec1', format: 'pem' }).toString(),
      }),
      ders(leaf),
    ],
    [
      'an encrypted key and its passphrase',
      () => ({ certificates: pemOf(leaf), key: encryptedPem, passphrase }),
      ders(leaf),
    ],
    [
      'a passphrase that is not needed',
      () => ({ certificates: pemOf(leaf), key: keyPem, passphrase }),
      ders(leaf),
    ],
    [
      'the root at the end of the chain',
      () => ({ certificates: pemOf(leaf, middle, root), key: keyPem }),
      ders(leaf, middle, root),
    ],
  ]
  for (const [what, content, chain] of forms) {
    it(what, async () => assert.deepEqual(await accepted(content()), chain))
  }
})

describe('loadIdentity() refuses', () => {
  const forms: readonly (readonly [string, IdentityErrorReason, () => Content])[] = [
    [
      'an encrypted key without its passphrase',
      'key-unusable',
      () => ({ certificates: pemOf(leaf), key: encryptedPem }),
    ],
    [
      'an encrypted key with another passphrase',
      'key-unusable',
      () => ({ certificates: pemOf(leaf), key: encryptedPem, passphrase: `${passphrase} ` }),
    ],
    [
      "another certificate's key",
      'key-mismatch',
      () => ({ certificates: pemOf(leaf, middle), key: encodePrivateKeyPem(stranger.key) }),
    ],
    [
      'a chain with the intermediate first',
      'chain-out-of-order',
      () => ({ certificates: pemOf(middle, leaf), key: keyPem }),
    ],
    [
      'a chain with the root before the intermediate',
      'chain-out-of-order',
      () => ({ certificates: pemOf(leaf, root, middle), key: keyPem }),
    ],
    [
      'a certificate in the chain that does not belong',
      'chain-out-of-order',
      () => ({ certificates: pemOf(leaf, middle, stranger), key: keyPem }),
    ],
    [
      "another authority of the intermediate's name",
      'chain-out-of-order',
      () => ({ certificates: pemOf(leaf, root.intermediate()), key: keyPem }),
    ],
    [
      'the leaf twice',
      'chain-out-of-order',
      () => ({ certificates: pemOf(leaf, leaf), key: keyPem }),
    ],
    [
      'an empty certificate file',
      'certificate-unusable',
      () => ({ certificates: '', key: keyPem }),
    ],
    ['an empty key file', 'key-unusable', () => ({ certificates: pemOf(leaf), key: '' })],
    ['a key file for a certificate', 'certificate-unusable', () => ({ certificates: keyPem })],
    [
      'a certificate file for a key',
      'key-unusable',
      () => ({ certificates: pemOf(leaf), key: pemOf(leaf) }),
    ],
    [
      'a combined file without a key',
      'key-unusable',
      () => ({ certificates: pemOf(leaf, middle) }),
    ],
    [
      'two keys',
      'key-unusable',
      () => ({ certificates: pemOf(leaf), key: keyPem + encodePrivateKeyPem(stranger.key) }),
    ],
    [
      'a key that was cut off',
      'key-unusable',
      () => ({ certificates: pemOf(leaf), key: keyPem.slice(0, 120) }),
    ],
    [
      'a key with a character that is no base64',
      'key-unusable',
      () => ({ certificates: pemOf(leaf), key: keyPem.replace(/\n(.)/, '\n*$1') }),
    ],
    [
      'a key in DER that was cut off',
      'key-unusable',
      () => ({
        certificates: pemOf(leaf),
        key: leaf.key.export({ type: 'pkcs8', format: 'der' }).subarray(0, -1),
      }),
    ],
    [
      'a key in DER for a certificate',
      'certificate-unusable',
      () => ({ certificates: leaf.key.export({ type: 'pkcs8', format: 'der' }), key: keyPem }),
    ],
    [
      'a certificate that was cut off',
      'certificate-unusable',
      () => ({ certificates: leaf.certificate.der.subarray(0, -1), key: keyPem }),
    ],
  ]
  for (const [what, reason, content] of forms) {
    it(`${what}: ${reason}`, async () => assert.equal(await refusedContent(content()), reason))
  }

  it('files that cannot be read: absent, a folder, more than 16 MiB', async () => {
    const certificateFile = await put('good.crt', pemOf(leaf))
    const large = await put('large.key', '')
    await truncate(large, 16 * 1024 * 1024 + 1)
    await mkdir(join(folder, 'folder'))
    for (const keyFile of [join(folder, 'absent'), join(folder, 'folder'), large]) {
      const files = { name: 'web', certificateFile, keyFile }
      assert.equal(await refused(loadIdentity(files)), 'file-unreadable')
      assert.equal(await refused(loadAnchors([{ path: keyFile, kind: 'ca' }])), 'file-unreadable')
      await assert.rejects(loadIdentity(files), { details: { file: keyFile } })
    }
  })

  it('and does not count a file of 16 MiB as too large', async () => {
    const path = await put('full.crt', `${pemOf(leaf)}${keyPem}`)
    await truncate(path, 16 * 1024 * 1024)
    const { chain } = await loadIdentity({ name: 'web', certificateFile: path })
    assert.equal(chain.length, 1)
  })

  it('and says which file it was, and why, in a cause', async () => {
    const files = await filesOf({ certificates: pemOf(leaf), key: encryptedPem })
    await assert.rejects(loadIdentity(files), (error) => {
      assert.ok(error instanceof IdentityError)
      assert.deepEqual(error.details, { file: files.keyFile })
      assert.ok(error.cause instanceof X509Error)
      assert.equal(error.cause.reason, 'key-passphrase-missing')
      return true
    })
  })
})

describe('loadAnchors()', () => {
  async function load(
    ...files: readonly (readonly [AnchorFile['kind'], string | Uint8Array])[]
  ): Promise<readonly (readonly [string, Date])[]> {
    const anchors = await loadAnchors(await anchorFiles(files))
    return anchors.map(({ kind, certificate }) => [kind, certificate.notAfter])
  }

  async function anchorFiles(
    files: readonly (readonly [AnchorFile['kind'], string | Uint8Array])[],
  ): Promise<readonly AnchorFile[]> {
    return Promise.all(
      files.map(async ([kind, content], index) => ({
        kind,
        path: await put(`anchor-${index}.pem`, content),
      })),
    )
  }

  const ends = root.certificate.notAfter

  it('reads several authorities of one file, PEM or DER, and one pinned certificate', async () => {
    assert.deepEqual(
      await load(
        ['ca', pemOf(root, middle)],
        ['ca', stranger.certificate.der],
        ['pinned', pemOf(leaf)],
      ),
      [
        ['ca', ends],
        ['ca', ends],
        ['ca', ends],
        ['pinned', ends],
      ],
    )
    assert.deepEqual(await load(), [])
  })

  it('merges what is named twice, but not an authority with the pin of its certificate', async () => {
    assert.equal((await load(['ca', pemOf(root, root)], ['ca', pemOf(root)])).length, 1)
    assert.equal((await load(['pinned', pemOf(leaf)], ['pinned', pemOf(leaf)])).length, 1)
    assert.equal((await load(['ca', pemOf(root)], ['pinned', pemOf(root)])).length, 2)
  })

  it('keeps the renewed certificate of an authority, whatever the order', async () => {
    const renewed = testAuthority({ key: root.key, notAfter: new Date('2027-01-01T00:00:00Z') })
    const expired = testAuthority({ key: root.key, notAfter: testTime })
    const expected = [['ca', renewed.certificate.notAfter]]
    assert.deepEqual(await load(['ca', pemOf(expired, root, renewed)]), expected)
    assert.deepEqual(await load(['ca', pemOf(renewed, expired)], ['ca', pemOf(root)]), expected)
  })

  it('refuses what is no anchor', async () => {
    const renamed = testAuthority({ subject: 'CN=Renamed', key: root.key })
    const bad: readonly (readonly [AnchorFile['kind'], string])[] = [
      ['pinned', pemOf(leaf, middle)],
      ['pinned', encodePrivateKeyPem(leaf.key)],
      ['ca', pemOf(leaf)],
      ['ca', pemOf(root, leaf)],
      ['ca', encodePrivateKeyPem(leaf.key)],
      ['ca', ''],
      ['ca', pemOf(root, renamed)],
    ]
    for (const file of bad) {
      assert.equal(await refused(load(file)), 'anchors-unusable')
      assert.equal(await refused(load(['ca', pemOf(stranger)], file)), 'anchors-unusable')
    }
  })
})
