import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { testAuthority, testTime } from '../../test/certificates.ts'
import { crlNumberSeven, nextUpdate, rawCrl, testCrl, thisUpdate } from '../../test/crls.ts'
import { damagedCopies } from '../../test/hostile.ts'
import { encodeCrlPem, parseCrl, parseCrls } from './crl.ts'
import type { Crl } from './crl.ts'
import { decodeCrlEntry } from './crl-entry.ts'
import { scanEntry } from './crl-scan.ts'
import { readSingle, tags } from './der-reader.ts'
import { ascii, element, integer, octetString, sequence, time } from './der-writer.ts'
import { encodeExtension } from './extension-list.ts'
import { X509Error } from './errors.ts'
import { encodeGeneralName } from './general-name.ts'
import { parseName } from './name-text.ts'
import { encodePem } from './pem.ts'
import { encodeReason } from './revocation-reason.ts'

const malformed = { code: 'HF-X130', reason: 'crl-malformed' }
const root = testAuthority()
const issuer = root.certificate.subject

const reason = (value: Uint8Array, critical = false): Uint8Array =>
  encodeExtension({ oid: '2.5.29.21', critical, value })
const entry = (serial: Uint8Array, ...extensions: readonly Uint8Array[]): Uint8Array =>
  sequence(serial, time(testTime), ...(extensions.length === 0 ? [] : [sequence(...extensions)]))

async function refuses(bytes: Uint8Array | string): Promise<void> {
  await assert.rejects(parseCrl(bytes), malformed)
}

