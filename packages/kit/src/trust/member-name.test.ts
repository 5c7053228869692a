import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { tags } from '../x509/der-reader.ts'
import { encodeName } from '../x509/name.ts'
import { formatName, parseName } from '../x509/name-text.ts'
import { memberNameOf, parseMemberName } from './member-name.ts'

const rest = 'O=Org, L=London, C=GB'

describe('parseMemberName()', () => {
  it('writes the attributes in the order CN, OU, O, L, ST, C, whatever order they came in', () => {
    const parts = ['CN=Operator', 'OU=Unit', 'O=Org', 'L=London', 'ST=State', 'C=GB']
    const canonical = parts.join(', ')
    for (const text of [parts.join(','), parts.toReversed().join(', '), `/${parts.join('/')}`]) {
      assert.equal(parseMemberName(text).canonical, canonical)
    }
    assert.equal(
      parseMemberName('CN=CordaOperator,C=GB,L=London,O=Org').canonical,
      'CN=CordaOperator, O=Org, L=London, C=GB',
    )
  })

  it('keeps the case of values, and cuts the blanks around them', () => {
    assert.equal(
      parseMemberName('cn=\\ CordaOPERATOR\\ , o = Org ,L=London,C=GB').canonical,
      'CN=CordaOPERATOR, O=Org, L=London, C=GB',
    )
  })

  for (const missing of ['O', 'L', 'C']) {
    it(`requires ${missing}`, () => {
      const text = rest
        .split(', ')
        .filter((part) => !part.startsWith(`${missing}=`))
        .join(',')
      refuses(`CN=x,${text}`, `Member X.500 names must include an ${missing} attribute`)
    })
  }

  it('refuses an attribute of another type', () => {
    refuses(`emailAddress=a@b,${rest}`, 'The following attribute is not supported in Corda: E')
    refuses(
      `STREET=x,DC=y,${rest}`,
      /^The following attributes are not supported in Corda: (?:DC,STREET|STREET,DC)$/,
    )
    refuses(`1.2.3.4=x,${rest}`, 'The following attribute is not supported in Corda: 1.2.3.4')
  })

  it('refuses an attribute that is there twice', () => {
    refuses(`CN=a,CN=b,${rest}`, 'Duplicate attribute CN')
    refuses(`CN=a,CN=a,${rest}`, 'Duplicate attribute CN')
    refuses(`OU=a,OU=b,${rest}`, 'Duplicate attribute OU')
    refuses(`C=GB,${rest}`, 'Duplicate attribute C')
  })

  it('refuses an RDN of several values', () => {
    refuses(`CN=a+OU=b,${rest}`, "The RDN 'CN=a+OU=b' must not be multi-valued.")
  })

  it('refuses a value that is no string', () => {
    refuses(`CN=#020105,${rest}`, "Attribute's 'CN' value must be a string")
  })

  for (const [type, word, longest] of [
    ['CN', 'Common Name attribute (CN) must contain no more then 64 characters.', 63],
    ['OU', 'Organization Unit attribute (OU) must contain no more then 64 characters.', 63],
    ['O', 'Organisation attribute (O) must contain no more then 128 characters.', 127],
    ['L', 'Locality attribute (L) must contain no more than 64 characters.', 63],
    ['ST', 'State attribute (ST) must contain no more then 64 characters.', 63],
  ] as const) {
    const withValue = (value: string): string => {
      const others = `${rest}, C=GB`.split(', ').filter((part) => !part.startsWith(`${type}=`))
      return [`${type}=${value}`, ...new Set(others)].join(',')
    }

    it(`takes ${type} of ${longest} characters and refuses one more`, () => {
      assert.ok(parseMemberName(withValue('x'.repeat(longest))).canonical)
      refuses(withValue('x'.repeat(longest + 1)), word)
    })

    it(`refuses a blank ${type}`, () => {
      refuses(withValue('\\20'), /blank\.$/)
      refuses(withValue('\\20\\09'), /blank\.$/)
      assert.throws(() => parseMemberName(withValue('')), { code: 'HF-T003' })
    })
  }

  it('takes ISO 3166-1 alpha-2 in upper case, and ZZ', () => {
    for (const code of ['GB', 'FR', 'US', 'IN', 'ZW', 'ZZ']) {
      assert.equal(parseMemberName(`O=a,L=b,C=${code}`).canonical, `O=a, L=b, C=${code}`)
    }
    for (const code of ['XX', 'gb', 'Gb', 'UK', 'EU', 'G', 'GBR', 'zz', 'AA']) {
      refuses(`O=a,L=b,C=${code}`, `Invalid country code ${code}`)
    }
  })

  it('refuses what is no name at all with its own error', () => {
    for (const text of ['', ' ', 'nonsense', 'CN', 'CN=a,,O=b', 'CN=a\\', '\0', 'FOO=bar', '/']) {
      assert.throws(() => parseMemberName(text), { name: 'TrustError', code: 'HF-T003' }, text)
    }
  })

  it('throws nothing but its own error, whatever the text', () => {
    const letters = fc.constantFrom(
      'C',
      'N',
      'O',
      'L',
      '=',
      ',',
      '+',
      '\\',
      '#',
      '/',
      ' ',
      '"',
      'é',
    )
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: letters, maxLength: 40 })), (text) => {
        try {
          assert.ok(parseMemberName(text).canonical)
        } catch (error) {
          assert.ok(error instanceof Error && error.name === 'TrustError', String(error))
        }
      }),
    )
  })
})

