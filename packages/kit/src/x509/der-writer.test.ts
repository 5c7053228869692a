import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as write from './der-writer.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('integer()', () => {
  it('writes the shortest form, and never a negative number', () => {
    assert.equal(hex(write.integer(0)), '020100')
    assert.equal(hex(write.integer(127)), '02017f')
    assert.equal(hex(write.integer(128)), '02020080')
    assert.equal(hex(write.integer(2 ** 40)), '0206010000000000')
    assert.equal(hex(write.integer(Uint8Array.of(0, 0, 0x80))), '02020080')
    assert.equal(hex(write.integer(new Uint8Array(0))), '020100')
  })

  it('refuses what is no whole number', () => {
    for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      assert.throws(() => write.integer(value), TypeError)
    }
  })
})

describe('oid()', () => {
  it('writes the encoding of X.690 §8.19.5', () => {
    assert.equal(hex(write.oid('2.999.3')), '0603883703')
    assert.equal(hex(write.oid('1.2.840.113549')), '06062a864886f70d')
  })

  it('refuses texts that are no object identifiers', () => {
    const texts = [
      '',
      '1',
      '3.1',
      '0.40',
      '1.40.1',
      '1..2',
      '1.2.',
      '.1.2',
      '1.-2',
      '1.2e1',
      '1.0x2',
      'a.b',
    ]
    for (const text of [...texts, '1.2.9007199254740992']) {
      assert.throws(() => write.oid(text), TypeError, text)
    }
  })
})

describe('setOf()', () => {
  it('sorts by the encodings', () => {
    const [a, b] = [write.integer(2), write.integer(1)]
    assert.equal(hex(write.setOf(a, b)), '3106020101020102')
    assert.equal(hex(write.setOf(b, a)), '3106020101020102')
  })
})

describe('namedBits()', () => {
  it('drops trailing zero bits', () => {
    assert.equal(hex(write.namedBits([0])), '03020780')
    assert.equal(hex(write.namedBits([5, 6])), '03020106')
    assert.equal(hex(write.namedBits([8])), '0303070080')
    assert.equal(hex(write.namedBits([])), '030100')
  })
})

describe('time()', () => {
  it('is UTCTime through 2049 and GeneralizedTime after it', () => {
    assert.equal(hex(write.time(new Date('2049-12-31T23:59:59.999Z'))).slice(0, 4), '170d')
    assert.equal(hex(write.time(new Date('2050-01-01T00:00:00Z'))).slice(0, 4), '180f')
    assert.equal(hex(write.time(new Date('1949-12-31T23:59:59Z'))).slice(0, 4), '180f')
  })
})

describe('ascii()', () => {
  it('refuses a character that would be cut to another one', () => {
    assert.equal(hex(write.ascii('B')), '42')
    // U+0142 cut to an octet is "B".
    assert.throws(() => write.ascii('\u0142'), TypeError)
  })
})
