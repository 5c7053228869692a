import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { parseName } from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import { testAuthority, testExtension, testTime } from '../../../../kit/test/certificates.ts'
import { certificateFindings } from './certificate-findings.ts'

const root = testAuthority()

function reasons(certificate: Certificate, at: Date = testTime): readonly string[] {
  return certificateFindings(certificate, at).map(({ reason }) => reason)
}

test('certificateFindings() finds nothing in a sound leaf, intermediate and root', () => {
  assert.deepEqual(reasons(root.issue().certificate), [])
  assert.deepEqual(reasons(root.intermediate().certificate), [])
  assert.deepEqual(reasons(root.certificate), [])
})

test('certificateFindings() knows before, near the end of and after the period', () => {
  const { certificate } = root.issue()
  assert.deepEqual(reasons(certificate, new Date('2026-05-01T00:00:00Z')), ['not-yet-valid'])
  assert.deepEqual(reasons(certificate, new Date('2026-08-20T00:00:00Z')), ['expires-soon'])
  assert.deepEqual(reasons(certificate, new Date(certificate.notAfter.getTime() + 999)), [])
  assert.deepEqual(reasons(certificate, new Date(certificate.notAfter.getTime() + 1000)), [
    'expired',
  ])
})

test('certificateFindings() names what a server certificate lacks', () => {
  const { certificate } = root.issue({ extensions: { subjectAltNames: undefined } })
  assert.deepEqual(reasons(certificate), ['server-name-absent'])
  const byHand = root.issue({
    extensions: { subjectAltNames: undefined, extendedKeyUsage: undefined },
  })
  assert.deepEqual(reasons(byHand.certificate), ['common-name-only', 'purpose-absent'])
  const client = root.issue({
    extensions: { subjectAltNames: undefined, extendedKeyUsage: ['clientAuth'] },
  })
  assert.deepEqual(reasons(client.certificate), [])
})

test('certificateFindings() names weak keys and signatures', () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  assert.deepEqual(reasons(root.issue({ key }).certificate), ['key-weak'])
  const sha1 = { oid: '1.2.840.10045.4.1', name: 'ecdsa-with-SHA1', digest: 'sha1' }
  assert.deepEqual(reasons(root.issue({ signatureAlgorithm: sha1 }).certificate), [
    'signature-weak',
  ])
  // Nobody relies on a root's signature.
  assert.deepEqual(reasons(testAuthority({ signatureAlgorithm: sha1 }).certificate), [])
})

test('certificateFindings() names a CA that cannot sign, may sign anything, or names hosts', () => {
  const make = (extensions: object): readonly string[] =>
    reasons(testAuthority({ extensions }).certificate)
  assert.deepEqual(make({ keyUsage: undefined }), ['ca-key-usage-absent'])
  assert.deepEqual(make({ keyUsage: ['cRLSign'] }), ['ca-may-not-sign'])
  assert.deepEqual(make({ subjectAltNames: [{ type: 'dns', value: 'a.example' }] }), [
    'leaf-is-a-ca',
  ])
})

test('certificateFindings() tells a self-signed leaf from one that shares its issuer’s subject', () => {
  const self = testAuthority({
    extensions: { basicConstraints: { ca: false }, keyUsage: ['digitalSignature'] },
  })
  assert.deepEqual(reasons(self.certificate), ['common-name-only', 'purpose-absent', 'self-signed'])
  const same = root.issue({ subject: 'CN=Test Root,O=Test' })
  assert.deepEqual(reasons(same.certificate), ['subject-equals-issuer'])
  // OpenSSL compares issuers without case.
  const folded = root.issue({ subject: 'CN=test  ROOT,O=Test' })
  assert.deepEqual(reasons(folded.certificate), ['subject-equals-issuer'])
})

test('certificateFindings() names what verification refuses wherever it stands', () => {
  const critical = testExtension('1.3.6.1.4.1.55555.4', {
    critical: true,
    value: Buffer.from('0500', 'hex'),
  })
  assert.deepEqual(reasons(root.issue({ extraExtensions: [critical] }).certificate), [
    'critical-extension-unknown',
  ])
  const { certificate } = root.issue({ version: 1, subject: parseName('CN=old') })
  assert.ok(reasons(certificate).includes('version-unsupported'))
})
