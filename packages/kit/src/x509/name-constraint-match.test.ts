import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { GeneralName } from './general-name.ts'
import { formatIpAddress } from './ip-address.ts'
import { constrainedName, matchConstraint } from './name-constraint-match.ts'
import type { Match } from './name-constraint-match.ts'
import { encodeName } from './name.ts'
import type { NameConstraint } from './name-constraints.ts'
import { parseName } from './name-text.ts'

/** `undefined` where the name cannot be compared at all. */
function match(name: GeneralName, subtree: NameConstraint): Match | undefined {
  const ready = constrainedName(name)
  return ready && matchConstraint(ready, subtree)
}

type TextType = 'dns' | 'email' | 'uri'
const textMatch = (type: TextType, value: string, subtree: string): Match | undefined =>
  match({ type, value }, { type, value: subtree })

describe('matchConstraint() of text', () => {
  const rows: readonly (readonly [TextType, string, string, Match | undefined])[] = [
    ['dns', 'example.org', 'example.org', 'inside'],
    ['dns', 'A.B.Example.org', 'eXample.ORG', 'inside'],
    ['dns', 'badexample.org', 'example.org', 'outside'],
    ['dns', 'org', 'example.org', 'outside'],
    ['dns', 'example.org', '', 'inside'],
    ['dns', '*.example.org', 'example.org', 'inside'],
    ['dns', '*.a.example.org', 'example.org', 'inside'],
    ['dns', '*.example.org', '', 'inside'],
    ['dns', '*.example.org', 'a.example.org', 'partly'],
    ['dns', '*.example.org', 'b.a.example.org', 'outside'],
    ['dns', '*.example.org', 'a.badexample.org', 'outside'],
    ['dns', 'under_score.example.org', 'example.org', undefined],
    ['dns', 'example.org.', 'example.org', undefined],
    ['dns', '192.0.2.1', 'example.org', undefined],
    ['email', 'ops@example.org', 'ops@example.org', 'inside'],
    ['email', 'ops@EXAMPLE.org', 'ops@example.ORG', 'inside'],
    ['email', 'Ops@example.org', 'ops@example.org', 'outside'],
    ['email', 'ops@a.example.org', 'ops@example.org', 'outside'],
    ['email', 'ops@example.org', 'example.org', 'inside'],
    ['email', 'ops@a.example.org', 'example.org', 'outside'],
    ['email', 'ops@a.example.org', '.example.org', 'inside'],
    ['email', 'ops@example.org', '.example.org', 'outside'],
    ['email', 'ops@badexample.org', '.example.org', 'outside'],
    ['email', 'x@evil.test@example.org', 'example.org', undefined],
    ['email', 'ops', 'example.org', undefined],
    ['uri', 'https://example.org/path', 'example.org', 'inside'],
    ['uri', 'https://user@EXAMPLE.org:8443?query', 'example.org', 'inside'],
    ['uri', 'spiffe://a.example.org/web', '.example.org', 'inside'],
    ['uri', 'https://a.example.org', 'example.org', 'outside'],
    ['uri', 'https://example.org', '.example.org', 'outside'],
    ['uri', 'https://evil.test/example.org', 'example.org', 'outside'],
    ['uri', 'https://example.org@evil.test', 'example.org', 'outside'],
    ['uri', 'https://a@b@example.org', 'example.org', undefined],
    ['uri', 'https://192.0.2.1/', 'example.org', undefined],
    ['uri', 'https://[2001:db8::1]/', 'example.org', undefined],
    ['uri', 'https:///path', 'example.org', undefined],
    ['uri', 'urn:example:org', 'example.org', undefined],
    ['uri', 'https://%65xample.org', 'example.org', undefined],
  ]
  for (const [type, value, subtree, expected] of rows) {
    it(`${type} "${value}" is ${expected ?? 'not comparable'} to "${subtree}"`, () => {
      assert.equal(textMatch(type, value, subtree), expected)
    })
  }

  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,4}$/)
  const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'))

  it('a name is inside whatever it ends with at a dot, and only there', () => {
    fc.assert(
      fc.property(name, fc.array(label, { maxLength: 3 }), label, (base, more, glued) => {
        assert.equal(textMatch('dns', [...more, base].join('.'), base), 'inside')
        assert.equal(textMatch('dns', `${glued}${base}`, base), 'outside')
        assert.equal(textMatch('dns', base, `${glued}.${base}`), 'outside')
      }),
    )
  })

  it('a wildcard is what the names are that it stands for', () => {
    const few = fc.constantFrom('a', 'b')
    const fewLabels = fc
      .array(few, { minLength: 1, maxLength: 4 })
      .map((labels) => labels.join('.'))
    fc.assert(
      fc.property(fewLabels, fewLabels, (host, base) => {
        fc.pre(host.includes('.'))
        const each = ['a', 'b', 'c'].map((first) => textMatch('dns', `${first}.${host}`, base))
        const inside = each.filter((found) => found === 'inside').length
        const expected = inside === 3 ? 'inside' : inside === 0 ? 'outside' : 'partly'
        assert.equal(textMatch('dns', `*.${host}`, base), expected)
      }),
    )
  })
})

