import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { golden } from '../../test/fixtures.ts'
import { parseCertificates } from '../x509/certificate.ts'
import { tags } from '../x509/der-reader.ts'
import { formatName, parseName } from '../x509/name-text.ts'
import { encodeName } from '../x509/name.ts'
import { allowsName, createAllowList, explainNearMiss } from './allow-list.ts'
import type { AllowList, AllowListEntry } from './allow-list.ts'

const cn = '2.5.4.3'
const country = '2.5.4.6'

describe('allowsName() with an rdn-sequence', () => {
  const list = listOf('rdn-sequence', 'CN=web,O=Example,C=FR')

  it('admits the same parts in the same order, however the text was written', () => {
    for (const text of [
      'CN=web,O=Example,C=FR',
      ' cn = web , o=Example;C=FR',
      '/C=FR/O=Example/CN=web',
    ]) {
      assert.equal(allowsName(list, 'a', parseName(text)), true, text)
    }
  })

  it('refuses another order, case, part, space or value', () => {
    for (const text of [
      'O=Example,CN=web,C=FR',
      'C=FR,O=Example,CN=web',
      'CN=Web,O=Example,C=FR',
      'CN=web,O=Example,C=fr',
      'CN=web,O=Example',
      'CN=web,O=Example,C=FR,L=Paris',
      'CN=web,CN=web,O=Example,C=FR',
      'CN=web\\ ,O=Example,C=FR',
      'CN=web+O=Example,C=FR',
      'CN=web\\,O=Example,C=FR',
      'OU=web,O=Example,C=FR',
    ]) {
      assert.equal(allowsName(list, 'a', parseName(text)), false, text)
    }
  })

  it('refuses the same name under another anchor', () => {
    assert.equal(allowsName(list, 'b', parseName('CN=web,O=Example,C=FR')), false)
  })

  it('does not mind as which string type a value was encoded', () => {
    const short = listOf('rdn-sequence', 'CN=web,C=FR')
    for (const tag of [tags.utf8String, tags.printableString, tags.bmpString, tags.teletexString]) {
      const name = encodeName([
        [{ type: country, value: 'FR', tag: tags.utf8String }],
        [{ type: cn, value: 'web', tag }],
      ])
      assert.equal(allowsName(short, 'a', name), true)
    }
  })

  it('does not take a value that is no string for the text that looks like it', () => {
    const bytes = parseName('CN=#020105')
    const text = encodeName([[{ type: cn, value: '#020105', tag: tags.utf8String }]])
    assert.equal(allowsName(listOf('rdn-sequence', 'CN=#020105'), 'a', bytes), true)
    assert.equal(allowsName(listOf('rdn-sequence', 'CN=#020105'), 'a', text), false)
    assert.equal(allowsName(listOf('rdn-sequence', 'CN=\\#020105'), 'a', bytes), false)
  })

  it('compares the parts of a multi-valued RDN in any order', () => {
    const multi = listOf('rdn-sequence', 'CN=a+OU=b,C=FR')
    assert.equal(allowsName(multi, 'a', parseName('OU=b+CN=a,C=FR')), true)
    assert.equal(allowsName(multi, 'a', parseName('CN=a,OU=b,C=FR')), false)
  })

  for (const file of [
    'bmp',
    'domain',
    'email',
    'escaped',
    'multi-valued',
    'spaces',
    'teletex',
    'utf8',
  ]) {
    it(`admits the subject of names/${file}.crt, which openssl wrote, by its text`, () => {
      const [certificate] = parseCertificates(golden(`names/${file}.crt`))
      assert.ok(certificate)
      const { subject } = certificate
      assert.equal(allowsName(listOf('rdn-sequence', formatName(subject)), 'a', subject), true)
    })
  }
})

describe('allowsName() with a member name', () => {
  const list = listOf('member-name', 'CN=Operator, O=Org, L=London, C=GB')

  it('admits the same parts in any order', () => {
    for (const text of [
      'CN=Operator,O=Org,L=London,C=GB',
      'C=GB,L=London,O=Org,CN=Operator',
      'O=Org,C=GB,CN=Operator,L=London',
    ]) {
      assert.equal(allowsName(list, 'a', parseName(text)), true, text)
    }
  })

  it('refuses other values, more or fewer parts, another case or another anchor', () => {
    for (const text of [
      'CN=operator,O=Org,L=London,C=GB',
      'O=Org,L=London,C=GB',
      'CN=Operator,OU=x,O=Org,L=London,C=GB',
      'CN=Operator,O=Org,L=London,C=GB,emailAddress=a@b',
      'CN=Operator,O=Org,L=London,C=GB,C=GB',
      'CN=Operator+O=Org,L=London,C=GB',
    ]) {
      assert.equal(allowsName(list, 'a', parseName(text)), false, text)
    }
    assert.equal(allowsName(list, 'b', parseName('CN=Operator,O=Org,L=London,C=GB')), false)
  })

  it('does not let an rdn-sequence entry match out of order', () => {
    const strict = listOf('rdn-sequence', 'CN=Operator,O=Org,L=London,C=GB')
    assert.equal(allowsName(strict, 'a', parseName('C=GB,L=London,O=Org,CN=Operator')), false)
  })
})