describe('parseCrl()', () => {
  it('reads DER and PEM alike', async () => {
    const crl = await testCrl(root, { entries: [{ serialNumber: '0a', revokedAt: testTime }] })
    const again = await parseCrl(encodeCrlPem(crl))
    assert.deepEqual(again.der, crl.der)
    assert.equal(again.version, 2)
    assert.equal(again.crlNumber, 7n)
    assert.deepEqual(again.thisUpdate, thisUpdate)
    assert.deepEqual(again.nextUpdate, nextUpdate)
    assert.deepEqual(again.issuer.der, issuer.der)
    assert.equal(again.entries.size, 1)
    assert.deepEqual(again.unknownCritical, [])
  })

  it('refuses bytes behind it, a certificate, and two in one file', async () => {
    const der = rawCrl()
    await parseCrl(der)
    await refuses(Buffer.concat([der, Buffer.of(0)]))
    await refuses(root.certificate.der)
    await refuses(encodePem('CERTIFICATE', root.certificate.der))
    const two = `${encodePem('X509 CRL', der)}${encodePem('X509 CRL', der)}`
    assert.equal((await parseCrls(two)).length, 2)
    await refuses(two)
  })

  it('reads one that says less than it should: judging it is for crlStatus()', async () => {
    const old = await parseCrl(rawCrl({ version: null, nextUpdate: null, extensions: null }))
    assert.equal(old.version, 1)
    assert.equal(old.nextUpdate, undefined)
    assert.equal(old.crlNumber, undefined)
  })

  it('refuses extensions in version 1, other versions, two algorithms, no issuer', async () => {
    await refuses(rawCrl({ version: null }))
    await refuses(rawCrl({ version: integer(0) }))
    await refuses(rawCrl({ version: integer(2) }))
    await refuses(rawCrl({ outerAlgorithm: sequence(element(tags.oid, Uint8Array.of(0x2a, 3))) }))
    await refuses(rawCrl({ issuer: sequence() }))
    await refuses(rawCrl({ thisUpdate: element(tags.utcTime, ascii('2606151200Z')) }))
  })

  it('refuses an empty list of entries, which must be absent', async () => {
    await refuses(rawCrl({ entries: new Uint8Array(0) }))
    await parseCrl(rawCrl({ entries: entry(integer(1)) }))
  })

  it('refuses extensions with the wrong criticality, twice, or out of range', async () => {
    const number = (value: Uint8Array, critical = false): Parameters<typeof rawCrl>[0] => ({
      extensions: [{ oid: '2.5.29.20', critical, value }],
    })
    const delta = (critical: boolean): Parameters<typeof rawCrl>[0] => ({
      extensions: [crlNumberSeven, { oid: '2.5.29.27', critical, value: integer(3) }],
    })
    await refuses(rawCrl(number(integer(7), true)))
    await refuses(rawCrl(number(element(tags.integer, Uint8Array.of(0xff)))))
    await refuses(rawCrl(number(integer(new Uint8Array(20).fill(0xff)))))
    const largest = integer(new Uint8Array(20).fill(0x7f))
    assert.equal(
      (await parseCrl(rawCrl(number(largest)))).crlNumber,
      BigInt(`0x${'7f'.repeat(20)}`),
    )
    await refuses(rawCrl(delta(false)))
    assert.equal((await parseCrl(rawCrl(delta(true)))).deltaBaseNumber, 3n)
    await refuses(rawCrl({ extensions: [crlNumberSeven, crlNumberSeven] }))
    await refuses(rawCrl({ extensions: [] }))
    const identifier = { oid: '2.5.29.35', critical: true, value: sequence() }
    await refuses(rawCrl({ extensions: [identifier] }))
  })

  it('lists critical extensions that it does not know, of the list and of entries', async () => {
    const unknown = { oid: '1.2.3.4', critical: true, value: octetString(Uint8Array.of(1)) }
    const list = await parseCrl(rawCrl({ extensions: [crlNumberSeven, unknown] }))
    assert.deepEqual(list.unknownCritical, ['1.2.3.4'])
    const entries = entry(integer(1), encodeExtension({ ...unknown, oid: '1.2.3.5' }))
    assert.deepEqual((await parseCrl(rawCrl({ entries }))).unknownCritical, ['1.2.3.5'])
    const harmless = entry(integer(1), encodeExtension({ ...unknown, critical: false }))
    assert.deepEqual((await parseCrl(rawCrl({ entries: harmless }))).unknownCritical, [])
  })

  it('answers damaged bytes with its own error, and never reads on without end', async () => {
    const crl = await testCrl(root, {
      entries: [
        { serialNumber: '01', revokedAt: testTime, reason: 'superseded' },
        { serialNumber: '02', revokedAt: testTime, invalidityDate: testTime },
      ],
      issuingDistributionPoint: { onlyContainsUserCerts: true },
    })
    for (const bytes of damagedCopies(crl.der)) {
      try {
        const read = await parseCrl(bytes)
        assert.equal([...read.entries].length, read.entries.size)
      } catch (error) {
        assert.ok(error instanceof X509Error, String(error))
      }
    }
  })

  it('yields every few hundred entries', async () => {
    let yields = 0
    const yieldNow = (): Promise<void> => {
      yields += 1
      return Promise.resolve()
    }
    const entries = Array.from({ length: 5120 }, (_, index) => ({
      serialNumber: (index + 1).toString(16).padStart(4, '0'),
      revokedAt: testTime,
    }))
    const { der } = await testCrl(root, { entries })
    const crl = await parseCrl(der, { yieldNow })
    assert.ok(yields >= 20, `${yields}`)
    assert.equal(crl.entries.size, 5120)
    for (const { serialNumber } of entries) {
      // Certificates have no leading zero octets.
      const own = serialNumber.replace(/^00/, '')
      assert.equal(crl.entries.find(own, issuer)?.serialNumber, own)
    }
  })
})

