import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseBasicCredentials } from './basic-credentials.ts'

const encode = (text: string | Uint8Array): string => Buffer.from(text).toString('base64')

describe('parseBasicCredentials', () => {
  it('reads whatever name and password a client can send', () => {
    const plain = fc.string({ unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text))
    const name = plain.filter((text) => text !== '' && !text.includes(':'))
    fc.assert(
      fc.property(name, plain, (login, password) => {
        const header = `Basic ${encode(`${login}:${password}`)}`
        assert.deepEqual(parseBasicCredentials(header), { name: login, password })
      }),
    )
  })

  it('keeps every colon but the first in the password', () => {
    const header = `Basic ${encode('alice:a:b:')}`
    assert.deepEqual(parseBasicCredentials(header), { name: 'alice', password: 'a:b:' })
  })

  it('takes the scheme in any case', () => {
    const expected = { name: 'a', password: 'b' }
    assert.deepEqual(parseBasicCredentials(`bAsIc  ${encode('a:b')} `), expected)
  })

  it('never throws, and reads nothing out of any other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.equal(parseBasicCredentials(text), undefined)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const found = parseBasicCredentials(`Basic ${encode(bytes)}`)
        assert.ok(found === undefined || found.name.length > 0)
      }),
    )
  })

  it('reads nothing out of a broken header', () => {
    for (const header of [
      undefined,
      '',
      'Basic',
      'Basic ',
      'Basic !!!',
      `Basic ${encode('no colon')}`,
      `Basic ${encode(':no name')}`,
      `Basic ${encode('alice:line\nbreak')}`,
      `Basic ${encode('al\u0000ice:x')}`,
      `Basic ${encode(Uint8Array.of(0x61, 0x3a, 0xff, 0xfe))}`,
      `Bearer ${encode('alice:x')}`,
      `Basic ${encode('alice:x')} ${encode('bob:y')}`,
    ]) {
      assert.equal(parseBasicCredentials(header), undefined, header)
    }
  })
})
