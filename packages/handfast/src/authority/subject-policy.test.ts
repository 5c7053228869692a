import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeName, formatName } from '@handfast/kit/x509'
import type { Name } from '@handfast/kit/x509'
import { goldenCertificate, name } from './authority-fixture.test.ts'
import { checkSubject } from './subject-policy.ts'

const cn = '2.5.4.3'
const utf8String = 0x0c

function check(subject: Name): void {
  checkSubject(subject, { hasNames: false })
}

function oneValue(value: string, type: string = cn): Name {
  return encodeName([[{ type, value, tag: utf8String }]])
}

describe('checkSubject', () => {
  it('takes the subjects that openssl writes', () => {
    const files = [
      'utf8',
      'printable',
      'teletex',
      'bmp',
      'multi-valued',
      'escaped',
      'email',
      'domain',
    ]
    for (const file of files) check(goldenCertificate(`names/${file}.crt`).subject)
    check(goldenCertificate('workshop/client_b_for_client_c.crt').subject)
  })

  it('takes no subject when there are names, and refuses it when there are none', () => {
    const empty = encodeName([])
    checkSubject(empty, { hasNames: true })
    assert.throws(() => check(empty), { reason: 'subject-missing' })
  })

  it('refuses empty values, control characters and reordered text', () => {
    check(oneValue('Zoë Ünïcode 例'))
    for (const value of ['', '  ', 'a\nb', 'a\u0007', 'abc\u202Egpj.exe', 'a\u2028b', '\uFEFFa']) {
      assert.throws(
        () => check(oneValue(value)),
        (error: Error & { reason?: string }) => {
          assert.equal(error.reason, 'subject-not-allowed')
          assert.doesNotMatch(error.message, /[\p{Cc}\u2028\u202E\uFEFF]/u)
          return true
        },
      )
    }
  })

  it("holds values to RFC 5280's bounds, counted in characters", () => {
    check(oneValue('é'.repeat(64)))
    assert.throws(() => check(oneValue('a'.repeat(65))), { reason: 'subject-not-allowed' })
    const unknownType = '1.3.6.1.4.1.55555.1'
    check(oneValue('a'.repeat(256), unknownType))
    assert.throws(() => check(oneValue('a'.repeat(257), unknownType)), {
      reason: 'subject-not-allowed',
    })
  })

  it('refuses a country that is none', () => {
    check(name('CN=x,C=FR'))
    const france = encodeName([[{ type: '2.5.4.6', value: 'FRA', tag: 0x13 }]])
    assert.throws(() => check(france), { reason: 'subject-not-allowed' })
  })

  it('refuses two CNs, which stacks read differently', () => {
    check(name('CN=x,OU=a,OU=b'))
    assert.throws(() => check(name('CN=x,CN=y')), { reason: 'subject-not-allowed' })
  })

  it('refuses a value that is no string', () => {
    const integer = encodeName([[{ type: cn, value: '#02012a', tag: 2 }]])
    assert.throws(() => check(integer), { reason: 'subject-not-allowed' }, formatName(integer))
  })

  it('takes 16 attributes and no more', () => {
    const units = (count: number): Name =>
      encodeName(
        Array.from({ length: count }, (_, index) => [
          { type: '2.5.4.11', value: `unit ${index}`, tag: utf8String },
        ]),
      )
    check(units(16))
    assert.throws(() => check(units(17)), { reason: 'subject-not-allowed' })
  })
})