describe('createAllowList()', () => {
  it('refuses an entry that cannot be read, and names it', () => {
    for (const broken of [
      { anchor: 'a', match: 'rdn-sequence', name: 'web' },
      { anchor: 'a', match: 'rdn-sequence', name: '' },
      { anchor: 'a', match: 'rdn-sequence', name: 'CN=' },
      { anchor: 'a', match: 'member-name', name: 'CN=web,O=Example,C=FR' },
      { anchor: 'a', match: 'member-name', name: 'O=Example,L=Paris,C=XX' },
    ] as const) {
      const sound = { anchor: 'a', match: 'rdn-sequence', name: 'CN=web' } as const
      assert.throws(() => createAllowList([sound, broken]), {
        name: 'TrustError',
        code: 'HF-T004',
        message: `Cannot read allow-list entry "${broken.name}"`,
      })
    }
  })

  it('admits nobody when it is empty', () => {
    assert.equal(allowsName(createAllowList([]), 'a', parseName('CN=web')), false)
    assert.equal(allowsName(createAllowList([]), '', encodeName([])), false)
  })

  it('finds each of 2,000 names, and nobody else', () => {
    const names = Array.from({ length: 2000 }, (_, index) => `CN=peer-${index},O=Example,C=FR`)
    const list = createAllowList(
      names.map((name, index) => ({ anchor: `a${index % 7}`, match: 'rdn-sequence', name })),
    )
    names.forEach((name, index) => {
      assert.equal(allowsName(list, `a${index % 7}`, parseName(name)), true)
      assert.equal(allowsName(list, `a${(index + 1) % 7}`, parseName(name)), false)
    })
    for (let index = 0; index < 2000; index += 1) {
      assert.equal(explainNearMiss(list, 'a0', parseName(`CN=stranger-${index}`)), undefined)
    }
  })
})

describe('explainNearMiss()', () => {
  const list = listOf('rdn-sequence', 'CN=web,O=Example,C=FR')

  it('tells of the same name under another anchor', () => {
    const found = explainNearMiss(list, 'b', parseName('CN=web,O=Example,C=FR'))
    assert.equal(found, 'the same name is listed, but for another anchor')
  })

  for (const [text, why] of [
    ['C=FR,O=Example,CN=web', /reverse order/],
    ['O=Example,CN=web,C=FR', /another order/],
    [
      'CN=WEB,O=example,C=FR',
      /O differs in upper and lower case: "Example" against "example"\. CN differs/,
    ],
    ['CN=web\\ ,O=Example,C=FR', /CN differs in spaces/],
    ['CN=web+O=Example,C=FR', /several parts of the name against one/],
    ['CN=wеb,O=Example,C=FR', /U\+0435.*mixes Latin and Cyrillic/],
    ['CN=we\\E2\\80\\8Bb,O=Example,C=FR', /cannot be seen: "web" against "we<U\+200B>b"/],
  ] as const) {
    it(`names the listed entry that "${text}" looks like, and what differs`, () => {
      const found = explainNearMiss(list, 'a', parseName(text)) ?? ''
      assert.match(found, /^"CN=web,O=Example,C=FR" is listed, which only looks alike\. /)
      assert.match(found, why)
    })
  }

  it('leaves out what a member-name entry does not mind', () => {
    const members = listOf('member-name', 'CN=Operator,O=Org,L=London,C=GB')
    const found = explainNearMiss(members, 'a', parseName('C=GB,L=London,O=ORG,CN=Operator'))
    assert.match(found ?? '', /O differs in upper and lower case/)
    assert.doesNotMatch(found ?? '', /order|encoded/)
  })

  it('says nothing of names that only share some parts', () => {
    assert.equal(explainNearMiss(list, 'a', parseName('CN=web,O=Example')), undefined)
    assert.equal(explainNearMiss(list, 'b', parseName('CN=WEB,O=Example,C=FR')), undefined)
  })
})

function listOf(match: AllowListEntry['match'], name: string): AllowList {
  return createAllowList([{ anchor: 'a', match, name }])
}
