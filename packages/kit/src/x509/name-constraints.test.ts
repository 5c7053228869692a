import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { boolean, element, implicit, integer, octetString, sequence } from './der-writer.ts'
import { X509Error } from './errors.ts'
import { encodeGeneralName } from './general-name.ts'
import { decodeNameConstraints, nameConstraintsProblem, parseMailbox } from './name-constraints.ts'
import { parseName } from './name-text.ts'

const malformed = { code: 'HF-X101' }

const dns = (value: string): Uint8Array => implicit(2, Buffer.from(value))
const email = (value: string): Uint8Array => implicit(1, Buffer.from(value))
const uri = (value: string): Uint8Array => implicit(6, Buffer.from(value))
const ip = (...octets: readonly number[]): Uint8Array => implicit(7, Uint8Array.from(octets))
const permitted = (...subtrees: readonly Uint8Array[]): Uint8Array =>
  element(0xa0, Buffer.concat(subtrees))
const excluded = (...subtrees: readonly Uint8Array[]): Uint8Array =>
  element(0xa1, Buffer.concat(subtrees))

describe('decodeNameConstraints()', () => {
  it('reads every kind of base, in order', () => {
    const directory = encodeGeneralName({ type: 'directory-name', value: parseName('O=Org') })
    const bases = [dns('example'), email('.example'), uri('example'), directory]
    const { permitted: read } = decodeNameConstraints(
      sequence(permitted(...bases.map((base) => sequence(base)))),
    )
    assert.deepEqual(
      read.map(({ type }) => type),
      ['dns', 'email', 'uri', 'directory-name'],
    )
    const both = sequence(
      permitted(sequence(ip(192, 0, 2, 0, 255, 255, 255, 0))),
      excluded(sequence(implicit(8, Uint8Array.of(0x2a)))),
    )
    const [network] = decodeNameConstraints(both).permitted
    assert.ok(network?.type === 'ip')
    assert.deepEqual([...network.address, ...network.mask], [192, 0, 2, 0, 255, 255, 255, 0])
    assert.equal(decodeNameConstraints(both).excluded[0]?.type, 'other')
  })

  const refused: Readonly<Record<string, Uint8Array>> = {
    'no list': sequence(),
    'two empty lists': sequence(permitted(), excluded()),
    'one empty list beside another': sequence(permitted(), excluded(sequence(dns('example')))),
    'the lists in the wrong order': sequence(
      excluded(sequence(dns('example'))),
      permitted(sequence(dns('example'))),
    ),
    'a minimum': sequence(permitted(sequence(dns('example'), implicit(0, Uint8Array.of(1))))),
    'a minimum of zero, written out': sequence(
      permitted(sequence(dns('example'), implicit(0, Uint8Array.of(0)))),
    ),
    'a maximum': sequence(permitted(sequence(dns('example'), implicit(1, Uint8Array.of(9))))),
    'an IP address without a mask': sequence(permitted(sequence(ip(192, 0, 2, 1)))),
    'an IP network of 16 octets': sequence(permitted(sequence(ip(...new Uint8Array(16))))),
    'a subtree without a base': sequence(permitted(sequence())),
    'a base of an unknown kind': sequence(permitted(sequence(boolean(true)))),
    'a name with a NUL': sequence(permitted(sequence(dns('a\0b')))),
    '1,025 subtrees': sequence(
      permitted(...Array.from({ length: 1025 }, () => sequence(dns('example')))),
    ),
    'something else': octetString(Uint8Array.of(1)),
    'trailing bytes': Buffer.concat([sequence(permitted(sequence(dns('example')))), integer(1)]),
  }
  for (const [what, value] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodeNameConstraints(value), malformed)
    })
  }

  it('throws nothing but its own error at hostile bytes', () => {
    const seed = sequence(permitted(sequence(dns('example')), sequence(ip(...new Uint8Array(8)))))
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 4 }),
        fc.nat({ max: seed.length }),
        (noise, offset) => {
          const bytes = Buffer.concat([seed.subarray(0, offset), noise, seed.subarray(offset)])
          try {
            decodeNameConstraints(bytes)
          } catch (error) {
            assert.ok(error instanceof X509Error)
          }
        },
      ),
    )
  })
})

describe('nameConstraintsProblem()', () => {
  const problemOf = (base: Uint8Array): string | undefined =>
    nameConstraintsProblem({
      critical: true,
      ...decodeNameConstraints(sequence(excluded(sequence(base)))),
    })
  const ones = Array.from({ length: 16 }, () => 255)
  const zeros = Array.from({ length: 16 }, () => 0)

  const sound: Readonly<Record<string, Uint8Array>> = {
    'a DNS name': dns('example.org'),
    'an empty DNS name, which is all of them': dns(''),
    'a mailbox': email('o.ps+tag@example.org'),
    'a host of mailboxes': email('example.org'),
    'a domain of mailboxes': email('.example.org'),
    'a host of URIs': uri('example.org'),
    'a domain of URIs': uri('.example.org'),
    'an IPv4 network': ip(10, 0, 0, 0, 255, 128, 0, 0),
    'all IPv4 addresses': ip(0, 0, 0, 0, 0, 0, 0, 0),
    'one IPv6 address': ip(...zeros, ...ones),
    'a registered identifier': implicit(8, Uint8Array.of(0x2a)),
    'a directory name': encodeGeneralName({ type: 'directory-name', value: parseName('O=Org') }),
  }
  for (const [what, base] of Object.entries(sound)) {
    it(`finds nothing in ${what}`, () => {
      assert.equal(problemOf(base), undefined)
    })
  }

  const unsound: Readonly<Record<string, Uint8Array>> = {
    'a DNS name with a leading period': dns('.example.org'),
    'a DNS wildcard': dns('*.example.org'),
    'a DNS name with a space': dns('example org'),
    'a DNS name with a trailing period': dns('example.org.'),
    'an IP address as a DNS name': dns('192.0.2.1'),
    'an empty e-mail subtree': email(''),
    'two at signs': email('a@b@example.org'),
    'a mailbox at an address': email('ops@[192.0.2.1]'),
    'a quoted mailbox': email('"o ps"@example.org'),
    'a whole URI': uri('https://example.org/'),
    'a URI at an address': uri('192.0.2.1'),
    'an empty URI subtree': uri(''),
    'a mask with holes': ip(10, 0, 0, 0, 255, 0, 255, 0),
    'a mask that begins with zero': ip(10, 0, 0, 0, 0, 255, 255, 255),
    'an IPv6 mask with a hole': ip(...zeros, ...ones.with(15, 0b1111_0111)),
  }
  for (const [what, base] of Object.entries(unsound)) {
    it(`finds ${what}`, () => {
      assert.match(problemOf(base) ?? '', /subtree/)
    })
  }
})

describe('parseMailbox()', () => {
  it('keeps the local part to the letter and folds the host', () => {
    assert.deepEqual(parseMailbox('Ops@Example.ORG'), { local: 'Ops', host: 'example.org' })
    assert.deepEqual(parseMailbox('*@example.org'), { local: '*', host: 'example.org' })
  })

  it('reads nothing else', () => {
    for (const text of [
      '',
      'ops',
      '@example.org',
      'ops@',
      'o..ps@example.org',
      '.ops@example.org',
    ]) {
      assert.equal(parseMailbox(text), undefined, text)
    }
    assert.equal(parseMailbox('ops@*.example.org'), undefined)
  })
})
