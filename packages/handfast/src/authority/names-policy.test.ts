import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatGeneralName } from '@handfast/kit/x509'
import type { GeneralName } from '@handfast/kit/x509'
import fc from 'fast-check'
import { name } from './authority-fixture.test.ts'
import { AuthorityError } from './errors.ts'
import { checkNames } from './names-policy.ts'
import { profiles } from './profiles.ts'
import type { ProfileName, SubjectAltNameType } from './profiles.ts'

function granted(profile: ProfileName, ...names: readonly GeneralName[]): readonly string[] {
  return checkNames(names, profiles[profile]).map(formatGeneralName)
}

function named(type: SubjectAltNameType, value: string): GeneralName {
  return { type, value }
}

describe('checkNames', () => {
  const web = named('dns', 'web.example')

  it('needs a DNS or IP name for servers and peers, none for clients', () => {
    assert.deepEqual(granted('server', web), ['DNS:web.example'])
    assert.deepEqual(granted('peer', named('ip', '2001:db8::7')), ['IP:2001:db8::7'])
    assert.deepEqual(granted('client'), [])
    assert.throws(() => granted('server'), { reason: 'name-missing' })
    assert.throws(() => granted('peer', named('uri', 'spiffe://example/a')), {
      reason: 'name-missing',
    })
  })

  it('allows the types of the profile only', () => {
    assert.deepEqual(
      granted('client', web, named('uri', 'spiffe://example/a'), named('email', 'a@example.org')),
      ['DNS:web.example', 'URI:spiffe://example/a', 'email:a@example.org'],
    )
    const others: readonly GeneralName[] = [
      { type: 'other', tag: 0x88, der: Uint8Array.of(0x88, 1, 42) },
      { type: 'directory-name', value: name('CN=x') },
    ]
    for (const other of others) {
      assert.throws(() => granted('client', other), { reason: 'name-type-not-allowed' })
    }
    for (const other of [named('uri', 'https://example/'), named('email', 'a@example.org')]) {
      assert.throws(() => granted('server', web, other), { reason: 'name-type-not-allowed' })
    }
    assert.throws(() => granted('peer', web, named('email', 'a@example.org')), {
      reason: 'name-type-not-allowed',
    })
  })

  it('grants wildcards to servers, as the whole first label above two others', () => {
    assert.deepEqual(granted('server', named('dns', '*.Web.example')), ['DNS:*.web.example'])
    for (const wrong of ['*', '*.example', 'w*.web.example', 'a.*.example', '*.*.example', '*.1']) {
      assert.throws(() => granted('server', named('dns', wrong)), {
        reason: 'wildcard-not-allowed',
      })
    }
    for (const profile of ['client', 'peer'] as const) {
      assert.throws(() => granted(profile, named('dns', '*.web.example')), {
        reason: 'wildcard-not-allowed',
      })
    }
  })

  it('takes well-formed names and refuses the others', () => {
    const good: readonly GeneralName[] = [
      named('dns', 'localhost'),
      named('dns', 'my-service-3781140846'),
      named('dns', 'xn--bcher-kva.example'),
      named('ip', '192.0.2.7'),
      named('ip', '::1'),
    ]
    for (const one of good) assert.equal(granted('server', one).length, 1)
    const bad: readonly GeneralName[] = [
      named('dns', ''),
      named('dns', 'web.example.'),
      named('dns', '.web.example'),
      named('dns', 'web..example'),
      named('dns', '-web.example'),
      named('dns', 'under_score.example'),
      named('dns', 'bücher.example'),
      named('dns', ' web.example'),
      named('dns', 'web.example:443'),
      named('dns', `${'a'.repeat(64)}.example`),
      named('dns', `${'a.'.repeat(127)}example`),
      named('ip', '192.0.2.256'),
      named('ip', 'fe80::1%eth0'),
      named('ip', 'web.example'),
    ]
    for (const one of bad) {
      assert.throws(
        () => granted('server', one),
        { reason: 'name-malformed' },
        formatGeneralName(one),
      )
    }
    const badForClients: readonly GeneralName[] = [
      named('uri', 'relative/path'),
      named('uri', 'urn:example:no-host'),
      named('uri', 'https://user:secret@example.org/'),
      named('uri', `https://example.org/${'a'.repeat(2048)}`),
      named('email', 'nobody'),
      named('email', 'two@at@example.org'),
      named('email', 'someone@-.example'),
    ]
    for (const one of badForClients) {
      assert.throws(
        () => granted('client', one),
        { reason: 'name-malformed' },
        formatGeneralName(one),
      )
    }
  })

  it('tells a person who wrote an address as a DNS name how to write it', () => {
    assert.throws(() => granted('server', named('dns', '127.0.0.1')), {
      reason: 'name-malformed',
      hint: 'Write IP:127.0.0.1',
    })
  })

  it('keeps a name once, whatever its case', () => {
    assert.deepEqual(granted('server', web, named('dns', 'WEB.example')), ['DNS:web.example'])
  })

  it('takes 100 names and no more', () => {
    const many = Array.from({ length: 101 }, (_, index) => named('dns', `host-${index}.example`))
    assert.equal(granted('server', ...many.slice(1)).length, 100)
    assert.throws(() => granted('server', ...many), { reason: 'names-too-many' })
  })

  it('throws its own error only, and no control character in it, whatever the name holds', () => {
    const type = fc.constantFrom('dns', 'ip', 'uri', 'email')
    fc.assert(
      fc.property(type, fc.string({ unit: 'binary', maxLength: 400 }), (kind, value) => {
        try {
          granted('client', named(kind, value))
        } catch (error) {
          assert.ok(error instanceof AuthorityError)
          assert.doesNotMatch(error.message, /\p{Cc}/u)
          assert.ok(error.message.length < 600)
        }
      }),
    )
  })
})
