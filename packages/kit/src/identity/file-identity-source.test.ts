import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { testAuthority } from '../../test/certificates.ts'
import type { TestIdentity } from '../../test/certificates.ts'
import { encodeCertificatePem } from '../x509/certificate.ts'
import { encodePrivateKeyPem } from '../x509/keys.ts'
import { IdentityError } from './errors.ts'
import { FileIdentitySource } from './file-identity-source.ts'
import type { Identity } from './identity.ts'

const root = testAuthority()
const unix = { skip: process.platform === 'win32' && 'it has no named pipes in folders' }
let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handfast-identity-source-'))
})
after(() => rm(folder, { recursive: true }))

/** Key and certificate in one file, so that one write changes both. */
async function write({ certificate, key }: TestIdentity, file = 'web.pem'): Promise<string> {
  const path = join(folder, file)
  await writeFile(path, encodeCertificatePem(certificate) + encodePrivateKeyPem(key))
  return path
}

async function load(): Promise<{ source: FileIdentitySource; certificateFile: string }> {
  const certificateFile = await write(root.issue({ serialNumber: 1 }))
  return {
    source: await FileIdentitySource.load({ name: 'web', certificateFile }),
    certificateFile,
  }
}

const serialOf = ({ chain }: Identity): string | undefined => chain[0]?.serialNumber

describe('FileIdentitySource.load()', () => {
  it('has an identity from the start', async () => {
    const { source } = await load()
    assert.equal(source.current().name, 'web')
    assert.equal(serialOf(source.current()), '01')
  })

  it('rejects when the files make none', async () => {
    const certificateFile = join(folder, 'absent.pem')
    await assert.rejects(FileIdentitySource.load({ name: 'web', certificateFile }), {
      reason: 'file-unreadable',
    })
  })
})

describe('FileIdentitySource.reload()', () => {
  it('puts the new identity in place, then tells every watcher', async () => {
    const { source } = await load()
    const heard: (string | undefined)[] = []
    source.watch((identity) => heard.push(serialOf(identity)))
    source.watch(() => heard.push(serialOf(source.current())))
    await write(root.issue({ serialNumber: 2 }))
    assert.equal(serialOf(source.current()), '01')
    await source.reload()
    assert.equal(serialOf(source.current()), '02')
    assert.deepEqual(heard, ['02', '02'])
  })

  it('keeps the old identity and tells nobody when the files are bad; good files heal it', async () => {
    const { source, certificateFile } = await load()
    const heard: (string | undefined)[] = []
    source.watch((identity) => heard.push(serialOf(identity)))
    const old = source.current()
    const stranger = root.issue()
    const bad = [
      ['certificate-unusable', ''],
      ['certificate-unusable', encodePrivateKeyPem(stranger.key)],
      ['key-unusable', encodeCertificatePem(stranger.certificate)],
      ['key-mismatch', encodeCertificatePem(stranger.certificate) + encodePrivateKeyPem(root.key)],
    ] as const
    for (const [reason, content] of bad) {
      await writeFile(certificateFile, content)
      await assert.rejects(source.reload(), { name: 'IdentityError', reason })
      assert.equal(source.current(), old)
    }
    await rm(certificateFile)
    await assert.rejects(source.reload(), { reason: 'file-unreadable' })
    assert.equal(source.current(), old)
    assert.deepEqual(heard, [])
    await write(root.issue({ serialNumber: 3 }))
    await source.reload()
    assert.deepEqual(heard, ['03'])
  })

  it('tells every watcher though one throws, and goes back to the old identity for all', async () => {
    const { source } = await load()
    const heard: (string | undefined)[] = []
    const cause = new Error('ee key too small')
    const cancel = source.watch(() => {
      throw cause
    })
    source.watch((identity) => heard.push(serialOf(identity)))
    await write(root.issue({ serialNumber: 2 }))
    await assert.rejects(source.reload(), (error) => {
      assert.ok(error instanceof IdentityError)
      assert.equal(error.reason, 'certificate-unusable')
      assert.equal(error.cause, cause)
      return true
    })
    assert.deepEqual(heard, ['02', '01'])
    assert.equal(serialOf(source.current()), '01')
    cancel()
    await source.reload()
    assert.deepEqual(heard, ['02', '01', '02'])
  })

  it('does not lose any cause when several watchers throw', async () => {
    const { source } = await load()
    const causes = [new Error('one'), new Error('two')]
    for (const cause of causes) {
      source.watch(() => {
        throw cause
      })
    }
    await assert.rejects(source.reload(), (error) => {
      assert.ok(error instanceof IdentityError && error.cause instanceof AggregateError)
      assert.deepEqual(error.cause.errors, causes)
      return true
    })
  })

  it('reads one after the other, so that what was read last stays', unix, async () => {
    const { source, certificateFile } = await load()
    const heard: (string | undefined)[] = []
    source.watch((identity) => heard.push(serialOf(identity)))
    const slow = await write(root.issue({ serialNumber: 2 }), 'slow.pem')
    await rm(certificateFile)
    execFileSync('sh', ['-c', 'mkfifo "$0"', certificateFile])
    const first = source.reload()
    // Opens when the first has opened it to read, and keeps it waiting.
    const pipe = await open(certificateFile, 'w')
    await rm(certificateFile)
    await write(root.issue({ serialNumber: 3 }))
    const second = source.reload()
    // Takes the steps that the second would take if it did not wait.
    await FileIdentitySource.load({ name: 'web', certificateFile })
    await pipe.writeFile(await readFile(slow))
    await pipe.close()
    await Promise.all([first, second])
    assert.deepEqual(heard, ['02', '03'])
    assert.equal(serialOf(source.current()), '03')
  })

  it('works again after one that failed', async () => {
    const { source, certificateFile } = await load()
    await writeFile(certificateFile, 'nothing')
    const failed = source.reload()
    await assert.rejects(failed, { reason: 'certificate-unusable' })
    await write(root.issue({ serialNumber: 4 }))
    await source.reload()
    assert.equal(serialOf(source.current()), '04')
  })
})

describe('FileIdentitySource.watch()', () => {
  it('ends with its cancel, and only that one, however often that is called', async () => {
    const { source } = await load()
    const heard: string[] = []
    const fn = (): void => void heard.push('twice')
    const cancel = source.watch(fn)
    source.watch(fn)
    source.watch(() => heard.push('other'))
    cancel()
    cancel()
    await source.reload()
    assert.deepEqual(heard, ['twice', 'other'])
  })
})
