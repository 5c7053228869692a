import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { testAuthority, testExtension } from '../../test/certificates.ts'
import { authorityInfoAccess, encodeAuthorityInfoAccess } from './authority-info-access.ts'
import type { Certificate } from './certificate.ts'
import { implicit, oid, sequence } from './der-writer.ts'
import { encodeExtension } from './extension-list.ts'

const root = testAuthority()

function certificateWith(...extraExtensions: readonly Uint8Array[]): Certificate {
  return root.issue({ extraExtensions }).certificate
}

describe('authorityInfoAccess()', () => {
  it('reads what encodeAuthorityInfoAccess() writes', () => {
    const urls = fc
      .uniqueArray(fc.nat(), { minLength: 1, maxLength: 3 })
      .map((numbers) => numbers.map((number) => `https://a.example/${number}`))
    fc.assert(
      fc.property(urls, urls, (ocsp, caIssuers) => {
        const extension = encodeExtension(encodeAuthorityInfoAccess({ ocsp, caIssuers }))
        assert.deepEqual(authorityInfoAccess(certificateWith(extension)), { ocsp, caIssuers })
      }),
      { numRuns: 20 },
    )
  })

  it('is empty without the extension, and is not encoded of nothing', () => {
    assert.deepEqual(authorityInfoAccess(certificateWith()), { ocsp: [], caIssuers: [] })
    assert.throws(() => encodeAuthorityInfoAccess({}), TypeError)
  })

  it('passes over other methods, other schemes and repetitions', () => {
    const place = (method: string, url: string): Uint8Array =>
      sequence(oid(method), implicit(6, Buffer.from(url)))
    const value = sequence(
      place('1.3.6.1.5.5.7.48.1', 'ldap://ocsp.example'),
      place('1.3.6.1.5.5.7.48.3', 'http://time.example'),
      place('1.3.6.1.5.5.7.48.1', 'http://ocsp.example'),
      place('1.3.6.1.5.5.7.48.1', 'http://ocsp.example'),
    )
    const certificate = certificateWith(testExtension('1.3.6.1.5.5.7.1.1', { value }))
    assert.deepEqual(authorityInfoAccess(certificate), {
      ocsp: ['http://ocsp.example'],
      caIssuers: [],
    })
  })

  it('refuses more than 32 places', () => {
    const urls = (count: number): string[] =>
      Array.from({ length: count }, (_, i) => `http://a.example/${i}`)
    const read = (count: number): unknown =>
      authorityInfoAccess(
        certificateWith(encodeExtension(encodeAuthorityInfoAccess({ ocsp: urls(count) }))),
      )
    read(32)
    assert.throws(() => read(33), { reason: 'der-malformed' })
  })
})