describe('matchConstraint() of addresses', () => {
  it('compares what the mask covers, of one family', () => {
    const octets = (length: number): fc.Arbitrary<Uint8Array> =>
      fc.uint8Array({ minLength: length, maxLength: length })
    const value = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
    fc.assert(
      fc.property(
        fc
          .constantFrom(4, 16)
          .chain((size) =>
            fc.tuple(octets(size), octets(size), fc.nat({ max: size * 8 }), fc.boolean()),
          ),
        ([a, b, prefix, near]) => {
          const bits = BigInt(a.length * 8)
          const mask = ((1n << BigInt(prefix)) - 1n) << (bits - BigInt(prefix))
          const maskBytes = Buffer.from(mask.toString(16).padStart(a.length * 2, '0'), 'hex')
          const address = near ? Uint8Array.from(a, (octet, i) => (i < 2 ? octet : 0)) : b
          const expected = ((value(a) ^ value(address)) & mask) === 0n ? 'inside' : 'outside'
          const name = { type: 'ip', value: formatIpAddress(a) ?? '' } as const
          assert.equal(match(name, { type: 'ip', address, mask: maskBytes }), expected)
        },
      ),
    )
  })

  it('an address of the other family is outside of all there is', () => {
    const everything = { address: new Uint8Array(4), mask: new Uint8Array(4) }
    assert.equal(
      match({ type: 'ip', value: '2001:db8::1' }, { type: 'ip', ...everything }),
      'outside',
    )
    assert.equal(match({ type: 'ip', value: '192.0.2.1' }, { type: 'ip', ...everything }), 'inside')
  })
})

describe('matchConstraint() of directory names', () => {
  const directory = (name: string, subtree: string): Match | undefined =>
    match(
      { type: 'directory-name', value: parseName(name) },
      { type: 'directory-name', value: subtree === '' ? encodeName([]) : parseName(subtree) },
    )

  it('a name is inside the names that it begins with', () => {
    assert.equal(directory('CN=web,OU=Unit,O=Org,C=GB', 'O=Org,C=GB'), 'inside')
    assert.equal(directory('O=Org,C=GB', 'O=Org,C=GB'), 'inside')
    assert.equal(directory('O=Org', ''), 'inside')
    assert.equal(directory('C=GB', 'O=Org,C=GB'), 'outside')
    assert.equal(directory('CN=web,O=Organ,C=GB', 'O=Org,C=GB'), 'outside')
    assert.equal(directory('O=Org,C=GB,CN=web', 'O=Org,C=GB'), 'outside')
  })

  it('folds case and spaces, and takes a multi-valued RDN as a whole', () => {
    assert.equal(directory('CN=web,O=the  ORG', 'O=The Org'), 'inside')
    assert.equal(directory('CN=web,OU=Unit+O=Org', 'O=Org'), 'outside')
    assert.equal(directory('CN=web,OU=Unit+O=Org', 'O=Org+OU=Unit'), 'inside')
  })
})

describe('matchConstraint() of different types', () => {
  it('is outside: a constraint says nothing of another type', () => {
    assert.equal(
      match({ type: 'dns', value: 'example.org' }, { type: 'uri', value: 'example.org' }),
      'outside',
    )
  })
})
