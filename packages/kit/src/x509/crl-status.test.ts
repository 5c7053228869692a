import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testAuthority, testKey, testTime } from '../../test/certificates.ts'
import type { TestAuthority } from '../../test/certificates.ts'
import { crlNumberSeven, nextUpdate, rawCrl, testCrl, thisUpdate } from '../../test/crls.ts'
import type { CrlTemplate } from './create-crl.ts'
import { encodeCrlDistributionPoints } from './crl-distribution-points.ts'
import type { DistributionPoint } from './crl-distribution-points.ts'
import { crlStatus } from './crl-status.ts'
import type { CrlQuestion } from './crl-status.ts'
import { parseCrl } from './crl.ts'
import type { Crl } from './crl.ts'
import { integer, octetString, setOf } from './der-writer.ts'
import { encodeExtension } from './extension-list.ts'
import { parseName } from './name-text.ts'
import { scopedReasons } from './revocation-reason.ts'

const root = testAuthority()
const leaf = root.issue({ serialNumber: 0x0a })
const revokedAt = new Date('2026-06-10T00:00:00Z')
const listed = { serialNumber: '0a', revokedAt, reason: 'key-compromise' } as const
const empty = await testCrl(root)
const revoking = await testCrl(root, { entries: [listed] })

/** `good`, `revoked`, or the reasons of doubt. */
function ask(crls: readonly Crl[], more: Partial<CrlQuestion> = {}): string {
  const status = crlStatus({
    certificate: leaf.certificate,
    issuer: root.certificate,
    crls,
    at: testTime,
    ...more,
  })
  return status.status === 'undetermined'
    ? status.why.map(({ reason }) => reason).join(' ')
    : status.status
}

function leafAt(
  points: readonly (string | DistributionPoint)[],
  authority: TestAuthority = root,
): Pick<CrlQuestion, 'certificate' | 'issuer'> {
  const extension = encodeExtension(encodeCrlDistributionPoints(points))
  const { certificate } = authority.issue({ serialNumber: 0x0a, extraExtensions: [extension] })
  return { certificate, issuer: authority.certificate }
}

