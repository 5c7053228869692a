import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parsedOrRefused } from '../../test/hostile.ts'
import { readSingle } from './der-reader.ts'
import { element, explicit, implicit, octetString, sequence } from './der-writer.ts'
import {
  decodeGeneralName,
  encodeGeneralName,
  formatGeneralName,
  isDnsName,
  parseGeneralName,
} from './general-name.ts'
import type { GeneralName } from './general-name.ts'

const der = { reason: 'der-malformed' }
const malformed = { code: 'HF-X107', reason: 'general-name-malformed' }
const decode = (bytes: Uint8Array): GeneralName => decodeGeneralName(readSingle(bytes))

describe('parseGeneralName()', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['DNS:Web.Example', 'DNS:web.example'],
    ['web.example', 'DNS:web.example'],
    ['dns:*.web.example', 'DNS:*.web.example'],
    ['localhost', 'DNS:localhost'],
    ['127.0.0.1', 'IP:127.0.0.1'],
    ['IP:2001:DB8:0::7', 'IP:2001:db8::7'],
    ['IP Address:10.0.0.1', 'IP:10.0.0.1'],
    ['::1', 'IP:::1'],
    ['URI:spiffe://example/web', 'URI:spiffe://example/web'],
    ['email:ops@example.org', 'email:ops@example.org'],
    ['DirName:CN=a,O=b', 'DirName:CN=a,O=b'],
  ]
  for (const [text, canonical] of forms) {
    it(`reads ${text}, and writes and reads it back`, () => {
      const name = parseGeneralName(text)
      assert.equal(formatGeneralName(name), canonical)
      assert.equal(formatGeneralName(decode(encodeGeneralName(name))), canonical)
      assert.equal(formatGeneralName(parseGeneralName(canonical)), canonical)
    })
  }

  const refused = [
    '',
    'DNS:',
    'DNS:127.0.0.1',
    'DNS:a..b',
    'DNS:a b',
    'DNS:-a.example',
    'DNS:a_b.example',
    'DNS:é.example',
    'DNS:\u212Aa.example',
    'DNS:web.example.',
    'DNS:*',
    'DNS:*.example',
    'DNS:a.*.example',
    'DNS:w*.web.example',
    'DNS:1.2.3',
    'DNS:a\0b.example',
    'IP:web.example',
    'IP:127.0.0.1/8',
    'IP:fe80::1%eth0',
    'URI:web.example',
    'URI:http://a b',
    'URI:http://é',
    'email:ops',
    'email:@example.org',
    'email:a@127.0.0.1',
    'spiffe://example/web',
  ]
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseGeneralName(text), malformed)
    })
  }

  it('refuses a directory name that is no name', () => {
    assert.throws(() => parseGeneralName('DirName:nonsense'), { reason: 'name-malformed' })
  })

  it('meets any text with its own error', () => {
    const prefix = fc.constantFrom('', 'DNS:', 'IP:', 'URI:', 'email:', 'DirName:')
    fc.assert(
      fc.property(prefix, fc.string({ unit: 'binary' }), (kind, text) => {
        const name = parsedOrRefused(() => parseGeneralName(kind + text))
        if (name !== undefined) decode(encodeGeneralName(name))
      }),
    )
  })
})

describe('isDnsName()', () => {
  it('accepts labels of 63 octets and names of 253, and refuses longer ones', () => {
    const label = 'a'.repeat(63)
    const name = [label, label, label, 'a'.repeat(61)].join('.')
    assert.equal(name.length, 253)
    assert.equal(isDnsName(name), true)
    assert.equal(isDnsName(`${name}a`), false)
    assert.equal(isDnsName(`${label}a.example`), false)
  })
})

describe('decodeGeneralName()', () => {
  it('refuses NUL, control characters and octets above ASCII in every text form', () => {
    for (const tag of [1, 2, 6]) {
      assert.ok(decode(implicit(tag, Buffer.from('a'))))
      for (const octet of [0, 0x0a, 0x1f, 0x7f, 0x80, 0xff]) {
        assert.throws(() => decode(implicit(tag, Buffer.from([0x61, octet, 0x62]))), der)
      }
    }
  })

  it('reads addresses of 4 and 16 octets only', () => {
    assert.deepEqual(decode(implicit(7, Uint8Array.of(192, 0, 2, 1))), {
      type: 'ip',
      value: '192.0.2.1',
    })
    assert.equal(decode(implicit(7, new Uint8Array(16))).type, 'ip')
    for (const length of [0, 3, 5, 8, 17, 32]) {
      assert.throws(() => decode(implicit(7, new Uint8Array(length))), der)
    }
  })

  it('keeps the bytes of what it does not understand, and refuses tags that do not exist', () => {
    const other = explicit(0, octetString(Buffer.from('x')))
    const name = decode(other)
    assert.equal(name.type, 'other')
    assert.deepEqual(Buffer.from(encodeGeneralName(name)), Buffer.from(other))
    assert.throws(() => decode(implicit(9, new Uint8Array(0))), der)
    assert.throws(() => decode(element(0x30)), der)
  })

  it('refuses bytes behind a directory name', () => {
    assert.equal(decode(explicit(4, sequence())).type, 'directory-name')
    assert.throws(() => decode(element(0xa4, sequence(), sequence())), der)
  })
})

describe('encodeGeneralName()', () => {
  it('refuses a character that would be cut to another one', () => {
    assert.throws(() => encodeGeneralName({ type: 'dns', value: '\u0142.example' }), TypeError)
  })
})
