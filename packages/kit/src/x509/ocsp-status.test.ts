import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testAuthority, testExtension, testTime } from '../../test/certificates.ts'
import type { TestCertificateOptions, TestIdentity } from '../../test/certificates.ts'
import { createOcspError, createOcspResponse } from './create-ocsp-response.ts'
import type { OcspResponseTemplate, SingleOcspTemplate } from './create-ocsp-response.ts'
import {
  bitString,
  element,
  explicit,
  nullValue,
  octetString,
  oid,
  sequence,
} from './der-writer.ts'
import { encodeExtension } from './extension-list.ts'
import { keySigner } from './keys.ts'
import { ocspCertId } from './ocsp-cert-id.ts'
import type { CertIdDigest } from './ocsp-cert-id.ts'
import { ocspBasicOid, parseOcspResponse } from './ocsp-response.ts'
import type { OcspResponse } from './ocsp-response.ts'
import { ocspStatus } from './ocsp-status.ts'
import type { OcspQuestion } from './ocsp-status.ts'

import { sign } from 'node:crypto'
import { DerReader } from './der-reader.ts'
import { encodeSignatureAlgorithm } from './signature.ts'

const root = testAuthority()
const leaf = root.issue({ serialNumber: 0x0a })
const subject = { certificate: leaf.certificate, issuer: root.certificate }
const hourMs = 3_600_000
const nextUpdate = new Date(testTime.getTime() + hourMs)
const good: SingleOcspTemplate = {
  certId: ocspCertId(subject),
  certStatus: { status: 'good' },
  thisUpdate: testTime,
  nextUpdate,
}
const revoked: SingleOcspTemplate = {
  ...good,
  certStatus: { status: 'revoked', revokedAt: testTime, reason: 'key-compromise' },
}

function answer(
  single: SingleOcspTemplate = good,
  template: Partial<OcspResponseTemplate> = {},
  signer: TestIdentity = root,
): Promise<OcspResponse> {
  return createOcspResponse(
    {
      responder: signer.certificate,
      identifyBy: 'key',
      producedAt: testTime,
      responses: [single],
      ...template,
    },
    keySigner(signer.key),
  )
}

/** `good`, `revoked`, `unknown`, or the reasons of doubt. */
function ask(response: OcspResponse, more: Partial<OcspQuestion> = {}): string {
  const status = ocspStatus(response, { ...subject, at: testTime, ...more })
  return status.status === 'undetermined'
    ? status.why.map(({ reason }) => reason).join(' ')
    : status.status
}

