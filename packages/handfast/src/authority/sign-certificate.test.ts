import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { keySigner } from '@handfast/kit/x509'
import type { Signer } from '@handfast/kit/x509'
import { golden, goldenCertificate, name, san, start } from './authority-fixture.test.ts'
import { dayMs } from './limits.ts'
import type { LintSubject } from './lint.ts'
import { profiles } from './profiles.ts'
import { TrialKeys, signCertificate } from './sign-certificate.ts'
import { leafTemplate } from './templates.ts'

const issuer = goldenCertificate('certificates/ec-root.crt')
const signer = keySigner(createPrivateKey(golden('keys/ec-p384-sec1.pem')))
const trials = new TrialKeys()

function subject(days: number): LintSubject {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const validity = { notBefore: start, notAfter: new Date(start.getTime() + days * dayMs) }
  const template = leafTemplate(
    { subject: name('CN=web'), publicKey, validity, names: san('DNS:web.example') },
    { profile: profiles.server, issuer },
  )
  return { template, profile: profiles.server, issuer }
}

describe('signCertificate', () => {
  it('signs what is right', async () => {
    const certificate = await signCertificate(subject(90), { signer, trials })
    assert.equal(certificate.signatureAlgorithm.name, 'ecdsa-with-SHA384')
  })

  it('never lets the key touch what is wrong', async () => {
    let used = 0
    const counting: Signer = {
      ...signer,
      sign: async (bytes) => {
        used += 1
        return signer.sign(bytes)
      },
    }
    await assert.rejects(signCertificate(subject(91), { signer: counting, trials }), {
      reason: 'certificate-lint-failed',
    })
    assert.equal(used, 0)
    await signCertificate(subject(90), { signer: counting, trials })
    assert.equal(used, 1)
  })

  it('refuses a signature that does not verify, from a signer with another key', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
    await assert.rejects(signCertificate(subject(90), { signer: keySigner(other), trials }), {
      reason: 'certificate-signature-invalid',
    })
    const silent: Signer = { ...signer, sign: () => Promise.resolve(new Uint8Array(64)) }
    await assert.rejects(signCertificate(subject(90), { signer: silent, trials }), {
      reason: 'certificate-signature-invalid',
    })
  })
})
