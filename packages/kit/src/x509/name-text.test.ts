import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { golden } from '../../test/fixtures.ts'
import { parsedOrRefused } from '../../test/hostile.ts'
import { parseCertificates } from './certificate.ts'
import { tags } from './der-reader.ts'
import { commonNameOid, encodeName, nameKey } from './name.ts'
import type { Name } from './name.ts'
import { formatName, parseName } from './name-text.ts'

const malformed = { code: 'HF-X103', reason: 'name-malformed' }
const named = (value: string): Name =>
  encodeName([[{ type: commonNameOid, value, tag: tags.utf8String }]])
const valuesOf = (text: string): string[] =>
  parseName(text)
    .rdns.flat()
    .map(({ value }) => value)

describe('parseName()', () => {
  it('reads RFC 4514 text from the most specific part, OpenSSL text from the most general', () => {
    const name = parseName('CN=web,O=Example,C=FR')
    assert.deepEqual(valuesOf('CN=web,O=Example,C=FR'), ['FR', 'Example', 'web'])
    assert.equal(nameKey(parseName('/C=FR/O=Example/CN=web')), nameKey(name))
    assert.equal(nameKey(parseName(' cn = web ; o=Example ,  c=FR ')), nameKey(name))
    assert.equal(nameKey(parseName('2.5.4.3=web,2.5.4.10=Example,2.5.4.6=FR')), nameKey(name))
  })

  const values: readonly (readonly [string, string])[] = [
    ['CN=a\\,b', 'a,b'],
    ['CN=a\\2cb', 'a,b'],
    ['CN=a\\2Cb', 'a,b'],
    ['CN=\\#x', '#x'],
    ['CN=\\ x\\ ', ' x '],
    ['CN=  x  ', 'x'],
    ['CN=x\\\\ ', 'x\\'],
    ['CN=x\\\\\\ ', 'x\\ '],
    ['CN=\\ ', ' '],
    ['CN=\\C3\\A9', 'é'],
    ['CN=a=b', 'a=b'],
    ['CN=a\\+b', 'a+b'],
    ['CN=a\\"b', 'a"b'],
    ['CN=#0c0161', 'a'],
    ['CN=#0500', '#0500'],
    ['/CN=#0c0161', '#0c0161'],
    ['/CN=a,b;c"d', 'a,b;c"d'],
    ['/CN=a\\/b', 'a/b'],
    ['CN=a/b', 'a/b'],
    ['CN=\u00a0x\u3000', '\u00a0x\u3000'],
    ['CN=a\u2003', 'a\u2003'],
  ]
  for (const [text, value] of values) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(value)}`, () => {
      assert.deepEqual(valuesOf(text), [value])
    })
  }

  it('reads a multi-valued RDN', () => {
    assert.deepEqual(
      parseName('CN=a+UID=b,O=c').rdns.map((rdn) => rdn.length),
      [1, 2],
    )
  })

  it('writes the string types that standards fix', () => {
    const tagsOf = parseName('C=FR,DC=example,emailAddress=a@b,serialNumber=7,O=x')
      .rdns.flat()
      .map(({ tag }) => tag)
    assert.deepEqual(tagsOf, [
      tags.utf8String,
      tags.printableString,
      tags.ia5String,
      tags.ia5String,
      tags.printableString,
    ])
  })

  const refused = [
    '',
    ' ',
    '/',
    'web',
    'CN',
    'CN=',
    'CN=web,',
    ',CN=web',
    'CN=a,,O=b',
    'CN=a+',
    'XX=a',
    'constructor=a',
    '__proto__=a',
    '1.2=a',
    '1.40.1=a',
    '1.03.1=a',
    '1.2.03=a',
    '3.1.1=a',
    '1..2.3=a',
    'CN=a"b',
    'CN="a"',
    'CN=\\\\"',
    'CN=a\\',
    'CN=a\\z',
    'CN=\\C3',
    'CN=\\FF',
    'CN=\\00',
    'CN=a\0b',
    'CN=\ud800',
    'CN=#',
    'CN=#0',
    'CN=#zz',
    'CN=#0c0261',
    'CN=#0c016100',
    'CN=#0c0100',
    'C=é',
    'serialNumber=a_b',
    'CN=a+CN=a',
    '/CN=a/b',
  ]
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseName(text), malformed)
    })
  }

  it('refuses texts over 16 kB, more than 64 parts', () => {
    assert.throws(() => parseName(`CN=${'a'.repeat(16_384)}`), malformed)
    assert.throws(() => parseName(Array.from({ length: 65 }, () => 'CN=a').join(',')), malformed)
  })

  it('meets any text with its own error', () => {
    const unit = fc.constantFrom(
      'C',
      'N',
      '=',
      ',',
      '+',
      '/',
      '\\',
      '"',
      '#',
      ' ',
      '0',
      'a',
      'é',
      '\0',
      ';',
      '\ud800',
    )
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        for (const start of ['', 'CN=', '/CN=', 'CN=#'])
          parsedOrRefused(() => parseName(start + text))
      }),
    )
  })
})

describe('formatName()', () => {
  const hard = fc.constantFrom(
    ' ',
    '#',
    ',',
    '+',
    '"',
    '\\',
    '<',
    '>',
    ';',
    '=',
    '/',
    '\n',
    '\u00a0',
    '\u3000',
    '\u2028',
    '\u200b',
    '\ufeff',
    'é',
    '🔑',
    'a',
  )
  const value = fc.oneof(
    fc.string({ unit: hard, minLength: 1 }),
    fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => !text.includes('\0') && text.isWellFormed()),
  )

  for (const asciiOnly of [false, true]) {
    it(`is read back to the same name, asciiOnly ${asciiOnly}`, () => {
      fc.assert(
        fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (values) => {
          const name = encodeName(
            values.map((text) => [{ type: commonNameOid, value: text, tag: tags.utf8String }]),
          )
          const text = formatName(name, { asciiOnly })
          assert.equal(nameKey(parseName(text)), nameKey(name), text)
          if (asciiOnly) assert.match(text, /^[\x20-\x7e]*$/)
        }),
        { numRuns: 500 },
      )
    })
  }

  it('escapes what RFC 4514 §2.4 says', () => {
    assert.equal(formatName(named(' a,b+c"d\\e<f>g;h ')), 'CN=\\ a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\ ')
    assert.equal(formatName(named('#a#')), 'CN=\\#a#')
    assert.equal(formatName(named(' ')), 'CN=\\ ')
    assert.equal(formatName(named('  ')), 'CN=\\ \\ ')
  })

  it('shows no character that hides or turns text, and no line break', () => {
    const text = formatName(named('a\nb\r\u202ec\u200bd\u2028e'))
    assert.equal(text, 'CN=a\\0Ab\\0D\\E2\\80\\AEc\\E2\\80\\8Bd\\E2\\80\\A8e')
  })

  it('asciiOnly leaves nothing that ends a quoted value or an element', () => {
    const text = formatName(named('a"b\\c,d;e=f\u00e9'), { asciiOnly: true })
    assert.equal(text, 'CN=a\\22b\\5Cc\\2Cd\\3Be\\3Df\\C3\\A9')
  })

  it('writes unknown types as OIDs and values that are no strings in hexadecimal', () => {
    assert.equal(formatName(parseName('1.2.3.4=#0500')), '1.2.3.4=#0500')
    assert.equal(formatName(encodeName([])), '')
  })

  const goldens: readonly (readonly [string, string])[] = [
    ['utf8', 'CN=é,O=Société Générale d’Été,ST=Île-de-France,C=FR'],
    ['printable', 'CN=plain,O=Plain (Test) Ltd,L=London,C=GB'],
    ['teletex', 'CN=é,O=Société,C=FR'],
    ['bmp', 'CN=bmp,O=Žižkov,C=CZ'],
    ['email', 'emailAddress=someone@example.com,CN=Mail,O=Org'],
    ['domain', 'CN=dc,DC=example,DC=com'],
  ]
  for (const [file, text] of goldens) {
    it(`writes the subject of names/${file}.crt as openssl means it`, () => {
      const [certificate] = parseCertificates(golden(`names/${file}.crt`))
      assert.ok(certificate)
      assert.equal(formatName(certificate.subject), text)
      assert.equal(nameKey(parseName(text)), nameKey(certificate.subject))
    })
  }

  for (const file of ['multi-valued', 'escaped', 'spaces', 'unknown-type']) {
    it(`reads the subject of names/${file}.crt back from its text`, () => {
      const [certificate] = parseCertificates(golden(`names/${file}.crt`))
      assert.ok(certificate)
      for (const asciiOnly of [false, true]) {
        const text = formatName(certificate.subject, { asciiOnly })
        assert.equal(nameKey(parseName(text)), nameKey(certificate.subject), text)
      }
    })
  }
})
