import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatIpAddress, parseIpAddress } from './ip-address.ts'

const hexOf = (text: string): string | undefined => {
  const octets = parseIpAddress(text)
  return octets && Buffer.from(octets).toString('hex')
}

describe('parseIpAddress()', () => {
  it('reads every way to write an IPv6 address', () => {
    const forms: readonly (readonly [string, string])[] = [
      ['::', '00000000000000000000000000000000'],
      ['::1', '00000000000000000000000000000001'],
      ['1::', '00010000000000000000000000000000'],
      ['2001:db8::7', '20010db8000000000000000000000007'],
      ['2001:0DB8:0:0:0:0:0:7', '20010db8000000000000000000000007'],
      ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
      ['::2:3:4:5:6:7:8', '00000002000300040005000600070008'],
      ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
      ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
      ['1:2:3:4:5:6:192.0.2.1', '000100020003000400050006c0000201'],
    ]
    for (const [text, hex] of forms) assert.equal(hexOf(text), hex, text)
  })

  it('reads four decimal octets and nothing like them', () => {
    assert.equal(hexOf('192.0.2.255'), 'c00002ff')
    const refused = [
      '192.0.2',
      '192.0.2.256',
      '192.0.2.01',
      '0x7f.0.0.1',
      '127.1',
      ' 127.0.0.1',
      '127.0.0.1.',
    ]
    for (const text of [...refused, '']) assert.equal(hexOf(text), undefined, text)
  })

  it('refuses zones, brackets, two gaps and too many groups', () => {
    const refused = [
      'fe80::1%eth0',
      '::%',
      '[::1]',
      '1::2::3',
      '1:2:3:4:5:6:7:8:9',
      ':::',
      '12345::',
      '1:2',
    ]
    for (const text of refused) assert.equal(hexOf(text), undefined, text)
  })
})

describe('formatIpAddress()', () => {
  it('writes RFC 5952: the longest run, the first of equals, never a single group', () => {
    const forms: readonly (readonly [string, string])[] = [
      ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['0:0:0:0:0:0:0:0', '::'],
      ['1:0:0:0:0:0:0:0', '1::'],
    ]
    for (const [text, shortest] of forms) {
      assert.equal(formatIpAddress(parseIpAddress(text) ?? new Uint8Array()), shortest)
    }
  })

  it('is undefined for other lengths', () => {
    for (const length of [0, 3, 5, 8, 15, 17, 32]) {
      assert.equal(formatIpAddress(new Uint8Array(length)), undefined)
    }
  })

  it('is read back to the same octets', () => {
    const octet = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 }))
    const address = fc.oneof(
      fc.array(octet, { minLength: 4, maxLength: 4 }),
      fc.array(octet, { minLength: 16, maxLength: 16 }),
    )
    fc.assert(
      fc.property(address, (octets) => {
        const text = formatIpAddress(Uint8Array.from(octets)) ?? ''
        assert.deepEqual([...(parseIpAddress(text) ?? [])], octets)
      }),
    )
  })
})