describe('memberNameOf()', () => {
  const value = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 63 })
    .filter((text) => text.trim() !== '' && text.length < 64 && !text.includes('\0'))
  const fields = fc.record(
    { CN: value, OU: value, O: value, L: value, ST: value, C: fc.constantFrom('GB', 'FR', 'ZZ') },
    { requiredKeys: ['O', 'L', 'C'] },
  )
  const oids: Readonly<Record<string, string>> = {
    CN: '2.5.4.3',
    OU: '2.5.4.11',
    O: '2.5.4.10',
    L: '2.5.4.7',
    ST: '2.5.4.8',
    C: '2.5.4.6',
  }

  it('reads its own canonical text back to the same name, in any order of a subject', () => {
    const shuffled = fields.chain((record) =>
      fc.shuffledSubarray(Object.entries(record), { minLength: Object.keys(record).length }),
    )
    fc.assert(
      fc.property(shuffled, (pairs) => {
        const subject = encodeName(
          pairs.map(([type, text]) => [
            { type: oids[type] ?? '', value: text, tag: tags.utf8String },
          ]),
        )
        const member = memberNameOf(subject)
        assert.ok(member)
        assert.equal(parseMemberName(member.canonical).canonical, member.canonical)
        assert.equal(memberNameOf(parseName(formatName(subject)))?.canonical, member.canonical)
      }),
    )
  })

  it('gives two members one text only when all their fields are equal', () => {
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        const [one, other] = [a, b].map((record) =>
          memberNameOf(
            encodeName(
              Object.entries(record).map(([type, text]) => [
                { type: oids[type] ?? '', value: text, tag: tags.utf8String },
              ]),
            ),
          ),
        )
        const trimmed = (record: object): string =>
          JSON.stringify(
            Object.entries(record)
              .map(([type, text]) => [type, String(text).trim()].join('='))
              .toSorted(),
          )
        assert.equal(one?.canonical === other?.canonical, trimmed(a) === trimmed(b))
      }),
    )
  })

  it('keeps a text that begins with a hash apart from bytes', () => {
    const hash = encodeName([
      [{ type: '2.5.4.6', value: 'GB', tag: tags.printableString }],
      [{ type: '2.5.4.7', value: 'London', tag: tags.utf8String }],
      [{ type: '2.5.4.10', value: '#020105', tag: tags.utf8String }],
    ])
    const canonical = memberNameOf(hash)?.canonical
    assert.equal(canonical, 'O=\\#020105, L=London, C=GB')
    assert.equal(parseMemberName(canonical).canonical, canonical)
  })

  it('cannot be made to look like another member by what a value holds', () => {
    const forged = encodeName([
      [{ type: '2.5.4.6', value: 'GB', tag: tags.printableString }],
      [{ type: '2.5.4.7', value: 'London', tag: tags.utf8String }],
      [{ type: '2.5.4.10', value: 'Org, L=Paris', tag: tags.utf8String }],
    ])
    assert.equal(memberNameOf(forged)?.canonical, 'O=Org\\, L=Paris, L=London, C=GB')
  })

  it('is undefined for a subject that is no member name', () => {
    assert.equal(memberNameOf(parseName('CN=web')), undefined)
    assert.equal(memberNameOf(encodeName([])), undefined)
  })
})

function refuses(text: string, message: string | RegExp): void {
  assert.throws(() => parseMemberName(text), { name: 'TrustError', code: 'HF-T003', message }, text)
}
