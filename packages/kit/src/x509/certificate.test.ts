import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { globSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { testAuthority, testExtension } from '../../test/certificates.ts'
import { golden } from '../../test/fixtures.ts'
import { damagedCopies, parsedOrRefused } from '../../test/hostile.ts'
import {
  certificatePublicKey,
  encodeCertificatePem,
  fingerprint,
  isSelfIssued,
  parseCertificate,
  parseCertificates,
  publicKeyFingerprint,
} from './certificate.ts'
import { DerReader, tags } from './der-reader.ts'
import {
  bitString,
  element,
  explicit,
  integer,
  nullValue,
  oid,
  sequence,
  time,
} from './der-writer.ts'
import { parseName } from './name-text.ts'

const malformed = { code: 'HF-X104', reason: 'certificate-malformed' }
const { certificate: sound } = testAuthority().issue()

/** The fields of a certificate that is sound, to change one of. */
const fields = readFields()

function readFields(): Readonly<Record<string, Uint8Array>> {
  const reader = new DerReader(sound.tbs).enter()
  const names = [
    'version',
    'serial',
    'algorithm',
    'issuer',
    'validity',
    'subject',
    'key',
    'extensions',
  ]
  return Object.fromEntries(names.map((name) => [name, reader.read().der]))
}

function build(
  changed: Readonly<Record<string, Uint8Array>>,
  outer: readonly Uint8Array[] = [],
): Uint8Array {
  const tbs = sequence(...Object.values({ ...fields, ...changed }))
  const algorithm = changed['outerAlgorithm'] ?? fields['algorithm'] ?? new Uint8Array()
  return sequence(tbs, algorithm, bitString(sound.signature), ...outer)
}

const nothing = new Uint8Array()

describe('parseCertificate()', () => {
  it('reads what the fields above build', () => {
    const read = parseCertificate(build({}))
    assert.deepEqual(read, sound)
  })

  it('refuses the bytes of a certificate and one more, and one inside', () => {
    assert.throws(() => parseCertificate(Buffer.concat([sound.der, Uint8Array.of(0)])), malformed)
    assert.throws(() => parseCertificate(build({}, [nullValue()])), malformed)
    assert.throws(() => parseCertificate(build({ more: nullValue() })), malformed)
  })

  const year = new Date('2026-01-01T00:00:00Z')
  const refused: readonly (readonly [string, Readonly<Record<string, Uint8Array>>])[] = [
    ['version 1 written out', { version: explicit(0, integer(0)) }],
    ['version 4', { version: explicit(0, integer(3)) }],
    ['extensions in version 1', { version: nothing }],
    ['extensions in version 2', { version: explicit(0, integer(1)) }],
    ['a negative serial number', { serial: element(tags.integer, Uint8Array.of(0x80)) }],
    ['a padded serial number', { serial: element(tags.integer, Uint8Array.of(0, 1)) }],
    ['a serial number of 21 octets', { serial: integer(new Uint8Array(21).fill(1)) }],
    ['another algorithm inside', { algorithm: sequence(oid('1.2.840.10045.4.3.3')) }],
    ['one time', { validity: sequence(time(year)) }],
    ['three times', { validity: sequence(time(year), time(year), time(year)) }],
    ['an empty list of extensions', { extensions: explicit(3, sequence()) }],
    ['trailing bytes behind extensions', { extensions: element(0xa3, sequence(), nullValue()) }],
    ['a subject that is no sequence', { subject: nullValue() }],
    ['a key that is no key', { key: sequence() }],
    ['no subject and names that are not critical', { subject: sequence() }],
  ]
  for (const [what, changed] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseCertificate(build(changed)), malformed)
    })
  }

  it('reads versions 1 and 2, without extensions', () => {
    assert.equal(parseCertificate(build({ version: nothing, extensions: nothing })).version, 1)
    assert.equal(
      parseCertificate(build({ version: explicit(0, integer(1)), extensions: nothing })).version,
      2,
    )
  })

  it('accepts no subject with critical names, and refuses a CA without a subject', () => {
    const root = testAuthority()
    const nameless = parseName('CN=x').rdns.slice(1)
    const subject = { rdns: nameless, der: sequence() }
    assert.equal(root.issue({ subject }).certificate.subject.rdns.length, 0)
    assert.throws(() => root.intermediate({ subject }), malformed)
  })

  it('drops the leading zero octet of a serial number, and keeps 20 octets', () => {
    const serial = Uint8Array.from({ length: 20 }, (_, index) => 0x7f - index)
    const hex = Buffer.from(serial).toString('hex')
    assert.equal(parseCertificate(build({ serial: integer(serial) })).serialNumber, hex)
    assert.equal(parseCertificate(build({ serial: integer(0x80) })).serialNumber, '80')
    assert.equal(parseCertificate(build({ serial: integer(0) })).serialNumber, '00')
  })

  it('refuses more than 128 kB', () => {
    assert.throws(() => parseCertificate(new Uint8Array(128 * 1024 + 1)), malformed)
    const value = new Uint8Array(128 * 1024)
    assert.throws(
      () => testAuthority().issue({ extraExtensions: [testExtension('1.2.3', { value })] }),
      malformed,
    )
  })

  it('meets random bytes with its own error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.equal(
          parsedOrRefused(() => parseCertificate(bytes)),
          undefined,
        )
      }),
    )
  })

  for (const file of [
    'choreo-backend/mg.pem',
    'names/multi-valued.crt',
    'certificates/ec-root.crt',
  ]) {
    it(`meets every damage to ${file} with its own error; what it reads is other bytes`, () => {
      const [original] = parseCertificates(golden(file))
      assert.ok(original)
      const known = fingerprint(original)
      for (const copy of damagedCopies(original.der)) {
        const read = parsedOrRefused(() => parseCertificate(copy))
        if (read === undefined) continue
        assert.notEqual(fingerprint(read), known)
        assert.equal(read.der.length, copy.length)
      }
    })
  }
})

