import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeName } from '@handfast/kit/x509'
import {
  hierarchyStart,
  name,
  openBench,
  openHierarchy,
  passphrase,
} from './authority-fixture.test.ts'
import type { Bench } from './authority-fixture.test.ts'
import { dayMs } from './limits.ts'

async function labels({ authority }: Bench): Promise<readonly string[]> {
  return (await authority.list()).map(({ label }) => label)
}

describe('createRoot', () => {
  it('makes the key and the days that are asked for', async (t) => {
    const { authority } = await openBench(t)
    const { issuer } = await authority.initRoot({
      label: 'client-c-root',
      name: name('/C=FR/ST=Iles-De-France/L=Paris/O=Client C/CN=Client C Root CA'),
      algorithm: 'rsa-2048',
      lifetimeDays: 1024,
    })
    const { certificate } = issuer
    assert.equal(certificate.keyInfo.bits, 2048)
    assert.equal(
      certificate.notAfter.getTime() - certificate.notBefore.getTime(),
      1024 * dayMs + 300_000,
    )
    assert.equal(issuer.hasKey, true)
  })

  it('refuses a label twice, and one that is malformed', async (t) => {
    const bench = await openHierarchy(t)
    const { authority } = bench
    await assert.rejects(authority.initRoot({ label: 'root', name: name('CN=Second') }), {
      reason: 'issuer-exists',
    })
    for (const label of ['', '.', 'a b', 'ä', '../a', 'a'.repeat(65), 'a\n']) {
      await assert.rejects(authority.initRoot({ label, name: name('CN=Second') }), {
        reason: 'label-malformed',
      })
    }
    assert.deepEqual(await labels(bench), ['root', 'issuing'])
  })

  it('refuses the subject of another CA, and an empty one', async (t) => {
    const bench = await openHierarchy(t)
    const { authority } = bench
    await assert.rejects(
      authority.initRoot({ label: 'second', name: name('CN=Root,O=Client C') }),
      { reason: 'subject-of-a-ca' },
    )
    await assert.rejects(authority.initRoot({ label: 'second', name: encodeName([]) }), {
      reason: 'subject-missing',
    })
    await assert.rejects(
      authority.initRoot({ label: 'second', name: name('CN=x'), lifetimeDays: 9132 }),
      { reason: 'lifetime-not-allowed' },
    )
    assert.deepEqual(await labels(bench), ['root', 'issuing'])
  })

  it('makes one of two roots that want the same label at once', async (t) => {
    const bench = await openBench(t)
    const results = await Promise.allSettled(
      ['CN=a', 'CN=b'].map(async (subject) =>
        bench.authority.initRoot({ label: 'root', name: name(subject) }),
      ),
    )
    const reasons = results.map((result) =>
      result.status === 'fulfilled' ? 'created' : (result.reason as { reason: string }).reason,
    )
    assert.deepEqual(reasons.toSorted(), ['created', 'issuer-exists'])
    assert.deepEqual(await labels(bench), ['root'])
  })

  it('refuses a passphrase that is too short, and a second one for the same database', async (t) => {
    const { again } = await openBench(t)
    const request = { label: 'root', name: name('CN=a') }
    for (const short of ['', '1234567']) {
      await assert.rejects(again(short).initRoot(request), { reason: 'passphrase-too-short' })
    }
    await again(passphrase).initRoot(request)
    await assert.rejects(
      again('another passphrase').initRoot({ label: 'second', name: name('CN=b') }),
      { reason: 'passphrase-wrong' },
    )
  })
})

describe('createIntermediate', () => {
  it('allows as many levels as path lengths say, and no more', async (t) => {
    const { authority } = await openHierarchy(t)
    const make = async (label: string, parent: string, pathLength?: number): Promise<unknown> =>
      authority.initIntermediate({
        label,
        parent,
        name: name(`CN=${label}`),
        ...(pathLength !== undefined && { pathLength }),
      })
    await assert.rejects(make('below', 'issuing'), { reason: 'path-length-exceeded' })
    await make('one', 'root', 1)
    await assert.rejects(make('two', 'one', 1), { reason: 'path-length-exceeded' })
    await make('two', 'one')
    await assert.rejects(make('three', 'two'), { reason: 'path-length-exceeded' })
    await assert.rejects(make('four', 'root', -1), RangeError)
    const { chain } = await authority.find('two')
    assert.equal(chain.length, 2)
  })

  it('ends with its parent, and says that it was cut', async (t) => {
    const { authority, clock } = await openHierarchy(t)
    const { certificate: root } = await authority.find('root')
    clock.advance((root.notAfter.getTime() - hierarchyStart.getTime()) / dayMs - 100)
    const { issuer, clamped } = await authority.initIntermediate({
      label: 'late',
      parent: 'root',
      name: name('CN=Late'),
    })
    assert.deepEqual(issuer.certificate.notAfter, root.notAfter)
    assert.deepEqual(clamped?.granted, root.notAfter)
    clock.advance(101)
    await assert.rejects(
      authority.initIntermediate({ label: 'later', parent: 'root', name: name('CN=Later') }),
      { reason: 'issuer-expired' },
    )
  })

  it("refuses its parent's subject and a parent that is not kept", async (t) => {
    const bench = await openHierarchy(t)
    const { authority } = bench
    await assert.rejects(
      authority.initIntermediate({
        label: 'same',
        parent: 'root',
        name: name('CN=Root,O=Client C'),
      }),
      { reason: 'subject-of-a-ca' },
    )
    await assert.rejects(
      authority.initIntermediate({ label: 'same', parent: 'rot', name: name('CN=a') }),
      { reason: 'issuer-not-found' },
    )
    assert.deepEqual(await labels(bench), ['root', 'issuing'])
  })

  it('links the issuer to its parent', async (t) => {
    const { store } = await openHierarchy(t)
    const [root, issuing] = await store.transaction(async (tx) => tx.issuers.list())
    assert.equal(root?.parentId, null)
    assert.equal(issuing?.parentId, root?.id)
  })
})
