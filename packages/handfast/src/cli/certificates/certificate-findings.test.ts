import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { Certificate } from '@handfast/kit/x509'
import { goldenCertificate, testAuthority, testTime } from '../../../test/certificates.ts'
import { certificateFindings } from './certificate-findings.ts'

const root = await testAuthority()

function reasons(certificate: Certificate, at: Date = testTime): readonly string[] {
  return certificateFindings(certificate, at).map(({ reason }) => reason)
}

test('certificateFindings() finds nothing in a sound leaf, intermediate and root', async () => {
  assert.deepEqual(reasons((await root.issue()).certificate), [])
  assert.deepEqual(reasons((await root.intermediate()).certificate), [])
  assert.deepEqual(reasons(root.certificate), [])
})

test('certificateFindings() knows before, near the end of and after the period', async () => {
  const { certificate } = await root.issue()
  assert.deepEqual(reasons(certificate, new Date('2026-05-01T00:00:00Z')), ['not-yet-valid'])
  assert.deepEqual(reasons(certificate, new Date('2026-08-20T00:00:00Z')), ['expires-soon'])
  assert.deepEqual(reasons(certificate, new Date(certificate.notAfter.getTime() + 999)), [])
  assert.deepEqual(reasons(certificate, new Date(certificate.notAfter.getTime() + 1000)), [
    'expired',
  ])
})

test('certificateFindings() names what a server certificate lacks', async () => {
  const { certificate } = await root.issue({ extensions: { subjectAltNames: undefined } })
  assert.deepEqual(reasons(certificate), ['server-name-absent'])
  const byHand = await root.issue({
    extensions: { subjectAltNames: undefined, extendedKeyUsage: undefined },
  })
  assert.deepEqual(reasons(byHand.certificate), ['common-name-only', 'purpose-absent'])
  const client = await root.issue({
    extensions: { subjectAltNames: undefined, extendedKeyUsage: ['clientAuth'] },
  })
  assert.deepEqual(reasons(client.certificate), [])
})

test('certificateFindings() names weak keys and signatures', async () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  assert.deepEqual(reasons((await root.issue({ key })).certificate), ['key-weak'])
  const sha1 = { oid: '1.2.840.10045.4.1', name: 'ecdsa-with-SHA1' }
  assert.deepEqual(reasons((await root.issue({ signatureAlgorithm: sha1 })).certificate), [
    'signature-weak',
  ])
  // Nobody relies on a root's signature.
  assert.deepEqual(reasons((await testAuthority({ signatureAlgorithm: sha1 })).certificate), [])
})

test('certificateFindings() names a CA that cannot sign, may sign anything, or names hosts', async () => {
  const make = async (extensions: object): Promise<readonly string[]> =>
    reasons((await testAuthority({ extensions })).certificate)
  assert.deepEqual(await make({ keyUsage: undefined }), ['ca-key-usage-absent'])
  assert.deepEqual(await make({ keyUsage: ['cRLSign'] }), ['ca-may-not-sign'])
  assert.deepEqual(await make({ subjectAltNames: [{ type: 'dns', value: 'a.example' }] }), [
    'leaf-is-a-ca',
  ])
})

test('certificateFindings() tells a self-signed leaf from one that shares its issuer’s subject', async () => {
  const self = await testAuthority({
    extensions: { basicConstraints: { ca: false }, keyUsage: ['digitalSignature'] },
  })
  assert.deepEqual(reasons(self.certificate), ['common-name-only', 'purpose-absent', 'self-signed'])
  const same = await root.issue({ subject: 'CN=Test Root,O=Test' })
  assert.deepEqual(reasons(same.certificate), ['subject-equals-issuer'])
  // OpenSSL compares issuers without case.
  const folded = await root.issue({ subject: 'CN=test  ROOT,O=Test' })
  assert.deepEqual(reasons(folded.certificate), ['subject-equals-issuer'])
})

test('certificateFindings() names what verification refuses wherever it stands', () => {
  const cases = {
    'certificates/version-1.crt': 'version-unsupported',
    'certificates/constrained-intermediate.crt': 'constraint-malformed',
  }
  for (const [name, reason] of Object.entries(cases)) {
    const certificate = goldenCertificate(name)
    assert.ok(reasons(certificate, certificate.notBefore).includes(reason), name)
  }
})