describe('ocspStatus()', () => {
  it('is good, until nextUpdate, by the issuer itself', async () => {
    assert.deepEqual(ocspStatus(await answer(), { ...subject, at: testTime }), {
      status: 'good',
      validUntil: nextUpdate,
      responder: { certificate: root.certificate, isDelegate: false, noCheck: true },
    })
    assert.equal(ask(await answer(good, { identifyBy: 'name' })), 'good')
  })

  it('is revoked, with date and reason, or unknown', async () => {
    const status = ocspStatus(await answer(revoked), { ...subject, at: testTime })
    assert.ok(status.status === 'revoked')
    assert.deepEqual([status.revokedAt, status.reason], [testTime, 'key-compromise'])
    assert.equal(ask(await answer({ ...good, certStatus: { status: 'unknown' } })), 'unknown')
  })

  it('is undetermined when the responder gives no answer', () => {
    assert.equal(ask(createOcspError('try-later')), 'ocsp-no-answer')
  })

  it('matches certificate ids of any digest, by name, key and number', async () => {
    for (const digest of ['sha1', 'sha256', 'sha384', 'sha512'] satisfies CertIdDigest[])
      assert.equal(ask(await answer({ ...good, certId: ocspCertId(subject, digest) })), 'good')
    const others = [
      { ...subject, certificate: root.issue({ serialNumber: 0x0b }).certificate },
      { ...subject, issuer: testAuthority().certificate },
      {
        ...subject,
        certificate: testAuthority({ subject: 'CN=Other' }).issue({ serialNumber: 0x0a })
          .certificate,
      },
    ]
    for (const other of others)
      assert.equal(
        ask(await answer({ ...good, certId: ocspCertId(other) })),
        'ocsp-other-certificate',
      )
    assert.equal(
      ask(
        await answer(good, {
          responses: [{ ...good, certId: ocspCertId(others[0] ?? subject) }, revoked],
        }),
      ),
      'revoked',
    )
  })

  it('of several answers takes one that revokes, and no other', async () => {
    assert.equal(ask(await answer(good, { responses: [good, revoked] })), 'revoked')
    const unknown: SingleOcspTemplate = { ...good, certStatus: { status: 'unknown' } }
    assert.equal(ask(await answer(good, { responses: [good, unknown] })), 'ocsp-answers-differ')
  })

  it('refuses an answer that another key signed', async () => {
    const other = testAuthority()
    assert.equal(ask(await answer(good, {}, other)), 'ocsp-responder-unknown')
    const named = { responder: root.certificate, identifyBy: 'name' } as const
    assert.equal(ask(await answer(good, named, other)), 'ocsp-signature-invalid')
  })

  it('holds from thisUpdate to nextUpdate', async () => {
    const response = await answer()
    const shifted = (date: Date, ms: number): { at: Date } => ({
      at: new Date(date.getTime() + ms),
    })
    assert.equal(ask(response, { at: nextUpdate }), 'good')
    assert.equal(ask(response, shifted(nextUpdate, 1)), 'ocsp-expired')
    assert.equal(ask(response, shifted(testTime, -1)), 'ocsp-not-yet-valid')
    assert.equal(ask(response, { ...shifted(testTime, -1000), skewMs: 1000 }), 'good')
    const later = await answer(good, { producedAt: new Date(testTime.getTime() + 1000) })
    assert.equal(ask(later), 'ocsp-not-yet-valid')
  })

  it('lets an answer past its time revoke, but for a hold', async () => {
    const at = new Date(nextUpdate.getTime() + 1)
    assert.equal(ask(await answer(revoked), { at }), 'revoked')
    const reason = 'certificate-hold'
    const hold = await answer({
      ...good,
      certStatus: { status: 'revoked', revokedAt: testTime, reason },
    })
    assert.equal(ask(hold), 'revoked')
    assert.equal(ask(hold, { at }), 'ocsp-expired')
  })

  it('does not rely on a critical extension that is not known', async () => {
    assert.equal(ask(withExtension(await answer(), false)), 'good')
    assert.equal(ask(withExtension(await answer(), true)), 'ocsp-critical-extension-unknown')
  })
})

describe('ocspStatus() with a nonce', () => {
  const nonce = new Uint8Array(32).fill(7)

  it('wants it repeated', async () => {
    assert.equal(ask(await answer(good, { nonce }), { nonce }), 'good')
    assert.equal(
      ask(await answer(good, { nonce: nonce.with(0, 8) }), { nonce }),
      'ocsp-nonce-mismatch',
    )
    assert.equal(ask(await answer(), { nonce }), 'ocsp-nonce-missing')
  })

  it('lets it be missing where that is allowed, never be another', async () => {
    const question = { nonce, allowMissingNonce: true }
    assert.equal(ask(await answer(), question), 'good')
    assert.equal(
      ask(await answer(good, { nonce: nonce.with(0, 8) }), question),
      'ocsp-nonce-mismatch',
    )
  })

  it('takes an answer without nextUpdate only by it', async () => {
    const { nextUpdate: _, ...endless } = good
    assert.equal(ask(await answer(endless)), 'ocsp-next-update-missing')
    assert.equal(ask(await answer(endless, { nonce }), { nonce }), 'good')
    assert.equal(ask(await answer(endless, { nonce })), 'ocsp-next-update-missing')
  })
})

