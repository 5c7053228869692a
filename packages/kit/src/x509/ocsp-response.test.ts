import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { describe, it } from 'node:test'
import { testAuthority, testTime } from '../../test/certificates.ts'
import { damagedCopies, parsedOrRefused } from '../../test/hostile.ts'
import { certificatePublicKey } from './certificate.ts'
import { createOcspError, createOcspResponse } from './create-ocsp-response.ts'
import type { OcspResponseTemplate } from './create-ocsp-response.ts'
import { element, explicit, octetString, oid, sequence } from './der-writer.ts'
import { keySigner } from './keys.ts'
import { ocspCertId, responderKeyHash } from './ocsp-cert-id.ts'
import { ocspErrorCodes, parseOcspResponse } from './ocsp-response.ts'
import type { BasicOcspResponse, OcspErrorStatus } from './ocsp-response.ts'
import { publicKeyInfoOf } from './key-info.ts'
import { revocationReasons } from './revocation-reason.ts'
import { verifySignature } from './signature.ts'

const malformed = { code: 'HF-X131', reason: 'ocsp-malformed' }
const root = testAuthority()
const certId = ocspCertId({ certificate: root.issue().certificate, issuer: root.certificate })
const nextUpdate = new Date(testTime.getTime() + 3_600_000)
const single = { certId, certStatus: { status: 'good' }, thisUpdate: testTime, nextUpdate } as const

async function make(
  template: Partial<OcspResponseTemplate> = {},
): Promise<BasicOcspResponse & { der: Uint8Array }> {
  const response = await createOcspResponse(
    { responder: root.certificate, producedAt: testTime, responses: [single], ...template },
    keySigner(root.key),
  )
  assert.ok(response.status === 'successful')
  return { ...response.basic, der: response.der }
}

describe('createOcspResponse()', () => {
  it('makes a signed answer that names its responder by key, or by name', async () => {
    const byKey = await make({ identifyBy: 'key' })
    assert.ok(verifySignature(byKey, certificatePublicKey(root.certificate)))
    const keyHash = responderKeyHash(publicKeyInfoOf(createPublicKey(root.key)))
    assert.deepEqual(byKey.responderId, { type: 'key', keyHash })
    const { responderId } = await make()
    assert.ok(responderId.type === 'name')
    assert.deepEqual(responderId.name.der, root.certificate.subject.der)
  })

  it('repeats certificate id, nonce and certificates', async () => {
    const nonce = Uint8Array.of(1, 2, 3)
    const basic = await make({ nonce, certificates: [root.certificate] })
    assert.deepEqual(basic.responses[0]?.certId, certId)
    assert.deepEqual(Uint8Array.from(basic.nonce ?? []), nonce)
    assert.deepEqual(
      basic.certificates.map(({ der }) => der),
      [root.certificate.der],
    )
  })

  it('writes times to the second, without a fraction', async () => {
    const producedAt = new Date('2026-06-15T12:00:00.408Z')
    const basic = await make({ producedAt, responses: [{ ...single, thisUpdate: producedAt }] })
    assert.equal(basic.producedAt.toISOString(), '2026-06-15T12:00:00.000Z')
    assert.ok(!Buffer.from(basic.tbs).includes('.408'))
    assert.ok(Buffer.from(basic.tbs).includes('20260615120000Z'))
  })

  it('says good, unknown, and revoked for any reason', async () => {
    for (const certStatus of [
      { status: 'good' },
      { status: 'unknown' },
      ...revocationReasons.map(
        (reason) => ({ status: 'revoked', revokedAt: testTime, reason }) as const,
      ),
    ] as const) {
      const { responses } = await make({ responses: [{ ...single, certStatus }] })
      assert.deepEqual(responses[0]?.certStatus, certStatus)
    }
  })

  it('refuses an end before the beginning', async () => {
    await assert.rejects(make({ responses: [{ ...single, nextUpdate: testTime }] }), RangeError)
  })
})

describe('createOcspError()', () => {
  for (const [status, code] of Object.entries(ocspErrorCodes)) {
    it(`says ${status}`, () => {
      const response = createOcspError(status as OcspErrorStatus)
      assert.equal(response.status, status)
      assert.deepEqual(response.der, Buffer.of(0x30, 3, 0x0a, 1, code))
    })
  }
})

describe('parseOcspResponse()', () => {
  const status = (code: number): Uint8Array => element(0x0a, Uint8Array.of(code))

  it('refuses what is not a response', async () => {
    const { der } = await make()
    parseOcspResponse(der)
    for (const bad of [
      Buffer.concat([der, Buffer.of(0)]),
      sequence(status(0)),
      sequence(status(4)),
      sequence(status(7)),
      sequence(status(1), explicit(0, sequence())),
      sequence(status(0), explicit(0, sequence(oid('1.2.3'), octetString(sequence())))),
      new Uint8Array(257 * 1024),
      Buffer.from('<html>'),
    ])
      assert.throws(() => parseOcspResponse(bad), malformed)
  })

  it('answers damaged bytes with its own error', async () => {
    const revoked = { status: 'revoked', revokedAt: testTime, reason: 'superseded' } as const
    const { der } = await make({
      nonce: Uint8Array.of(1),
      responses: [{ ...single, certStatus: revoked }],
    })
    for (const bytes of damagedCopies(der)) parsedOrRefused(() => parseOcspResponse(bytes))
  })
})
