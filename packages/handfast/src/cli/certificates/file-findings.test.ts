import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCsr, keySigner, parseName, publicKeyFromPrivate } from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import { testAuthority, testKey } from '../../../test/certificates.ts'
import type { TestIdentity } from '../../../test/certificates.ts'
import { fileFindings } from './file-findings.ts'
import type { Material } from './parse-material.ts'

const root = await testAuthority()
const intermediate = await root.intermediate()
const leaf = await intermediate.issue()

const certificateOf = ({ certificate }: { certificate: Certificate }): Material => ({
  type: 'certificate',
  certificate,
})
const keyOf = ({ key }: Pick<TestIdentity, 'key'>): Material => ({
  type: 'private-key',
  publicKey: publicKeyFromPrivate(key),
})

function reasons(materials: readonly Material[], mode?: number): readonly string[] {
  const content = materials.map((material) => ({ material }))
  return fileFindings({ content, mode }).map(({ reason }) => reason)
}

test('fileFindings() finds nothing in a chain in order, with or without its root and key', () => {
  const chain = [certificateOf(leaf), certificateOf(intermediate)]
  assert.deepEqual(reasons(chain), [])
  assert.deepEqual(reasons([...chain, certificateOf(root)]), [])
  assert.deepEqual(reasons([keyOf(leaf), ...chain]), [])
})

test('fileFindings() names a chain that is out of order, and leaves a list of roots alone', async () => {
  assert.deepEqual(reasons([certificateOf(intermediate), certificateOf(leaf)]), [
    'chain-out-of-order',
  ])
  assert.deepEqual(
    reasons([certificateOf(leaf), certificateOf(root), certificateOf(intermediate)]),
    ['chain-out-of-order'],
  )
  assert.deepEqual(
    reasons([certificateOf(root), certificateOf(await testAuthority({ subject: 'CN=Other' }))]),
    [],
  )
})

test('fileFindings() names a key that belongs to no certificate, or not to the first', async () => {
  assert.deepEqual(reasons([keyOf({ key: testKey() }), certificateOf(leaf)]), ['key-mismatch'])
  assert.deepEqual(
    reasons([keyOf(intermediate), certificateOf(leaf), certificateOf(intermediate)]),
    ['chain-out-of-order'],
  )
  const csr = await createCsr({ subject: parseName('CN=web') }, keySigner(leaf.key))
  assert.deepEqual(reasons([keyOf(leaf), { type: 'request', csr }]), [])
  assert.deepEqual(reasons([keyOf(intermediate), { type: 'request', csr }]), ['key-mismatch'])
  assert.deepEqual(reasons([keyOf(leaf)]), [])
})

test('fileFindings() names a private key that others can read, and no other file', () => {
  assert.deepEqual(reasons([keyOf(leaf)], 0o100644), ['key-readable-by-others'])
  assert.deepEqual(reasons([keyOf(leaf)], 0o100600), [])
  assert.deepEqual(reasons([{ type: 'encrypted-key', encryption: 'PKCS#8 (scrypt)' }], 0o100640), [
    'key-readable-by-others',
  ])
  assert.deepEqual(reasons([certificateOf(leaf)], 0o100644), [])
})