describe('crlStatus()', () => {
  it('is good when a current CRL of the issuer does not list the certificate', () => {
    assert.deepEqual(
      crlStatus({
        certificate: leaf.certificate,
        issuer: root.certificate,
        crls: [empty],
        at: testTime,
      }),
      { status: 'good', validUntil: nextUpdate },
    )
  })

  it('is revoked when it does, with date and reason', () => {
    assert.deepEqual(
      crlStatus({
        certificate: leaf.certificate,
        issuer: root.certificate,
        crls: [revoking],
        at: testTime,
      }),
      { status: 'revoked', revokedAt, reason: 'key-compromise' },
    )
  })

  it('is undetermined without a CRL, or with another issuer’s', async () => {
    assert.equal(ask([]), 'crl-missing')
    const other = testAuthority({ subject: 'CN=Other' })
    assert.equal(ask([await testCrl(other, { entries: [listed] })]), 'crl-missing')
    assert.equal(ask([await testCrl(other, { entries: [listed] }), empty]), 'good')
  })

  it('does not believe a CRL of the right name that another key signed', async () => {
    const impostor = testAuthority()
    const forged = await testCrl(impostor)
    assert.equal(ask([forged]), 'crl-signature-invalid')
    assert.equal(ask([forged, revoking]), 'revoked')
    assert.equal(ask([await testCrl(impostor, { entries: [listed] }), empty]), 'good')
  })

  it('wants cRLSign of an issuer that has key usages', async () => {
    const withUsage = (
      keyUsage: readonly ('keyCertSign' | 'cRLSign')[] | undefined,
    ): TestAuthority => testAuthority({ extensions: { keyUsage } })
    const verdict = async (authority: TestAuthority): Promise<string> => {
      const { certificate } = authority.issue()
      return ask([await testCrl(authority)], { certificate, issuer: authority.certificate })
    }
    assert.equal(await verdict(withUsage(['keyCertSign'])), 'crl-issuer-may-not-sign')
    assert.equal(await verdict(withUsage(['keyCertSign', 'cRLSign'])), 'good')
    assert.equal(await verdict(withUsage(undefined)), 'good')
  })

  it('takes a CRL signed with the issuer’s other key, where that one was verified', async () => {
    const separate = root.intermediate({
      subject: 'CN=Test Root,O=Test',
      extensions: { basicConstraints: undefined, keyUsage: ['cRLSign'] },
    })
    const crl = await testCrl(separate)
    assert.equal(ask([crl]), 'crl-signature-invalid')
    assert.equal(ask([crl], { crlIssuers: [separate.certificate] }), 'good')
    const listing = await testCrl(separate, { entries: [listed] })
    assert.equal(ask([listing], { crlIssuers: [separate.certificate] }), 'revoked')
  })

  it('holds from thisUpdate to nextUpdate', () => {
    const after = (date: Date, ms: number): Date => new Date(date.getTime() + ms)
    assert.equal(ask([empty], { at: nextUpdate }), 'good')
    assert.equal(ask([empty], { at: after(nextUpdate, 1) }), 'crl-expired')
    assert.equal(ask([empty], { at: thisUpdate }), 'good')
    assert.equal(ask([empty], { at: after(thisUpdate, -1) }), 'crl-not-yet-valid')
    assert.equal(ask([empty], { at: after(thisUpdate, -1000), skewMs: 1000 }), 'good')
  })

  it('lets a list past its time revoke, but for a hold', async () => {
    const at = new Date(nextUpdate.getTime() + 1)
    assert.equal(ask([revoking], { at }), 'revoked')
    const hold = await testCrl(root, { entries: [{ ...listed, reason: 'certificate-hold' }] })
    assert.equal(ask([hold]), 'revoked')
    assert.equal(ask([hold], { at }), 'crl-expired')
  })

  it('lets the newest CRL decide', async () => {
    const later = { thisUpdate: new Date(thisUpdate.getTime() + 1000), crlNumber: 8n }
    const hold = await testCrl(root, { entries: [{ ...listed, reason: 'certificate-hold' }] })
    assert.equal(ask([hold, await testCrl(root, later)]), 'good')
    assert.equal(ask([empty, await testCrl(root, { ...later, entries: [listed] })]), 'revoked')
    const sameTime = { crlNumber: 9n, entries: [listed] }
    assert.equal(ask([empty, await testCrl(root, sameTime)]), 'revoked')
  })

  it('wants version 2, a number and nextUpdate for good; not for revoked', async () => {
    const parse = (parts: Parameters<typeof rawCrl>[0]): Promise<Crl> =>
      parseCrl(rawCrl({ key: root.key, issuer: root.certificate.subject.der, ...parts }))
    assert.equal(ask([await parse({})]), 'good')
    const versionOne = { version: null, extensions: null }
    assert.equal(ask([await parse(versionOne)]), 'crl-version-unsupported')
    assert.equal(ask([await parse({ extensions: null })]), 'crl-number-missing')
    assert.equal(ask([await parse({ nextUpdate: null })]), 'crl-next-update-missing')
    const [entries] = [...revoking.entries].map(() => entryBytes(revoking))
    assert.ok(entries)
    assert.equal(ask([await parse({ ...versionOne, entries })]), 'revoked')
  })

  it('does not rely on a CRL with a critical extension that is not known, even to revoke', async () => {
    const unknown = { oid: '1.2.3.4', critical: true, value: octetString(Uint8Array.of(1)) }
    const parts = {
      key: root.key,
      issuer: root.certificate.subject.der,
      entries: entryBytes(revoking),
    }
    const crl = await parseCrl(rawCrl({ ...parts, extensions: [crlNumberSeven, unknown] }))
    assert.equal(ask([crl]), 'crl-critical-extension-unknown')
    const harmless = { ...unknown, critical: false }
    assert.equal(
      ask([await parseCrl(rawCrl({ ...parts, extensions: [crlNumberSeven, harmless] }))]),
      'revoked',
    )
  })

  it('says so when distribution points cannot be read', () => {
    const broken = encodeExtension({ oid: '2.5.29.31', critical: false, value: integer(1) })
    const { certificate } = root.issue({ extraExtensions: [broken] })
    assert.equal(ask([empty], { certificate }), 'distribution-points-malformed')
  })
})

