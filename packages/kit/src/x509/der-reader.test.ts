import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parsedOrRefused } from '../../test/hostile.ts'
import { DerReader, readSingle, tags } from './der-reader.ts'
import { element } from './der-writer.ts'

const malformed = { code: 'HF-X101', reason: 'der-malformed' }

describe('readSingle()', () => {
  it('reads what element() writes, whatever the length', () => {
    const lengths = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 24 - 1, 2 ** 24]
    for (const length of lengths) {
      const der = element(tags.octetString, new Uint8Array(length))
      const read = readSingle(der, tags.octetString)
      assert.equal(read.content.length, length)
      assert.deepEqual(read.der, der)
    }
  })

  const refused: readonly (readonly [string, string])[] = [
    ['no bytes', ''],
    ['a tag alone', '04'],
    ['a length cut off', '0482ff'],
    ['content cut off', '0403aabb'],
    ['trailing bytes', '0401aa00'],
    ['an indefinite length', '2480040161000000'],
    ['a length in the long form without need', '04817f'.padEnd(6 + 254, '0')],
    ['a length with a leading zero octet', '04820080'.padEnd(8 + 256, '0')],
    ['a length of five octets', '04850000000001aa'],
    ['the reserved length octet', `04ff${'00'.repeat(130)}`],
    ['a length of 4 GB', '0484ffffffffaa'],
    ['a multi-octet tag', '1f0100'],
    ['another tag', '0500'],
  ]
  for (const [what, hex] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => readSingle(Buffer.from(hex, 'hex'), tags.octetString), malformed)
    })
  }

  it('refuses a multi-octet tag also where any tag will do', () => {
    assert.throws(() => readSingle(Buffer.from('bf810100', 'hex')), malformed)
  })

  it('meets random bytes with its own error, and never reads past them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const read = parsedOrRefused(() => readSingle(bytes))
        if (read !== undefined) assert.deepEqual(read.der, bytes)
      }),
    )
  })
})

describe('DerReader', () => {
  const two = Buffer.from('300602010504010a', 'hex')

  it('reads elements in order, and knows when it is done', () => {
    const reader = new DerReader(two).enter()
    assert.equal(reader.peekTag(), tags.integer)
    assert.deepEqual([...reader.read(tags.integer).content], [5])
    assert.equal(reader.done, false)
    assert.deepEqual([...reader.read().content], [10])
    assert.equal(reader.done, true)
    assert.equal(reader.peekTag(), undefined)
    reader.finish()
  })

  it('leaves an optional element that is not there', () => {
    const reader = new DerReader(two).enter()
    assert.equal(reader.optional(tags.boolean), undefined)
    assert.equal(reader.optional(tags.integer)?.tag, tags.integer)
  })

  it('finish() refuses what was not read', () => {
    const reader = new DerReader(two).enter()
    reader.read()
    assert.throws(() => reader.finish(), malformed)
  })

  it('refuses an element that is longer than the one around it', () => {
    const reader = new DerReader(Buffer.from('3003040aaa0000', 'hex')).enter()
    assert.throws(() => reader.read(), malformed)
  })
})