describe('ocspStatus() of a delegated responder', () => {
  const delegation: TestCertificateOptions = {
    subject: 'CN=Responder',
    extensions: { extendedKeyUsage: ['ocspSigning'], subjectAltNames: undefined },
  }
  const by = async (delegate: TestIdentity, more: Partial<OcspQuestion> = {}): Promise<string> =>
    ask(await answer(good, { certificates: [delegate.certificate] }, delegate), more)

  it('is good when the issuer made its certificate for that', async () => {
    const delegate = root.issue(delegation)
    assert.equal(await by(delegate), 'good')
    const named = { identifyBy: 'name', certificates: [delegate.certificate] } as const
    assert.equal(ask(await answer(good, named, delegate)), 'good')
    assert.equal(ask(await answer(good, {}, delegate)), 'ocsp-responder-unknown')
  })

  it('tells whether its own certificate is to be looked up', async () => {
    const noCheck = testExtension('1.3.6.1.5.5.7.48.1.5', { value: nullValue() })
    for (const [extraExtensions, expected] of [
      [[], false],
      [[noCheck], true],
    ] as const) {
      const delegate = root.issue({ ...delegation, extraExtensions })
      const response = await answer(good, { certificates: [delegate.certificate] }, delegate)
      const status = ocspStatus(response, { ...subject, at: testTime })
      assert.ok(status.status === 'good')
      assert.equal(status.responder.isDelegate, true)
      assert.equal(status.responder.noCheck, expected)
    }
  })

  it('is refused without the purpose, any purpose included', async () => {
    const refused = 'ocsp-responder-not-delegated'
    assert.equal(await by(root.issue()), refused)
    assert.equal(await by(root.issue({ extensions: { extendedKeyUsage: undefined } })), refused)
    const any = testExtension('2.5.29.37', { value: sequence(oid('2.5.29.37.0')) })
    assert.equal(
      await by(root.issue({ extensions: { extendedKeyUsage: undefined }, extraExtensions: [any] })),
      refused,
    )
  })

  it('is refused when another issuer, or an issuer below, made it', async () => {
    const refused = 'ocsp-responder-not-delegated'
    assert.equal(await by(testAuthority().issue(delegation)), refused)
    assert.equal(await by(root.intermediate().issue(delegation)), refused)
  })

  it('is refused outside its certificate’s time, and bounds the answer by it', async () => {
    const early = { ...delegation, notAfter: new Date(testTime.getTime() - 1000) }
    assert.equal(await by(root.issue(early)), 'ocsp-responder-expired')
    const notAfter = new Date(testTime.getTime() + 1000)
    const delegate = root.issue({ ...delegation, notAfter })
    const response = await answer(good, { certificates: [delegate.certificate] }, delegate)
    const status = ocspStatus(response, { ...subject, at: testTime })
    assert.ok(status.status === 'good')
    assert.deepEqual(status.validUntil, notAfter)
  })

  it('is refused with a usage that signs nothing, or a critical extension that is not known', async () => {
    const keyUsage = (usage: 'keyAgreement' | 'nonRepudiation'): TestCertificateOptions => ({
      ...delegation,
      extensions: { ...delegation.extensions, keyUsage: [usage] },
    })
    assert.equal(await by(root.issue(keyUsage('nonRepudiation'))), 'good')
    assert.equal(await by(root.issue(keyUsage('keyAgreement'))), 'ocsp-responder-not-delegated')
    const critical = testExtension('1.2.3.4', { critical: true, value: nullValue() })
    const delegate = root.issue({ ...delegation, extraExtensions: [critical] })
    assert.equal(await by(delegate), 'ocsp-responder-not-delegated')
  })
})

/** The same answer, signed again with one more extension. */
function withExtension(response: OcspResponse, critical: boolean): OcspResponse {
  assert.ok(response.status === 'successful')
  const extension = encodeExtension({ oid: '1.2.3.4', critical, value: nullValue() })
  const content = new DerReader(response.basic.tbs).read().content
  const tbs = sequence(content, explicit(1, sequence(extension)))
  const { algorithm } = keySigner(root.key)
  const signature = bitString(sign('sha256', tbs, root.key))
  const basic = sequence(tbs, encodeSignatureAlgorithm(algorithm), signature)
  return parseOcspResponse(
    sequence(
      element(0x0a, Uint8Array.of(0)),
      explicit(0, sequence(oid(ocspBasicOid), octetString(basic))),
    ),
  )
}