describe('parseCrls()', () => {
  it('reads a large PEM file, passing over what is no CRL', async () => {
    const entries = Array.from({ length: 12_000 }, (_, index) => ({
      serialNumber: (0x10_0000_0000 + index).toString(16).padStart(10, '0'),
      revokedAt: testTime,
    }))
    const crl = await testCrl(root, { entries })
    const pem = encodeCrlPem(crl)
    assert.ok(pem.length > 256 * 1024)
    assert.equal(pem, encodePem('X509 CRL', crl.der))
    const small = await testCrl(root)
    const other = encodePem('CERTIFICATE', root.certificate.der)
    const crls = await parseCrls(
      `notes\n${other}${pem.replaceAll('\n', '\r\n')}${encodeCrlPem(small)}`,
    )
    assert.deepEqual(
      crls.map(({ der }) => Buffer.compare(der, crl.der)),
      [0, Buffer.compare(small.der, crl.der)],
    )
    const cut = { code: 'HF-X102', reason: 'pem-malformed' }
    const middle = pem.length >> 1
    await assert.rejects(parseCrls(pem.slice(0, middle)), cut)
    await assert.rejects(parseCrls(`${pem.slice(0, middle)}!${pem.slice(middle + 1)}`), cut)
    await assert.rejects(parseCrls(`${pem.slice(0, middle)}=${pem.slice(middle + 1)}`), cut)
    await assert.rejects(parseCrls(other.repeat(500)), malformed)
  })
})

