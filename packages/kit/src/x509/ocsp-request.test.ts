import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { testAuthority } from '../../test/certificates.ts'
import { damagedCopies, parsedOrRefused } from '../../test/hostile.ts'
import { bitString, explicit, integer, octetString, sequence } from './der-writer.ts'
import { encodeExtension } from './extension-list.ts'
import { isCertIdOf, ocspCertId } from './ocsp-cert-id.ts'
import {
  createOcspRequest,
  ocspGetUrl,
  parseOcspGetPath,
  parseOcspRequest,
} from './ocsp-request.ts'

const malformed = { code: 'HF-X131', reason: 'ocsp-malformed' }
const root = testAuthority()
const subject = {
  certificate: root.issue({ serialNumber: 0xff }).certificate,
  issuer: root.certificate,
}
const other = { certificate: root.issue({ serialNumber: 2 }).certificate, issuer: root.certificate }
const { der: certId } = ocspCertId(subject)

describe('createOcspRequest()', () => {
  it('asks for certificates, with a nonce, as parseOcspRequest() reads it', () => {
    const digest = fc.constantFrom('sha1', 'sha256', 'sha384', 'sha512')
    const nonce = fc.uint8Array({ minLength: 1, maxLength: 128 })
    fc.assert(
      fc.property(digest, fc.option(nonce, { nil: undefined }), (used, random) => {
        const request = createOcspRequest({
          subjects: [subject, other],
          digest: used,
          ...(random && { nonce: random }),
        })
        const read = parseOcspRequest(request.der)
        assert.deepEqual(read.nonce && Uint8Array.from(read.nonce), random)
        assert.equal(read.isSigned, false)
        assert.deepEqual(
          read.certIds.map(({ digest: found }) => found),
          [used, used],
        )
        const [first, second] = read.certIds
        assert.ok(first && second)
        assert.ok(isCertIdOf(first, subject) && isCertIdOf(second, other))
        assert.ok(!isCertIdOf(first, other))
        assert.ok(!isCertIdOf(first, { ...subject, issuer: testAuthority().certificate }))
      }),
      { numRuns: 25 },
    )
  })

  it('takes a nonce of 1 to 128 octets', () => {
    for (const length of [0, 129]) {
      const nonce = new Uint8Array(length)
      assert.throws(() => createOcspRequest({ subjects: [subject], nonce }), RangeError)
    }
  })
})

describe('parseOcspRequest()', () => {
  const nonce = (value: Uint8Array, critical = false): Uint8Array =>
    explicit(2, sequence(encodeExtension({ oid: '1.3.6.1.5.5.7.48.1.2', critical, value })))
  const list = sequence(sequence(certId))

  it('reads a signature’s form, and says that there is one', () => {
    const signature = explicit(0, sequence(sequence(), bitString(Uint8Array.of(1))))
    assert.equal(parseOcspRequest(sequence(sequence(list), signature)).isSigned, true)
    assert.throws(
      () => parseOcspRequest(sequence(sequence(list), explicit(0, sequence()))),
      malformed,
    )
  })

  it('refuses what is not a request', () => {
    parseOcspRequest(sequence(sequence(list, nonce(octetString(new Uint8Array(32))))))
    for (const bad of [
      sequence(sequence(sequence())),
      sequence(sequence(explicit(0, integer(0)), list)),
      sequence(sequence(list, nonce(octetString(new Uint8Array(0))))),
      sequence(sequence(list, nonce(octetString(new Uint8Array(129))))),
      sequence(sequence(list, nonce(new Uint8Array(32)))),
      Buffer.concat([sequence(sequence(list)), Buffer.of(0)]),
      new Uint8Array(65 * 1024),
    ])
      assert.throws(() => parseOcspRequest(bad), malformed)
  })

  it('asks for 100 certificates at most', () => {
    const many = (count: number): Uint8Array =>
      sequence(sequence(sequence(...Array.from({ length: count }, () => sequence(certId)))))
    assert.equal(parseOcspRequest(many(100)).certIds.length, 100)
    assert.throws(() => parseOcspRequest(many(101)), malformed)
  })

  it('lists critical extensions that it does not know', () => {
    const unknown = (critical: boolean): Uint8Array =>
      explicit(0, sequence(encodeExtension({ oid: '1.2.3.4', critical, value: integer(1) })))
    const ask = (critical: boolean): readonly string[] =>
      parseOcspRequest(sequence(sequence(sequence(sequence(certId, unknown(critical))))))
        .unknownCritical
    assert.deepEqual(ask(true), ['1.2.3.4'])
    assert.deepEqual(ask(false), [])
  })

  it('answers damaged bytes with its own error', () => {
    const { der } = createOcspRequest({ subjects: [subject], nonce: Uint8Array.of(1, 2, 3) })
    for (const bytes of damagedCopies(der)) parsedOrRefused(() => parseOcspRequest(bytes))
  })
})

describe('ocspGetUrl()', () => {
  it('carries the request in its path, to be read again', () => {
    const request = createOcspRequest({ subjects: [subject] })
    for (const base of ['http://ocsp.example', 'http://ocsp.example/', 'http://ocsp.example/a/b']) {
      const url = new URL(ocspGetUrl(base, request) ?? '')
      const path = url.pathname.split('/').at(-1) ?? ''
      assert.deepEqual(parseOcspGetPath(path).der, request.der)
      assert.deepEqual(parseOcspGetPath(decodeURIComponent(path)).der, request.der)
    }
  })

  it('is undefined where the URL would be longer than 255 characters', () => {
    const request = createOcspRequest({ subjects: [subject] })
    const length = (ocspGetUrl('http://o.example', request) ?? '').length
    const padded = (total: number): string => `http://o.example${'x'.repeat(total - length)}`
    assert.equal(ocspGetUrl(padded(255), request)?.length, 255)
    assert.equal(ocspGetUrl(padded(256), request), undefined)
  })

  it('is refused when it is no base64', () => {
    for (const path of ['', '%', 'a', '%%%', 'YQ', 'YQ=='])
      assert.throws(() => parseOcspGetPath(path), malformed)
  })
})