describe('crlStatus() within a scope', () => {
  const scoped = (
    issuingDistributionPoint: CrlTemplate['issuingDistributionPoint'],
    entries: CrlTemplate['entries'] = [],
  ): Promise<Crl> =>
    testCrl(root, { ...(issuingDistributionPoint && { issuingDistributionPoint }), entries })
  const ca = root.intermediate({ serialNumber: 0x0b }).certificate

  it('keeps user, CA and attribute certificates apart', async () => {
    const users = await scoped({ onlyContainsUserCerts: true })
    const authorities = await scoped({ onlyContainsCaCerts: true })
    const attributes = await scoped({ onlyContainsAttributeCerts: true })
    assert.equal(ask([users]), 'good')
    assert.equal(ask([users], { certificate: ca }), 'crl-out-of-scope')
    assert.equal(ask([authorities]), 'crl-out-of-scope')
    assert.equal(ask([authorities], { certificate: ca }), 'good')
    assert.equal(ask([attributes]), 'crl-out-of-scope')
    assert.equal(ask([users, authorities]), 'good')
  })

  it('matches the names of distribution points', async () => {
    const name = (value: string): Pick<DistributionPoint, 'name'> => ({
      name: { type: 'full', names: [{ type: 'uri', value }] },
    })
    const [one, two] = ['http://crl.example/1', 'http://crl.example/2']
    const shard = await scoped(name(one), [listed])
    assert.equal(ask([shard], leafAt([one])), 'revoked')
    assert.equal(ask([shard], leafAt([two])), 'crl-out-of-scope')
    assert.equal(ask([shard], leafAt([two, one])), 'revoked')
    assert.equal(ask([shard]), 'crl-out-of-scope')
    assert.equal(ask([await scoped(name(two))], leafAt([two])), 'good')
    // Without a name in its scope, a CRL covers every point.
    assert.equal(ask([empty], leafAt([one])), 'good')
  })

  it('resolves names that are relative to the CRL issuer', async () => {
    const [rdn = []] = parseName('CN=shard').rdns
    const der = setOf(parseName('CN=shard').der.subarray(4))
    const relative = { name: { type: 'relative', rdn, der } } as const
    const full = {
      name: {
        type: 'full',
        names: [{ type: 'directory-name', value: parseName('CN=shard,CN=Test Root,O=Test') }],
      },
    } as const
    const scopes = [relative, full]
    for (const scope of scopes) {
      const crl = await scoped(scope, [listed])
      for (const point of scopes) assert.equal(ask([crl], leafAt([point])), 'revoked')
      assert.equal(ask([crl], leafAt(['http://crl.example/1'])), 'crl-out-of-scope')
    }
  })

  it('wants every reason covered, by one CRL or by several', async () => {
    const some = await scoped({ onlySomeReasons: ['key-compromise', 'ca-compromise'] })
    const rest = scopedReasons.filter(
      (reason) => reason !== 'key-compromise' && reason !== 'ca-compromise',
    )
    const others = await scoped({ onlySomeReasons: rest })
    assert.equal(ask([some]), 'crl-reasons-incomplete')
    assert.equal(ask([some, others]), 'good')
    const listing = await scoped({ onlySomeReasons: rest }, [{ ...listed, reason: 'superseded' }])
    assert.equal(ask([some, listing]), 'revoked')
    const point = {
      reasons: ['key-compromise'],
      name: { type: 'full', names: [{ type: 'uri', value: 'http://crl.example/1' }] },
    } as const
    // The point speaks of one reason; the issuer's own CRL, which is not at it, of all.
    assert.equal(ask([empty], leafAt([point])), 'good')
    const atPoint = await scoped({ name: point.name })
    assert.equal(ask([atPoint], leafAt([point])), 'crl-out-of-scope crl-reasons-incomplete')
  })
})

describe('crlStatus() with an indirect CRL', () => {
  const crlAuthority = root.intermediate({ subject: 'CN=CRL Issuer,O=Test' })
  const point: DistributionPoint = {
    crlIssuer: [{ type: 'directory-name', value: crlAuthority.certificate.subject }],
  }
  const indirect = (
    entries: CrlTemplate['entries'],
    scope: CrlTemplate['issuingDistributionPoint'] = { indirectCrl: true },
  ): Promise<Crl> =>
    testCrl(crlAuthority, {
      entries,
      ...(Object.keys(scope).length > 0 && { issuingDistributionPoint: scope }),
    })
  const crlIssuers = [crlAuthority.certificate]
  const certificateIssuer = root.certificate.subject

  it('finds the entries of the certificate’s issuer only', async () => {
    const question = { ...leafAt([point]), crlIssuers }
    assert.equal(ask([await indirect([])], question), 'good')
    assert.equal(ask([await indirect([listed])], question), 'good')
    assert.equal(ask([await indirect([{ ...listed, certificateIssuer }])], question), 'revoked')
  })

  it('needs the certificate to name its issuer, and that one’s certificate', async () => {
    const crl = await indirect([{ ...listed, certificateIssuer }])
    assert.equal(ask([crl], { crlIssuers }), 'crl-missing')
    assert.equal(ask([crl], leafAt([point])), 'crl-issuer-certificate-missing')
  })

  it('does not take a CRL of the named issuer that is not indirect', async () => {
    const plain = await indirect([], {})
    assert.equal(ask([plain], { ...leafAt([point]), crlIssuers }), 'crl-out-of-scope')
  })

  it('knows a point without a name by its CRL issuer', async () => {
    const named = (value: string): NonNullable<CrlTemplate['issuingDistributionPoint']> => ({
      indirectCrl: true,
      name: { type: 'full', names: [{ type: 'directory-name', value: parseName(value) }] },
    })
    const question = { ...leafAt([point]), crlIssuers }
    assert.equal(ask([await indirect([], named('CN=CRL Issuer,O=Test'))], question), 'good')
    assert.equal(ask([await indirect([], named('CN=Else'))], question), 'crl-out-of-scope')
  })
})

