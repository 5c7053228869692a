import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { golden } from '../../test/fixtures.ts'
import { damagedCopies, parsedOrRefused } from '../../test/hostile.ts'
import { parseCertificates } from './certificate.ts'
import { tags } from './der-reader.ts'
import { element, oid, octetString, sequence, setOf } from './der-writer.ts'
import {
  commonNameOid,
  decodeName,
  encodeName,
  foldedRdns,
  isStringTag,
  issuerNameKey,
  nameKey,
  nameValues,
  sameName,
} from './name.ts'
import type { AttributeValue, Name } from './name.ts'
import { parseName } from './name-text.ts'

const malformed = { code: 'HF-X101', reason: 'der-malformed' }
const organization = '2.5.4.10'
const common = (value: string, tag: number = tags.utf8String): AttributeValue => ({
  type: commonNameOid,
  value,
  tag,
})
const named = (value: string, tag?: number): Name => encodeName([[common(value, tag)]])
const pair = (tag: number, content: Uint8Array): Uint8Array =>
  sequence(oid(commonNameOid), element(tag, content))
const withContent = (tag: number, hex: string): Uint8Array =>
  sequence(setOf(pair(tag, Buffer.from(hex, 'hex'))))

describe('decodeName()', () => {
  const character = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((text) => text !== '\0'),
    fc.constantFrom(' ', ',', '+', '"', '\\', '#', '/', '='),
  )
  const attribute = fc.oneof(
    fc.record({
      type: fc.constantFrom(commonNameOid, organization, '1.2.3.4'),
      value: fc.string({ unit: character }),
      tag: fc.constantFrom(tags.utf8String, tags.bmpString, tags.universalString),
    }),
    fc.record({
      type: fc.constant(commonNameOid),
      value: fc.stringMatching(/^[ -~]*$/),
      tag: fc.constantFrom(tags.ia5String, tags.visibleString, tags.teletexString),
    }),
    fc.record({
      type: fc.constant(commonNameOid),
      value: fc.stringMatching(/^[A-Za-z0-9 '()+,\-./:=?]*$/),
      tag: fc.constant(tags.printableString),
    }),
  )
  const wellFormed = attribute.filter(
    ({ value, tag }) =>
      value.isWellFormed() && (tag !== tags.bmpString || !/[\u{10000}-\u{10ffff}]/u.test(value)),
  )

  it('reads what encodeName() writes, in every string type', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(wellFormed), { maxLength: 8 }), (rdns) => {
        const name = encodeName(rdns)
        assert.deepEqual(
          decodeName(name.der).rdns,
          rdns.map((rdn) => rdn.map((one) => ({ ...one }))),
        )
      }),
    )
  })

  it('refuses content that its string type cannot hold', () => {
    const refused: readonly (readonly [number, string])[] = [
      [tags.utf8String, 'ff'],
      [tags.utf8String, 'c080'],
      [tags.utf8String, 'eda080'],
      [tags.printableString, 'e9'],
      [tags.ia5String, '80'],
      [tags.bmpString, '61'],
      [tags.bmpString, 'd800'],
      [tags.bmpString, 'dc00d800'],
      [tags.universalString, '000061'],
      [tags.universalString, '00110000'],
      [tags.universalString, '0000d800'],
      [tags.universalString, '0000d83d0000de00'],
    ]
    for (const [tag, hex] of refused) {
      assert.throws(() => decodeName(withContent(tag, hex)), malformed, `${tag} ${hex}`)
    }
  })

  it('refuses NUL in every string type', () => {
    const refused: readonly (readonly [number, string])[] = [
      [tags.utf8String, '610062'],
      [tags.printableString, '610062'],
      [tags.ia5String, '00'],
      [tags.teletexString, '610062'],
      [tags.bmpString, '00610000'],
      [tags.universalString, '00000000'],
    ]
    for (const [tag, hex] of refused) {
      assert.throws(() => decodeName(withContent(tag, hex)), malformed, `${tag} ${hex}`)
    }
  })

  it('keeps a value that is no string as its bytes', () => {
    const [rdn] = decodeName(
      sequence(setOf(sequence(oid('1.2.3'), octetString(Uint8Array.of(7))))),
    ).rdns
    assert.deepEqual(rdn, [{ type: '1.2.3', value: '#040107', tag: tags.octetString }])
  })

  it('accepts a sorted multi-valued RDN and refuses it unsorted, doubled or empty', () => {
    const a = pair(tags.utf8String, Buffer.from('a'))
    const b = pair(tags.utf8String, Buffer.from('b'))
    assert.equal(decodeName(sequence(element(tags.set, a, b))).rdns[0]?.length, 2)
    assert.throws(() => decodeName(sequence(element(tags.set, b, a))), malformed)
    assert.throws(() => decodeName(sequence(element(tags.set, a, a))), malformed)
    assert.throws(() => decodeName(sequence(element(tags.set))), malformed)
  })

  it('refuses more than 64 RDNs, and more than 16 values in one', () => {
    const rdn = setOf(pair(tags.utf8String, Buffer.from('a')))
    assert.equal(decodeName(sequence(...Array.from({ length: 64 }, () => rdn))).rdns.length, 64)
    assert.throws(() => decodeName(sequence(...Array.from({ length: 65 }, () => rdn))), malformed)
    const values = (count: number): Uint8Array[] =>
      Array.from({ length: count }, (_, index) =>
        pair(tags.utf8String, Uint8Array.of(0x41 + index)),
      )
    assert.equal(decodeName(sequence(setOf(...values(16)))).rdns[0]?.length, 16)
    assert.throws(() => decodeName(sequence(setOf(...values(17)))), malformed)
  })

  it('meets damaged bytes with its own error', () => {
    const name = parseName('CN=web+UID=7,OU=é,O=Example,C=FR')
    for (const copy of damagedCopies(name.der)) parsedOrRefused(() => decodeName(copy))
  })
})

