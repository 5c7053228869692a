import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { tags } from './der-reader.ts'
import { matchAttributes, nameSkeleton } from './match-attributes.ts'
import { explainNameDifference } from './name-difference.ts'
import type { NameDifferenceKind } from './name-difference.ts'
import { commonNameOid, encodeName, sameName } from './name.ts'
import type { Name } from './name.ts'
import { parseName } from './name-text.ts'

const web = 'CN=web,O=Example,C=FR'
const nfc = 'é'.normalize('NFC')
const nfd = 'é'.normalize('NFD')

const named = (value: string, tag: number = tags.utf8String): Name =>
  encodeName([[{ type: commonNameOid, value, tag }]])

function kindsOf(a: Name, b: Name): readonly NameDifferenceKind[] {
  return explainNameDifference(a, b).map(({ kind }) => kind)
}

describe('explainNameDifference()', () => {
  const cases: readonly (readonly [string, string, readonly NameDifferenceKind[]])[] = [
    [web, web, []],
    [web, 'cn = web ; O=Example, C=FR', []],
    [web, 'C=FR,O=Example,CN=web', ['reversed-order']],
    ['DC=a,DC=a,CN=b', 'CN=b,DC=a,DC=a', ['reversed-order']],
    ['DC=a,DC=b,CN=c', 'CN=c,DC=b,DC=a', ['reversed-order']],
    ['DC=a,DC=b', 'DC=b,DC=a', ['reversed-order']],
    [web, 'O=Example,CN=web,C=FR', ['order']],
    [web, 'CN=Web,O=Example,C=FR', ['case']],
    [web, 'CN=WEB,O=EXAMPLE,C=FR', ['case', 'case']],
    [web, 'CN=web\\ ,O=Example,C=FR', ['spaces']],
    ['CN=a b', 'CN=a  b', ['spaces']],
    ['CN=a b', 'CN=a\\C2\\A0b', ['spaces']],
    [web, 'CN=web+O=Example,C=FR', ['multi-valued-rdn']],
    ['CN=web+O=Example,C=FR', web, ['multi-valued-rdn']],
    ['CN=a+OU=b,C=FR', 'OU=b+CN=a,C=FR', []],
    [web, 'CN=web,O=Example', ['attribute-missing']],
    [web, 'CN=web,OU=x,O=Example,C=FR', ['attribute-extra']],
    [web, 'OU=web,O=Example,C=FR', ['attribute-missing', 'attribute-extra']],
    [web, 'CN=web,CN=web,O=Example,C=FR', ['attribute-extra']],
    [web, 'CN=mail,O=Example,C=FR', ['value']],
    ['CN=#020105', 'CN=#020106', ['value']],
    ['CN=#020105', 'CN=\\#020105', ['value']],
    // Cyrillic е, Greek ο, fullwidth ｗ, a ligature, an en dash.
    [web, 'CN=wеb,O=Example,C=FR', ['confusable']],
    ['CN=node', 'CN=nοde', ['confusable']],
    [web, 'CN=ｗｅｂ,O=Example,C=FR', ['confusable']],
    ['CN=office', 'CN=oﬃce', ['confusable']],
    ['CN=web-1', 'CN=web–1', ['confusable']],
    ['CN=BANK', 'CN=ВANK', ['confusable']],
    ['CN=bank', 'CN=ВANK', ['confusable', 'case']],
    [`CN=caf${nfc}`, `CN=caf${nfd}`, ['normalization']],
    [`CN=caf${nfc}`, `CN=Caf${nfd}`, ['normalization', 'case']],
    // Zero-width space, right-to-left override, soft hyphen, variation selector, bell.
    ['CN=web', 'CN=we\\E2\\80\\8Bb', ['invisible-character']],
    ['CN=web', 'CN=\\E2\\80\\AEweb', ['invisible-character']],
    ['CN=web', 'CN=we\\C2\\ADb', ['invisible-character']],
    ['CN=web', 'CN=web\\EF\\B8\\8F', ['invisible-character']],
    ['CN=web', 'CN=web\\07', ['invisible-character']],
    [web, 'C=FR,O=example,CN=web', ['case', 'reversed-order']],
    [web, 'CN=web,O=Other+OU=Example,C=FR', ['attribute-extra', 'value']],
  ]
  for (const [a, b, kinds] of cases) {
    it(`says of "${a}" and "${b}": ${kinds.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(kindsOf(parseName(a), parseName(b)), kinds)
    })
  }

  it('tells the string types of one text apart, and that they name the same', () => {
    const [a, b] = [named('web'), named('web', tags.printableString)]
    assert.deepEqual(explainNameDifference(a, b), [
      {
        kind: 'string-type',
        attribute: 'CN',
        text: 'CN is encoded as UTF8String against PrintableString',
      },
    ])
    assert.equal(sameName(a, b), true)
    assert.deepEqual(kindsOf(a, named('Web', tags.bmpString)), ['case', 'string-type'])
  })

  it('names the look-alike and the scripts', () => {
    const [confusable] = explainNameDifference(named('web'), named('wеb'))
    assert.equal(
      confusable?.text,
      'CN differs in letters that look alike ("е" (U+0435) looks like "e" (U+0065), "wеb" mixes Latin and Cyrillic letters): "web" against "wеb"',
    )
    const [value] = explainNameDifference(named('mail'), named('wеb'))
    assert.equal(
      value?.text,
      'CN is another value: "mail" against "wеb"; "wеb" mixes Latin and Cyrillic letters',
    )
  })

  it('never prints a character that cannot be seen, and no long value whole', () => {
    for (const hidden of ['\u202e', '\u200b', '\u0007', '\n', '\u2028', '\u00a0', '\u3164']) {
      for (const { text } of explainNameDifference(named('web'), named(`we${hidden}b`))) {
        assert.ok(!text.includes(hidden), text)
        assert.match(text, /<U\+[0-9A-F]{4}>/)
      }
    }
    const [long] = explainNameDifference(named('a'.repeat(10_000)), named('b'))
    assert.ok((long?.text.length ?? 0) < 200)
  })

  const value = fc.oneof(
    fc.constantFrom('web', 'Web', 'wеb', 'we\u200bb', 'we b', ' web', `w${nfc}b`, `w${nfd}b`),
    fc.constantFrom('\u212a', 'k', 'K', 'ｋ', 'к', '\u2126', 'ω', 'Ω'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
  )
  const attribute = fc.record({
    type: fc.constantFrom(commonNameOid, '2.5.4.10', '2.5.4.11'),
    value: value.filter((text) => !text.includes('\0') && text.isWellFormed()),
    tag: fc.constantFrom(tags.utf8String, tags.universalString),
  })
  const rdn = fc
    .array(attribute, { minLength: 1, maxLength: 3 })
    .map((attributes) => [...new Map(attributes.map((one) => [JSON.stringify(one), one])).values()])
  const name = fc.array(rdn, { maxLength: 4 }).map(encodeName)

  it('is empty when the bytes are the same, and only then', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        assert.equal(explainNameDifference(a, b).length === 0, Buffer.from(a.der).equals(b.der))
        assert.deepEqual(explainNameDifference(a, encodeName(a.rdns)), [])
      }),
      { numRuns: 1000 },
    )
  })

  it('finds order, and nothing else but groups, for the same attributes in another order', () => {
    const shuffled = name.chain((a) =>
      fc.tuple(
        fc.constant(a),
        fc.shuffledSubarray([...a.rdns], { minLength: a.rdns.length, maxLength: a.rdns.length }),
      ),
    )
    fc.assert(
      fc.property(shuffled, ([a, rdns]) => {
        const b = encodeName(rdns)
        const { onlyInA, onlyInB } = matchAttributes(a, b)
        assert.deepEqual([...onlyInA, ...onlyInB], [])
        assert.equal(nameSkeleton(a), nameSkeleton(b))
      }),
    )
  })

  it('ends in milliseconds for the largest names', () => {
    const large = (suffix: string): Name =>
      encodeName(
        Array.from({ length: 64 }, (_, one) =>
          Array.from({ length: 16 }, (_unused, other) => ({
            type: commonNameOid,
            value: `${one}-${other}${suffix}`,
            tag: tags.utf8String,
          })),
        ),
      )
    assert.equal(kindsOf(large('a'), large('A')).length, 1024)
    assert.ok(kindsOf(large('a'), large('b')).every((kind) => kind === 'value'))
  })
})
