import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readSingle } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import {
  bitString,
  bitStringOctets,
  booleanValue,
  defaultFalse,
  integerBytes,
  nullContent,
  oidText,
  smallInteger,
  timeValue,
} from './der-values.ts'
import * as write from './der-writer.ts'

const malformed = { code: 'HF-X101', reason: 'der-malformed' }
const read = (hex: string): DerElement => readSingle(Buffer.from(hex, 'hex'))

describe('integerBytes()', () => {
  it('accepts the shortest forms', () => {
    for (const hex of ['020100', '02017f', '02020080', '020180', '0202ff7f']) {
      assert.equal(Buffer.from(integerBytes(read(hex))).toString('hex'), hex.slice(4))
    }
  })

  it('refuses an empty one, and redundant leading octets', () => {
    for (const hex of ['0200', '0202007f', '0202ff80', '0203000001']) {
      assert.throws(() => integerBytes(read(hex)), malformed)
    }
  })
})

describe('smallInteger()', () => {
  it('reads what integer() writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (value) => {
        assert.equal(smallInteger(readSingle(write.integer(value))), value)
      }),
    )
  })

  it('refuses a negative and a large number', () => {
    assert.throws(() => smallInteger(read('0201ff')), malformed)
    assert.throws(() => smallInteger(read('02050080000000')), malformed)
  })
})

describe('booleanValue()', () => {
  it('is true for FF and false for 00', () => {
    assert.equal(booleanValue(read('0101ff')), true)
    assert.equal(booleanValue(read('010100')), false)
  })

  it('refuses every other octet, none, and two', () => {
    for (const hex of ['010101', '01017f', '0100', '0102ffff']) {
      assert.throws(() => booleanValue(read(hex)), malformed)
    }
  })
})

describe('defaultFalse()', () => {
  it('is false when absent and true when TRUE is written', () => {
    assert.equal(defaultFalse(undefined), false)
    assert.equal(defaultFalse(read('0101ff')), true)
  })

  it('refuses the default written out', () => {
    assert.throws(() => defaultFalse(read('010100')), malformed)
  })
})

describe('nullContent()', () => {
  it('accepts nothing and refuses something', () => {
    nullContent(read('0500'))
    assert.throws(() => nullContent(read('050100')), malformed)
  })
})

describe('oidText()', () => {
  it('reads what oid() writes', () => {
    const arc = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
    const head = fc.oneof(
      fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 39 })),
      fc.tuple(fc.constant(2), fc.integer({ min: 0, max: 2 ** 40 })),
    )
    fc.assert(
      fc.property(head, fc.array(arc, { maxLength: 10 }), (two, more) => {
        const dotted = [...two, ...more].join('.')
        assert.equal(oidText(readSingle(write.oid(dotted))), dotted)
      }),
    )
  })

  it('refuses an empty one, a cut arc, a padded arc and an endless arc', () => {
    for (const hex of ['0600', '06022a86', '06032a8001', '0601ff', `060e2a${'ff'.repeat(12)}7f`]) {
      assert.throws(() => oidText(read(hex)), malformed)
    }
  })
})

describe('bitString()', () => {
  it('reads bits and whole octets', () => {
    assert.equal(bitString(read('03020780')).unusedBits, 7)
    assert.deepEqual([...bitStringOctets(read('030200aa'))], [0xaa])
    assert.equal(bitString(read('030100')).bytes.length, 0)
  })

  it('refuses a missing count, a count over 7, bits set that are not used, and unused bits of nothing', () => {
    for (const hex of ['0300', '03020800', '03020781', '030101']) {
      assert.throws(() => bitString(read(hex)), malformed)
    }
  })

  it('bitStringOctets() refuses parts of octets', () => {
    assert.throws(() => bitStringOctets(read('03020780')), malformed)
  })
})

describe('timeValue()', () => {
  const time = (tag: number, text: string): DerElement =>
    readSingle(write.element(tag, write.ascii(text)))
  const utc = 0x17
  const general = 0x18

  it('reads what time() writes, to the second', () => {
    const from = Date.UTC(1, 0, 1)
    const until = Date.UTC(9999, 11, 31, 23, 59, 59)
    fc.assert(
      fc.property(fc.integer({ min: from / 1000, max: until / 1000 }), (seconds) => {
        const date = new Date(seconds * 1000)
        if (date.getUTCFullYear() < 1000) return
        assert.deepEqual(timeValue(readSingle(write.time(date))), date)
      }),
    )
  })

  it('puts UTCTime between 1950 and 2049', () => {
    assert.equal(timeValue(time(utc, '500101000000Z')).toISOString(), '1950-01-01T00:00:00.000Z')
    assert.equal(timeValue(time(utc, '491231235959Z')).toISOString(), '2049-12-31T23:59:59.000Z')
  })

  it('reads 29 February in leap years only', () => {
    assert.equal(timeValue(time(utc, '240229000000Z')).getUTCDate(), 29)
    assert.throws(() => timeValue(time(utc, '250229000000Z')), malformed)
    assert.throws(() => timeValue(time(general, '21000229000000Z')), malformed)
  })

  const refused: readonly (readonly [number, string])[] = [
    [utc, '2601010000Z'],
    [utc, '260101000000'],
    [utc, '260101000000+0000'],
    [utc, '260101000000z'],
    [utc, '261301000000Z'],
    [utc, '260001000000Z'],
    [utc, '260100000000Z'],
    [utc, '260101240000Z'],
    [utc, '260101006000Z'],
    [utc, '260101000060Z'],
    [utc, '26010100000 Z'],
    [utc, '20260101000000Z'],
    [general, '260101000000Z'],
    [general, '20260101000000.5Z'],
    [general, '20260101000000Z\n'],
    [general, '20260101000000-0100'],
    [0x16, '20260101000000Z'],
  ]
  for (const [tag, text] of refused) {
    it(`refuses ${JSON.stringify(text)} with tag 0x${tag.toString(16)}`, () => {
      assert.throws(() => timeValue(time(tag, text)), malformed)
    })
  }
})
