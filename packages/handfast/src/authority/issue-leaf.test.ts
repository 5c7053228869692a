import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { describe, it } from 'node:test'
import { certificatePublicKey, encodeName } from '@handfast/kit/x509'
import type { Authority } from './authority.ts'
import { golden, hierarchyStart, name, openHierarchy, san } from './authority-fixture.test.ts'
import type { Bench } from './authority-fixture.test.ts'
import type { Issued } from './issue-leaf.ts'
import { dayMs } from './limits.ts'

async function issueClient(authority: Authority, subject: string, key?: string): Promise<Issued> {
  return authority.issue({
    issuer: 'issuing',
    profile: 'client',
    subject: name(subject),
    ...(key !== undefined && { publicKey: createPublicKey(golden(key)) }),
  })
}

async function certificateCount({ store }: Bench): Promise<number> {
  return (await store.transaction(async (tx) => tx.certificates.list())).length
}

describe('issueLeaf', () => {
  it('refuses the subject of its issuer, of the root and of any CA here, folded as OpenSSL folds', async (t) => {
    const bench = await openHierarchy(t)
    const { authority } = bench
    await authority.initRoot({ label: 'other', name: name('CN=Other Root,O=Client B') })
    const before = await certificateCount(bench)
    for (const subject of [
      'CN=Issuing,O=Client C',
      'CN=Root,O=Client C',
      'CN=Other Root,O=Client B',
      'CN=other  ROOT,O=client b',
    ]) {
      await assert.rejects(issueClient(authority, subject), {
        code: 'HF-A131',
        reason: 'subject-of-a-ca',
        hint: /"the Common Name must be the same"/,
      })
    }
    assert.equal(await certificateCount(bench), before)
    await issueClient(authority, 'CN=Issuing,O=Client B')
  })

  it("refuses a CA's key", async (t) => {
    const { authority } = await openHierarchy(t)
    const { certificate } = await authority.find('root')
    await assert.rejects(
      authority.issue({
        issuer: 'issuing',
        profile: 'client',
        subject: name('CN=a'),
        publicKey: certificatePublicKey(certificate),
      }),
      { reason: 'key-of-a-ca' },
    )
  })

  it('refuses a key that is certified for another subject, and takes it for the same', async (t) => {
    const bench = await openHierarchy(t)
    const { authority } = bench
    const key = 'keys/ec-p256-pkcs8.pem'
    await issueClient(authority, 'CN=a,O=Org', key)
    await issueClient(authority, 'CN=a,O=Org', key)
    await assert.rejects(issueClient(authority, 'CN=b,O=Org', key), {
      reason: 'key-certified-for-another',
    })
    // Order matters in a subject: these are two names.
    await assert.rejects(issueClient(authority, 'O=Org,CN=a', key), {
      reason: 'key-certified-for-another',
    })
  })

  it('refuses a weak key, a bad name and a bad subject, and stores nothing', async (t) => {
    const bench = await openHierarchy(t)
    const { authority } = bench
    const before = await certificateCount(bench)
    await assert.rejects(issueClient(authority, 'CN=weak', 'keys/refused-rsa-1024.pem'), {
      reason: 'key-not-allowed',
    })
    await assert.rejects(
      authority.issue({ issuer: 'issuing', profile: 'server', subject: name('CN=web.example') }),
      { reason: 'name-missing' },
    )
    await assert.rejects(
      authority.issue({ issuer: 'issuing', profile: 'client', subject: encodeName([]) }),
      { reason: 'subject-missing' },
    )
    assert.equal(await certificateCount(bench), before)
  })

  it('refuses a profile that is none, naming those that are', async (t) => {
    const { authority } = await openHierarchy(t)
    for (const profile of ['servers', 'intermediate', '__proto__']) {
      await assert.rejects(authority.issue({ issuer: 'issuing', profile, subject: name('CN=a') }), {
        reason: 'profile-unknown',
        hint: 'Choose a profile: server, client, peer',
      })
    }
  })

  it('refuses lifetimes beyond the profile, and cuts those that outlive the issuer', async (t) => {
    const { authority, clock } = await openHierarchy(t)
    const request = { issuer: 'issuing', profile: 'client', subject: name('CN=a') }
    await assert.rejects(authority.issue({ ...request, lifetimeDays: 91 }), {
      reason: 'lifetime-not-allowed',
    })
    const { certificate: issuer } = await authority.find('issuing')
    clock.advance((issuer.notAfter.getTime() - hierarchyStart.getTime()) / dayMs - 10)
    const issued = await authority.issue(request)
    assert.deepEqual(issued.certificate.notAfter, issuer.notAfter)
    assert.deepEqual(issued.clamped?.granted, issuer.notAfter)

    clock.advance(11)
    await assert.rejects(authority.issue(request), { reason: 'issuer-expired' })
  })

  it('warns of a server CN that is not among the names', async (t) => {
    const { authority } = await openHierarchy(t)
    const request = { issuer: 'issuing', profile: 'server', subject: name('CN=web.example') }
    const good = await authority.issue({ ...request, subjectAltNames: san('DNS:web.example') })
    assert.deepEqual(good.warnings, [])
    const other = await authority.issue({ ...request, subjectAltNames: san('DNS:api.example') })
    assert.deepEqual(
      other.warnings.map(({ what }) => what),
      ['CN web.example'],
    )
  })

  it('issues in parallel, each with a serial number of its own', async (t) => {
    const bench = await openHierarchy(t)
    const before = await certificateCount(bench)
    const issued = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => issueClient(bench.authority, `CN=${index}`)),
    )
    const serials = issued.map(({ certificate }) => certificate.serialNumber)
    assert.equal(new Set(serials).size, 50)
    assert.equal(await certificateCount(bench), before + 50)
  })

  it('binds a key to one subject also when two are asked for at once', async (t) => {
    const { authority } = await openHierarchy(t)
    const key = 'keys/ec-p256-pkcs8.pem'
    const results = await Promise.allSettled([
      issueClient(authority, 'CN=a', key),
      issueClient(authority, 'CN=b', key),
    ])
    const reasons = results.map((result) =>
      result.status === 'fulfilled' ? 'issued' : (result.reason as { reason: string }).reason,
    )
    assert.deepEqual(reasons.toSorted(), ['issued', 'key-certified-for-another'])
  })
})
