import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readSingle, tags } from './der-reader.ts'
import {
  boolean,
  element,
  explicit,
  implicit,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
} from './der-writer.ts'
import { decodeExtensions } from './extensions.ts'
import type { CertificateExtensions } from './extensions.ts'
import { extensionOids, purposeOids } from './oids.ts'

const malformed = { code: 'HF-X101', reason: 'der-malformed' }
const infoAccess = '1.3.6.1.5.5.7.1.1'

function decode(...extensions: readonly Uint8Array[]): CertificateExtensions {
  return decodeExtensions(readSingle(sequence(...extensions)))
}

function extension(dotted: string, value: Uint8Array, critical = false): Uint8Array {
  return sequence(oid(dotted), ...(critical ? [boolean(true)] : []), octetString(value))
}

describe('decodeExtensions()', () => {
  it('lists what it does not read, with criticality and content', () => {
    const { unread } = decode(
      extension('1.2.3', Uint8Array.of(9), true),
      extension('1.2.4', Uint8Array.of()),
    )
    assert.deepEqual(
      unread.map(({ oid: dotted, critical, value }) => [dotted, critical, [...value]]),
      [
        ['1.2.3', true, [9]],
        ['1.2.4', false, []],
      ],
    )
  })

  it('refuses an empty list, one extension twice, and more than 64', () => {
    const many = (count: number): Uint8Array[] =>
      Array.from({ length: count }, (_, index) => extension(`1.2.${index}`, Uint8Array.of()))
    assert.equal(decode(...many(64)).unread.length, 64)
    assert.throws(() => decode(...many(65)), malformed)
    assert.throws(() => decode(), malformed)
    const usage = extension(extensionOids.keyUsage, namedBits([0]))
    assert.throws(() => decode(usage, usage), malformed)
  })

  it('refuses criticality FALSE written out, and bytes behind the value', () => {
    assert.throws(
      () => decode(sequence(oid('1.2.3'), boolean(false), octetString(Uint8Array.of()))),
      malformed,
    )
    assert.throws(
      () => decode(sequence(oid('1.2.3'), octetString(Uint8Array.of()), integer(1))),
      malformed,
    )
  })

  const accepted: readonly (readonly [string, string, Uint8Array])[] = [
    ['basicConstraints', 'empty', sequence()],
    ['basicConstraints', 'cA', sequence(boolean(true))],
    ['basicConstraints', 'cA with pathLen', sequence(boolean(true), integer(0))],
    ['keyUsage', 'nine bits', namedBits([0, 8])],
    ['extendedKeyUsage', 'a purpose', sequence(oid(purposeOids.clientAuth))],
    ['subjectAltName', 'a name', sequence(implicit(2, Buffer.from('a.example')))],
    ['subjectKeyIdentifier', 'octets', octetString(Uint8Array.of(1))],
    ['authorityKeyIdentifier', 'nothing', sequence()],
    ['authorityKeyIdentifier', 'a key', sequence(implicit(0, Uint8Array.of(1)))],
    [
      'authorityKeyIdentifier',
      'issuer and serial',
      sequence(explicit(1, sequence()), implicit(2, Uint8Array.of(1))),
    ],
  ]
  for (const [name, what, value] of accepted) {
    it(`accepts ${name} with ${what}`, () => {
      const dotted = extensionOids[name as keyof typeof extensionOids]
      assert.equal(decode(extension(dotted, value)).unread.length, 0)
    })
  }

  it('reads what constrains a path, and lists it with what it does not read', () => {
    const { inhibitAnyPolicy, unread } = decode(
      extension(extensionOids.inhibitAnyPolicy, integer(2)),
    )
    assert.equal(inhibitAnyPolicy?.skipCertificates, 2)
    assert.deepEqual(
      unread.map(({ oid: dotted }) => dotted),
      [extensionOids.inhibitAnyPolicy],
    )
  })

  const many = (count: number, one: Uint8Array): Uint8Array =>
    sequence(...Array.from({ length: count }, () => one))
  const refused: readonly (readonly [string, string, Uint8Array])[] = [
    ['basicConstraints', 'cA FALSE written out', sequence(boolean(false))],
    ['basicConstraints', 'cA of another octet', sequence(element(tags.boolean, Uint8Array.of(1)))],
    ['basicConstraints', 'pathLen without cA', sequence(integer(0))],
    [
      'basicConstraints',
      'a negative pathLen',
      sequence(boolean(true), element(tags.integer, Uint8Array.of(0xff))),
    ],
    ['basicConstraints', 'trailing bytes inside', sequence(boolean(true), integer(0), integer(0))],
    ['basicConstraints', 'trailing bytes behind', Buffer.concat([sequence(), Uint8Array.of(0)])],
    ['keyUsage', 'no bit', namedBits([])],
    ['keyUsage', 'trailing zero bits', element(tags.bitString, Uint8Array.of(0, 0x80))],
    ['keyUsage', 'a trailing zero octet', element(tags.bitString, Uint8Array.of(7, 0x80, 0))],
    ['keyUsage', 'only unknown bits', namedBits([9])],
    ['keyUsage', 'unused bits set', element(tags.bitString, Uint8Array.of(7, 0xff))],
    ['extendedKeyUsage', 'no purpose', sequence()],
    ['extendedKeyUsage', 'a string', sequence(octetString(Uint8Array.of(1)))],
    ['extendedKeyUsage', '65 purposes', many(65, oid('1.2.3'))],
    ['subjectAltName', 'no name', sequence()],
    ['subjectAltName', 'NUL in a name', sequence(implicit(2, Buffer.from('a\0b')))],
    ['subjectAltName', '1,025 names', many(1025, implicit(2, Buffer.from('a')))],
    ['subjectKeyIdentifier', 'a sequence', sequence()],
    ['authorityKeyIdentifier', 'an issuer without serial', sequence(explicit(1, sequence()))],
    ['authorityKeyIdentifier', 'a serial without issuer', sequence(implicit(2, Uint8Array.of(1)))],
    [
      'authorityKeyIdentifier',
      'a padded serial',
      sequence(explicit(1, sequence()), implicit(2, Uint8Array.of(0, 1))),
    ],
    [
      'authorityKeyIdentifier',
      'parts out of order',
      sequence(implicit(2, Uint8Array.of(1)), implicit(0, Uint8Array.of(1))),
    ],
  ]
  for (const [name, what, value] of refused) {
    it(`refuses ${name} with ${what}`, () => {
      const dotted = extensionOids[name as keyof typeof extensionOids]
      assert.throws(() => decode(extension(dotted, value)), malformed)
    })
  }

  it('refuses key identifiers that are marked critical', () => {
    const { subjectKeyIdentifier, authorityKeyIdentifier } = extensionOids
    for (const [dotted, value] of [
      [subjectKeyIdentifier, octetString(Uint8Array.of(1))],
      [authorityKeyIdentifier, sequence(implicit(0, Uint8Array.of(1)))],
    ] as const) {
      decode(extension(dotted, value))
      assert.throws(() => decode(extension(dotted, value, true)), malformed)
    }
  })

  it('checks the form of authority information access, and lists it as unread', () => {
    const place = sequence(
      oid('1.3.6.1.5.5.7.48.1'),
      implicit(6, Buffer.from('http://ocsp.example')),
    )
    assert.equal(decode(extension(infoAccess, sequence(place))).unread[0]?.oid, infoAccess)
    for (const value of [Buffer.from('malformed'), sequence(), sequence(sequence(oid('1.2.3')))]) {
      assert.throws(() => decode(extension(infoAccess, value)), malformed)
    }
  })

  it('reads usages in the order of their bits', () => {
    const { keyUsage } = decode(extension(extensionOids.keyUsage, namedBits([6, 0, 5]), true))
    assert.deepEqual(keyUsage, {
      usages: ['digitalSignature', 'keyCertSign', 'cRLSign'],
      critical: true,
    })
  })
})