describe('parseCertificates()', () => {
  it('reads a chain in its order, and DER', () => {
    const chain = parseCertificates(golden('workshop/client_b_chain.crt'))
    assert.equal(chain.length, 2)
    assert.deepEqual(chain[0]?.issuer.der, chain[1]?.subject.der)
    assert.equal(parseCertificates(golden('forms/plain.der')).length, 1)
    assert.equal(parseCertificates(golden('forms/plain.crt').toString()).length, 1)
  })

  it('passes over keys beside certificates', () => {
    assert.equal(parseCertificates(golden('one-name/server-key-pair.pem')).length, 1)
  })

  it('reads what encodeCertificatePem() writes', () => {
    const [read] = parseCertificates(encodeCertificatePem(sound))
    assert.deepEqual(read, sound)
  })

  it('refuses files without a certificate, and one that is not sound', () => {
    assert.throws(() => parseCertificates(''), malformed)
    assert.throws(() => parseCertificates(golden('keys/rsa-2048-pkcs8.pem')), malformed)
    assert.throws(() => parseCertificates(golden('requests/ec-p256.csr')), malformed)
    assert.throws(() => parseCertificates(golden('keys/rsa-2048-pkcs8.der')), malformed)
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    assert.throws(() => parseCertificates(encodeCertificatePem(sound) + broken), malformed)
    assert.throws(() => parseCertificates(golden('forms/refused-no-newline-between.crt')), {
      reason: 'pem-malformed',
    })
  })
})

describe('certificates of openssl', () => {
  const folder = new URL('fixtures/', import.meta.url)
  const files = globSync(
    ['{choreo-backend,workshop,one-name,certificates,names,forms}/*.crt', 'choreo-backend/*.pem'],
    {
      cwd: folder,
    },
  ).filter((file) => !file.includes('refused'))

  it('are here', () => assert.ok(files.length > 20))

  for (const file of files.toSorted()) {
    it(`${file} reads as node reads it`, () => {
      const [read] = parseCertificates(golden(file))
      const oracle = new X509Certificate(golden(file))
      assert.ok(read)
      assert.deepEqual(Buffer.from(read.der), oracle.raw)
      assert.equal(read.serialNumber, oracle.serialNumber.toLowerCase().replace(/^(?:00)+/, ''))
      assert.equal(read.notBefore.getTime(), oracle.validFromDate.getTime())
      assert.equal(read.notAfter.getTime(), oracle.validToDate.getTime())
      assert.equal(fingerprint(read), oracle.fingerprint256.replaceAll(':', '').toLowerCase())
      assert.ok(certificatePublicKey(read).equals(oracle.publicKey))
      const { basicConstraints, keyUsage } = read.extensions
      const mayBeCa = keyUsage?.usages.includes('keyCertSign') ?? true
      assert.equal((basicConstraints?.ca ?? false) && mayBeCa, oracle.ca)
      assert.deepEqual(read.extensions.extendedKeyUsage?.purposes, oracle.keyUsage)
      assert.equal(isSelfIssued(read), oracle.subject === oracle.issuer)
    })
  }

  it('version-1.crt is of version 1', () => {
    assert.equal(parseCertificates(golden('certificates/version-1.crt'))[0]?.version, 1)
  })
})

describe('fingerprints', () => {
  it('publicKeyFingerprint() survives a renewal with the same key; fingerprint() does not', () => {
    const root = testAuthority()
    const first = root.issue()
    const second = root.issue({ key: first.key, serialNumber: 2 })
    assert.equal(publicKeyFingerprint(first.certificate), publicKeyFingerprint(second.certificate))
    assert.notEqual(fingerprint(first.certificate), fingerprint(second.certificate))
  })
})

describe('certificatePublicKey()', () => {
  it('refuses a point that is not on its curve', () => {
    const point = bitString(new Uint8Array(65).fill(4))
    const key = sequence(sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')), point)
    const certificate = parseCertificate(build({ key }))
    assert.throws(() => certificatePublicKey(certificate), {
      code: 'HF-X110',
      reason: 'key-malformed',
    })
  })
})