describe('crlStatus() with a delta', () => {
  const delta = (template: Partial<CrlTemplate>, authority = root): Promise<Crl> =>
    testCrl(authority, { crlNumber: 9n, deltaBaseNumber: 7n, ...template })

  it('adds to the base, and ends with it or before', async () => {
    assert.equal(ask([empty, await delta({ entries: [listed] })]), 'revoked')
    const early = new Date(testTime.getTime() + 1000)
    const status = crlStatus({
      certificate: leaf.certificate,
      issuer: root.certificate,
      crls: [empty, await delta({ nextUpdate: early })],
      at: testTime,
    })
    assert.deepEqual(status, { status: 'good', validUntil: early })
  })

  it('takes a hold back', async () => {
    const hold = await testCrl(root, { entries: [{ ...listed, reason: 'certificate-hold' }] })
    const release = await delta({ entries: [{ ...listed, reason: 'remove-from-crl' }] })
    assert.equal(ask([hold]), 'revoked')
    assert.equal(ask([hold, release]), 'good')
  })

  it('is nothing without its base', async () => {
    assert.equal(ask([await delta({})]), 'crl-delta-without-base')
    assert.equal(ask([await delta({ entries: [listed] })]), 'crl-delta-without-base')
  })

  it('is passed over when it does not fit the base', async () => {
    const entries = [listed]
    const scope = { onlyContainsUserCerts: true }
    for (const template of [
      { entries, deltaBaseNumber: 8n },
      { entries, crlNumber: 7n, deltaBaseNumber: 6n },
      { entries, issuingDistributionPoint: scope },
      { entries, authorityKeyIdentifier: Uint8Array.of(1) },
    ])
      assert.equal(ask([empty, await delta(template)]), 'good')
    assert.equal(ask([empty, await delta({ entries, deltaBaseNumber: 6n })]), 'revoked')
    const base = await testCrl(root, { issuingDistributionPoint: scope })
    assert.equal(ask([base, await delta({ entries, issuingDistributionPoint: scope })]), 'revoked')
  })

  it('must be signed with the base’s key', async () => {
    const { authorityKeyIdentifier } = empty
    assert.ok(authorityKeyIdentifier)
    const forged = await delta({ entries: [listed], authorityKeyIdentifier }, testAuthority())
    assert.equal(ask([empty, forged]), 'good')
    const hold = await testCrl(root, { entries: [{ ...listed, reason: 'certificate-hold' }] })
    const release = await delta(
      { entries: [{ ...listed, reason: 'remove-from-crl' }], authorityKeyIdentifier },
      testAuthority({ key: testKey() }),
    )
    assert.equal(ask([hold, release]), 'revoked')
  })

  it('takes no hold back, but revokes, when its time has passed', async () => {
    const past = {
      thisUpdate: new Date(testTime.getTime() - 9000),
      nextUpdate: new Date(testTime.getTime() - 1),
    }
    const hold = await testCrl(root, { entries: [{ ...listed, reason: 'certificate-hold' }] })
    const release = await delta({ ...past, entries: [{ ...listed, reason: 'remove-from-crl' }] })
    assert.equal(ask([hold, release]), 'revoked')
    assert.equal(ask([empty, await delta({ ...past, entries: [listed] })]), 'revoked')
    assert.equal(ask([empty, await delta(past)]), 'good')
  })
})

/** The content of revokedCertificates with the one entry of `crl`. */
function entryBytes({ tbs }: Crl): Uint8Array {
  // The serial number 0a: the entry's SEQUENCE header is two octets before it.
  const at = Buffer.from(tbs).indexOf(Buffer.of(2, 1, 0x0a)) - 2
  return tbs.subarray(at, at + 2 + (tbs[at + 1] ?? 0))
}
