import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testAuthority, testTime } from '../../test/certificates.ts'
import { nextUpdate, testCrl, thisUpdate } from '../../test/crls.ts'
import { certificatePublicKey } from './certificate.ts'
import { parseCrl } from './crl.ts'
import { DerReader, tags } from './der-reader.ts'
import { revocationReasons } from './revocation-reason.ts'
import { verifySignature } from './signature.ts'

const root = testAuthority()
const issuer = root.certificate.subject

describe('createCrl()', () => {
  it('makes a signed version 2 CRL with the issuer’s own bytes, a number and a key identifier', async () => {
    const crl = await testCrl(root, { crlNumber: 0n })
    assert.ok(verifySignature(crl, certificatePublicKey(root.certificate)))
    assert.equal(crl.version, 2)
    assert.equal(crl.crlNumber, 0n)
    assert.deepEqual(crl.issuer.der, issuer.der)
    assert.deepEqual(
      crl.authorityKeyIdentifier,
      root.certificate.extensions.subjectKeyIdentifier?.keyIdentifier,
    )
  })

  it('leaves revokedCertificates out when there are none', async () => {
    const { tbs } = await testCrl(root)
    const reader = new DerReader(tbs).enter()
    const found: number[] = []
    while (!reader.done) found.push(reader.read().tag)
    assert.deepEqual(found, [
      tags.integer,
      tags.sequence,
      tags.sequence,
      tags.utcTime,
      tags.utcTime,
      0xa0,
    ])
  })

  it('writes every reason but unspecified, which stays out', async () => {
    const entries = revocationReasons.map((reason, index) => ({
      serialNumber: Uint8Array.of(index + 1),
      revokedAt: testTime,
      reason,
    }))
    const crl = await testCrl(root, { entries, deltaBaseNumber: 3n })
    assert.deepEqual(
      [...crl.entries].map(({ reason }) => reason),
      revocationReasons,
    )
    const plain = { serialNumber: '01', revokedAt: testTime }
    const without = await testCrl(root, { entries: [plain] })
    const with0 = await testCrl(root, { entries: [{ ...plain, reason: 'unspecified' }] })
    assert.deepEqual(with0.tbs, without.tbs)
  })

  it('writes UTCTime through 2049 and GeneralizedTime from 2050', async () => {
    const year2049 = new Date('2049-12-31T23:59:59.999Z')
    const year2050 = new Date('2050-01-01T00:00:00Z')
    const crl = await testCrl(root, { thisUpdate: year2049, nextUpdate: year2050 })
    const reader = new DerReader(crl.tbs).enter()
    for (let skipped = 0; skipped < 3; skipped += 1) reader.read()
    assert.deepEqual([reader.read().tag, reader.read().tag], [tags.utcTime, tags.generalizedTime])
    assert.equal(crl.thisUpdate.toISOString(), '2049-12-31T23:59:59.000Z')
  })

  it('makes deltas, scopes and places of deltas', async () => {
    const crl = await testCrl(root, { freshestCrl: ['http://crl.example/delta.crl'] })
    assert.equal(crl.freshestCrl.length, 1)
    const scoped = await testCrl(root, {
      deltaBaseNumber: 5n,
      issuingDistributionPoint: { onlyContainsCaCerts: true },
    })
    assert.equal(scoped.deltaBaseNumber, 5n)
    assert.equal(scoped.issuingDistributionPoint?.onlyContainsCaCerts, true)
    await assert.rejects(
      testCrl(root, { deltaBaseNumber: 5n, freshestCrl: ['http://crl.example/delta.crl'] }),
      { reason: 'crl-malformed' },
    )
  })

  it('refuses what no CRL may say', async () => {
    const entry = { serialNumber: '01', revokedAt: testTime }
    await assert.rejects(testCrl(root, { nextUpdate: thisUpdate }), RangeError)
    await assert.rejects(
      testCrl(root, { thisUpdate: new Date(Number.NaN), nextUpdate }),
      RangeError,
    )
    for (const crlNumber of [-1n, 1n << 159n])
      await assert.rejects(testCrl(root, { crlNumber }), RangeError)
    for (const serialNumber of ['', '00', 'xy', '123', '01'.repeat(21)])
      await assert.rejects(testCrl(root, { entries: [{ ...entry, serialNumber }] }), TypeError)
    await assert.rejects(
      testCrl(root, { entries: [{ ...entry, reason: 'remove-from-crl' }] }),
      TypeError,
    )
  })

  it('is read again from its own bytes', async () => {
    const largest = (1n << 159n) - 1n
    const { der } = await testCrl(root, { crlNumber: largest })
    assert.equal((await parseCrl(der)).crlNumber, largest)
  })
})