describe('entries of a CRL', () => {
  const parseEntries = (entries: Uint8Array): Promise<Crl> => parseCrl(rawCrl({ entries }))

  it('are found by serial number, whatever its first bit', async () => {
    const serial = fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .filter((o) => o.some((x) => x > 0))
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(serial, {
          maxLength: 40,
          selector: (o) => BigInt(`0x${Buffer.from(o).toString('hex')}`),
        }),
        async (serials) => {
          const [missing, ...listed] = serials
          const crl = await testCrl(root, {
            entries: listed.map((serialNumber) => ({ serialNumber, revokedAt: testTime })),
          })
          const text = (o: Uint8Array): string =>
            Buffer.from(o)
              .toString('hex')
              .replace(/^(?:00)+/, '')
          for (const o of listed)
            assert.equal(crl.entries.find(text(o), issuer)?.serialNumber, text(o))
          if (missing) assert.equal(crl.entries.find(text(missing), issuer), undefined)
          assert.equal(crl.entries.size, listed.length)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('give date, reason and invalidity date', async () => {
    const [revokedAt, invalidityDate] = [
      new Date('2026-05-31T01:02:03Z'),
      new Date('2026-04-01T00:00:00Z'),
    ]
    const crl = await testCrl(root, {
      entries: [
        { serialNumber: '01', revokedAt, reason: 'key-compromise', invalidityDate },
        { serialNumber: '02', revokedAt: new Date('2050-02-28T00:00:00Z') },
      ],
    })
    assert.deepEqual(crl.entries.find('01', issuer), {
      serialNumber: '01',
      revokedAt,
      reason: 'key-compromise',
      invalidityDate,
    })
    assert.equal(crl.entries.find('02', issuer)?.reason, 'unspecified')
    assert.equal(crl.entries.find('01', parseName('CN=Other')), undefined)
    assert.deepEqual(
      [...crl.entries].map((found) => found.serialNumber),
      ['01', '02'],
    )
  })

  it('may have numbers that no certificate has: -1 is not 255 (PKITS 4.4.14)', async () => {
    const crl = await parseEntries(entry(element(tags.integer, Uint8Array.of(0xff))))
    assert.equal(crl.entries.find('ff', issuer), undefined)
    assert.equal([...crl.entries][0]?.serialNumber, '-ff')
    const positive = await parseEntries(entry(integer(255)))
    assert.equal(positive.entries.find('ff', issuer)?.serialNumber, 'ff')
  })

  it('may appear twice in a complete CRL, never in a delta', async () => {
    const entries = Buffer.concat([
      entry(integer(1), reason(encodeReason('superseded'))),
      entry(integer(1)),
    ])
    assert.equal((await parseEntries(entries)).entries.find('01', issuer)?.reason, 'superseded')
    const delta = { oid: '2.5.29.27', critical: true, value: integer(3) }
    await refuses(rawCrl({ entries, extensions: [crlNumberSeven, delta] }))
  })

  it('stay fast when one serial number is repeated without end', async () => {
    const one = entry(integer(1))
    const crl = await parseEntries(Buffer.concat(Array.from({ length: 50_000 }, () => one)))
    assert.equal(crl.entries.size, 50_000)
  })

  it('name other issuers in indirect CRLs only, critically, and until the next one', async () => {
    const other = parseName('CN=Other')
    const point = { indirectCrl: true }
    const crl = await testCrl(root, {
      issuingDistributionPoint: point,
      entries: [
        { serialNumber: '01', revokedAt: testTime },
        { serialNumber: '02', revokedAt: testTime, certificateIssuer: other },
        { serialNumber: '03', revokedAt: testTime },
        { serialNumber: '03', revokedAt: testTime, certificateIssuer: issuer },
      ],
    })
    const found = (name: typeof issuer): boolean[] =>
      ['01', '02', '03'].map((serial) => crl.entries.find(serial, name) !== undefined)
    assert.deepEqual(found(issuer), [true, false, true])
    assert.deepEqual(found(other), [false, true, true])
    assert.deepEqual(
      [...crl.entries].map(({ certificateIssuer }) => certificateIssuer.rdns.length),
      [2, 1, 1, 2],
    )
    const entries = [{ serialNumber: '02', revokedAt: testTime, certificateIssuer: other }]
    await assert.rejects(testCrl(root, { entries }), malformed)
    const value = sequence(encodeGeneralName({ type: 'directory-name', value: other }))
    const named = (critical: boolean): Uint8Array =>
      entry(integer(2), encodeExtension({ oid: '2.5.29.29', critical, value }))
    const indirect = {
      oid: '2.5.29.28',
      critical: true,
      value: sequence(element(0x84, Uint8Array.of(0xff))),
    }
    const extensions = [crlNumberSeven, indirect]
    await parseCrl(rawCrl({ entries: named(true), extensions }))
    await refuses(rawCrl({ entries: named(false), extensions }))
  })

  it('are refused in any other form than DER', async () => {
    await parseEntries(entry(integer(1), reason(encodeReason('superseded'))))
    for (const bad of [
      entry(element(tags.integer, Uint8Array.of(0, 1))),
      entry(element(tags.integer)),
      entry(element(tags.octetString, Uint8Array.of(1))),
      entry(integer(new Uint8Array(128).fill(1))),
      sequence(integer(1), element(tags.utcTime, ascii('260230000000Z'))),
      sequence(integer(1), element(tags.utcTime, ascii('260431000000Z'))),
      sequence(integer(1), element(tags.utcTime, ascii('260401240000Z'))),
      sequence(integer(1), element(tags.utcTime, ascii('2604010000000'))),
      sequence(integer(1), time(testTime), sequence()),
      sequence(integer(1), time(testTime), integer(1)),
      entry(integer(1), reason(integer(1))),
      entry(integer(1), reason(element(0x0a, Uint8Array.of(0x80)))),
      entry(integer(1), reason(encodeReason('superseded')), reason(encodeReason('superseded'))),
    ])
      await refuses(rawCrl({ entries: bad }))
  })

  it('are accepted by the quick scan exactly as by the reader', () => {
    for (const sound of [
      entry(integer(0x1234)),
      entry(integer(200), reason(encodeReason('aa-compromise'))),
    ]) {
      for (const bytes of damagedCopies(sound)) {
        const scanned = attempt(() => {
          const { end, extensions } = scanEntry(bytes, 0)
          if (extensions !== undefined || end !== bytes.length)
            decodeCrlEntry(readSingle(bytes, tags.sequence))
        })
        assert.equal(
          scanned,
          attempt(() => void decodeCrlEntry(readSingle(bytes, tags.sequence))),
        )
      }
    }
  })
})

function attempt(read: () => void): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}
