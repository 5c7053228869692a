import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testAuthority, testKey } from '../../test/certificates.ts'
import { golden } from '../../test/fixtures.ts'
import { fingerprint, parseCertificates, publicKeyFingerprint } from '../x509/certificate.ts'
import { caAnchor, pinnedAnchor } from './anchor.ts'

const root = testAuthority()

describe('caAnchor()', () => {
  it('is known by its key, so that a renewed certificate is the same anchor', () => {
    const key = testKey()
    const [old, renewed] = [1, 2].map((serialNumber) => testAuthority({ key, serialNumber }))
    assert.ok(old && renewed)
    assert.equal(caAnchor(old.certificate).id, caAnchor(renewed.certificate).id)
    assert.equal(caAnchor(old.certificate).id, publicKeyFingerprint(old.certificate))
    assert.notEqual(caAnchor(old.certificate).id, caAnchor(root.certificate).id)
  })

  it('takes an intermediate, and a root without key usage', () => {
    assert.equal(caAnchor(root.intermediate().certificate).kind, 'ca')
    const [openssl] = parseCertificates(golden('workshop/client_b_root_ca.crt'))
    assert.ok(openssl)
    assert.equal(caAnchor(openssl).kind, 'ca')
  })

  it('refuses a certificate that does not say CA:TRUE', () => {
    const leaf = root.issue()
    const versionOne = root.issue({ version: 1 })
    const denied = root.issue({ extensions: { basicConstraints: { ca: false } } })
    for (const { certificate } of [leaf, versionOne, denied]) {
      assert.throws(() => caAnchor(certificate), { name: 'TrustError', code: 'HF-T001' })
    }
  })
})

describe('pinnedAnchor()', () => {
  it('is known by its bytes', () => {
    const { certificate } = root.issue()
    assert.deepEqual(pinnedAnchor(certificate), {
      kind: 'pinned',
      id: fingerprint(certificate),
      certificate,
    })
  })
})