describe('encodeName()', () => {
  it('refuses what a string type cannot hold', () => {
    assert.throws(() => named('é', tags.ia5String), TypeError)
    assert.throws(() => named('a_b', tags.printableString), TypeError)
    assert.throws(() => named('a', tags.numericString), TypeError)
    assert.throws(() => named('\u0142', tags.teletexString), TypeError)
  })
})

describe('isStringTag()', () => {
  it('knows the string types from others', () => {
    assert.equal(isStringTag(tags.bmpString), true)
    assert.equal(isStringTag(tags.octetString), false)
  })
})

describe('nameKey()', () => {
  const same = (a: Name, b: Name): boolean => nameKey(a) === nameKey(b) && sameName(a, b)
  const issuerSame = (a: Name, b: Name): boolean => issuerNameKey(a) === issuerNameKey(b)

  it('does not depend on the string type', () => {
    const types = [
      tags.utf8String,
      tags.printableString,
      tags.ia5String,
      tags.teletexString,
      tags.bmpString,
      tags.universalString,
    ]
    for (const tag of types) {
      assert.ok(same(named('web'), named('web', tag)))
    }
  })

  it('sees case and spaces, which issuerNameKey() folds', () => {
    for (const text of ['WEB one', ' web one', 'web one ', 'web  one', 'Web one']) {
      assert.equal(same(named('web one'), named(text)), false, text)
      assert.ok(issuerSame(named('web one'), named(text)), text)
    }
  })

  it('tells homoglyphs, types, order and nesting apart, as issuerNameKey() does', () => {
    const a = common('a')
    const o = { ...common('b'), type: organization }
    const different: readonly (readonly [Name, Name])[] = [
      [named('apple'), named('\u0430pple')],
      [named('paypal'), named('paypa1')],
      [named('a'), named('a\u200b')],
      [encodeName([[a]]), encodeName([[{ ...a, type: organization }]])],
      [encodeName([[a], [o]]), encodeName([[o], [a]])],
      [encodeName([[a], [o]]), encodeName([[a, o]])],
      [encodeName([[a]]), encodeName([[a], [a]])],
      [named('","'), encodeName([[common('')], [common('')]])],
      // A string that looks like the bytes of another value.
      [named('#0500'), decodeName(withContent(tags.null, ''))],
    ]
    for (const [left, right] of different) {
      assert.equal(same(left, right), false)
      assert.equal(issuerSame(left, right), false)
    }
  })

  it('does not depend on the order inside a multi-valued RDN', () => {
    assert.ok(same(parseName('CN=a+O=b'), parseName('O=b+CN=a')))
  })
})

describe('names of openssl', () => {
  const subject = (file: string): Name => {
    const [certificate] = parseCertificates(golden(`names/${file}.crt`))
    assert.ok(certificate)
    return certificate.subject
  }

  it('are read from each string type', () => {
    assert.deepEqual(nameValues(subject('utf8'), organization), ['Société Générale d’Été'])
    assert.deepEqual(nameValues(subject('printable'), organization), ['Plain (Test) Ltd'])
    assert.deepEqual(nameValues(subject('teletex'), organization), ['Société'])
    assert.deepEqual(nameValues(subject('bmp'), organization), ['Žižkov'])
  })

  it('keep their string types', () => {
    const tagOf = (file: string, type: string): number | undefined =>
      subject(file)
        .rdns.flat()
        .find((attribute) => attribute.type === type)?.tag
    assert.equal(tagOf('utf8', organization), tags.utf8String)
    assert.equal(tagOf('teletex', organization), tags.teletexString)
    assert.equal(tagOf('bmp', organization), tags.bmpString)
  })

  it('keep multi-valued RDNs together', () => {
    assert.deepEqual(
      subject('multi-valued').rdns.map((rdn) => rdn.length),
      [1, 2, 2],
    )
  })
})

describe('foldedRdns()', () => {
  it('has an equal text for each RDN of names that name the same issuer, and no other', () => {
    const name = parseName('CN=web,OU=Unit+O=The Org,C=GB')
    assert.equal(foldedRdns(name).length, 3)
    assert.deepEqual(foldedRdns(parseName('CN=WEB,O=the  org+OU=unit,C=gb')), foldedRdns(name))
    const [country, ...others] = foldedRdns(parseName('CN=api,OU=Unit,C=GB'))
    assert.equal(country, foldedRdns(name)[0])
    assert.ok(others.every((rdn) => !foldedRdns(name).includes(rdn)))
  })
})
