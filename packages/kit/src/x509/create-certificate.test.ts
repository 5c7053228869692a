import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { testKey } from '../../test/certificates.ts'
import { createCertificate } from './create-certificate.ts'
import type { CertificateTemplate } from './create-certificate.ts'
import { parseGeneralName } from './general-name.ts'
import { generatePrivateKey, keyAlgorithms, keySigner, publicKeyFromPrivate } from './keys.ts'
import { encodeName } from './name.ts'
import { parseName } from './name-text.ts'
import { subjectKeyIdentifier } from './signature.ts'

const malformed = { code: 'HF-X104', reason: 'certificate-malformed' }
const rootKey = testKey()
const leafKey = testKey()
const root: CertificateTemplate = {
  serialNumber: Uint8Array.of(1),
  issuer: parseName('CN=Root,O=Example'),
  subject: parseName('CN=Root,O=Example'),
  notBefore: new Date('2026-06-01T00:00:00.999Z'),
  notAfter: new Date('2060-06-01T00:00:00Z'),
  publicKey: publicKeyFromPrivate(rootKey),
  extensions: {
    basicConstraints: { ca: true, pathLength: 0 },
    keyUsage: ['keyCertSign', 'cRLSign'],
  },
}
const leaf: CertificateTemplate = {
  ...root,
  serialNumber: Buffer.from('80ffffffffffffffff01', 'hex'),
  subject: parseName('CN=web,O=Example'),
  publicKey: publicKeyFromPrivate(leafKey),
  extensions: {
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['clientAuth', 'serverAuth'],
    subjectAltNames: [
      'web.example',
      '*.web.example',
      '192.0.2.1',
      '2001:db8::1',
      'URI:spiffe://example/web',
      'email:a@example.org',
      'DirName:CN=x',
    ].map(parseGeneralName),
    authorityKeyIdentifier: subjectKeyIdentifier(root.publicKey),
  },
}

describe('createCertificate()', () => {
  it('makes certificates that node parses, links and verifies', async () => {
    const authority = new X509Certificate((await createCertificate(root, keySigner(rootKey))).der)
    const certificate = new X509Certificate((await createCertificate(leaf, keySigner(rootKey))).der)
    assert.ok(certificate.checkIssued(authority))
    assert.ok(certificate.verify(authority.publicKey))
    assert.ok(authority.verify(authority.publicKey))
    assert.ok(certificate.checkPrivateKey(leafKey))
    assert.equal(authority.ca, true)
    assert.equal(certificate.ca, false)
    assert.equal(certificate.serialNumber, '80FFFFFFFFFFFFFFFF01')
    assert.equal(certificate.validFromDate.toISOString(), '2026-06-01T00:00:00.000Z')
    assert.equal(certificate.validToDate.toISOString(), '2060-06-01T00:00:00.000Z')
    assert.equal(certificate.checkHost('web.example'), 'web.example')
    assert.equal(certificate.checkIP('2001:db8::1'), '2001:db8::1')
    assert.equal(certificate.checkEmail('a@example.org'), 'a@example.org')
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'])
  })

  it('says what its template says', async () => {
    const { extensions, version } = await createCertificate(leaf, keySigner(rootKey))
    assert.equal(version, 3)
    assert.deepEqual(extensions.keyUsage, { usages: ['digitalSignature'], critical: true })
    assert.deepEqual(extensions.subjectAltNames?.names, leaf.extensions.subjectAltNames)
    assert.equal(extensions.subjectAltNames?.critical, false)
    assert.equal(extensions.basicConstraints, undefined)
    assert.deepEqual(extensions.unread, [])
  })

  for (const algorithm of keyAlgorithms.filter((name) => name !== 'rsa-4096')) {
    it(`signs with ${algorithm}`, async () => {
      const key = await generatePrivateKey(algorithm)
      const { der } = await createCertificate(leaf, keySigner(key))
      assert.ok(new X509Certificate(der).verify(publicKeyFromPrivate(key)))
    })
  }

  it('marks the names critical where there is no subject', async () => {
    const certificate = await createCertificate(
      { ...leaf, subject: encodeName([]) },
      keySigner(rootKey),
    )
    assert.equal(certificate.extensions.subjectAltNames?.critical, true)
  })

  const refused: readonly (readonly [string, Partial<CertificateTemplate>])[] = [
    ['serial number 0', { serialNumber: Uint8Array.of(0) }],
    ['no serial number', { serialNumber: new Uint8Array(0) }],
    ['a serial number of 21 octets', { serialNumber: new Uint8Array(21).fill(1) }],
    [
      'a serial number of 20 octets with the highest bit',
      { serialNumber: new Uint8Array(20).fill(0x80) },
    ],
    ['a CA without a subject', { subject: encodeName([]) }],
    ['the year 10000', { notAfter: new Date('+010000-01-01T00:00:00Z') }],
  ]
  for (const [what, changed] of refused) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(
        createCertificate({ ...root, ...changed }, keySigner(rootKey)),
        malformed,
      )
    })
  }

  it('refuses a path length below 0, which would be written as another one', async () => {
    const extensions = { basicConstraints: { ca: true, pathLength: -1 } }
    await assert.rejects(createCertificate({ ...root, extensions }, keySigner(rootKey)), TypeError)
  })

  it('refuses a DNS name beyond ASCII, which would be cut to another one', async () => {
    const extensions = { subjectAltNames: [{ type: 'dns', value: '\u0142.example' }] } as const
    await assert.rejects(createCertificate({ ...leaf, extensions }, keySigner(rootKey)), TypeError)
  })

  it('writes any subject and serial number so that node reads the same', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    const sound = text.filter((value) => value.isWellFormed() && !/\p{Cc}/u.test(value))
    await fc.assert(
      fc.asyncProperty(
        sound,
        fc.bigInt({ min: 1n, max: 2n ** 159n - 1n }),
        async (value, serial) => {
          const hex = serial.toString(16)
          const subject = encodeName([[{ type: '2.5.4.3', value, tag: 0x0c }]])
          const serialNumber = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
          const { der } = await createCertificate(
            { ...leaf, subject, serialNumber },
            keySigner(rootKey),
          )
          const oracle = new X509Certificate(der)
          assert.equal(oracle.toLegacyObject().subject.CN, value)
          assert.equal(BigInt(`0x${oracle.serialNumber}`), serial)
        },
      ),
      { numRuns: 50 },
    )
  })
})
