import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testAuthority, testExtension } from '../../test/certificates.ts'
import type { TestCertificateOptions } from '../../test/certificates.ts'
import type { Certificate } from './certificate.ts'
import { implicit, sequence } from './der-writer.ts'
import { parseGeneralName } from './general-name.ts'
import { extensionOids } from './oids.ts'
import { namesServer } from './server-name.ts'

const root = testAuthority()

/** With these names as DNS or IP octets, whatever they hold. */
function rawNames(...names: readonly (readonly [number, Uint8Array | string])[]): Certificate {
  const value = sequence(...names.map(([tag, content]) => implicit(tag, Buffer.from(content))))
  return issue({
    extensions: { subjectAltNames: undefined },
    extraExtensions: [testExtension(extensionOids.subjectAltName, { value })],
  })
}

function withNames(...names: readonly string[]): Certificate {
  return issue({ extensions: { subjectAltNames: names.map(parseGeneralName) } })
}

function issue(options: TestCertificateOptions): Certificate {
  return root.issue(options).certificate
}

describe('namesServer()', () => {
  const table: readonly (readonly [string, string, boolean])[] = [
    // DNS names, RFC 9525 §6.3
    ['DNS:web.example.com', 'web.example.com', true],
    ['DNS:web.example.com', 'WEB.Example.COM', true],
    ['DNS:web.example.com', 'web.example.com.', true],
    ['DNS:web.example.com', 'web.example.com..', false],
    ['DNS:web.example.com', 'example.com', false],
    ['DNS:web.example.com', 'a.web.example.com', false],
    ['DNS:web.example.com', 'xweb.example.com', false],
    ['DNS:web.example.com', 'web.example.com\0.evil.example', false],
    ['DNS:web.example.com', '', false],
    ['DNS:localhost', 'localhost', true],
    ['DNS:kelvin.example.com', '\u212Aelvin.example.com', false],
    // wildcards
    ['DNS:*.example.com', 'web.example.com', true],
    ['DNS:*.example.com', 'example.com', false],
    ['DNS:*.example.com', 'a.web.example.com', false],
    ['DNS:*.example.com', '.example.com', false],
    ['DNS:*.example.com', '*.example.com', false],
    ['DNS:*.example.com', 'xn--bcher-kva.example.com', true],
    // addresses, to the octet
    ['IP:192.0.2.1', '192.0.2.1', true],
    ['IP:192.0.2.1', '192.0.2.2', false],
    ['IP:192.0.2.1', '192.0.2.01', false],
    ['IP:192.0.2.1', '192.0.2.1.', false],
    ['IP:2001:db8::7', '2001:0DB8:0:0::7', true],
    ['IP:2001:db8::7', '[2001:db8::7]', false],
    ['IP:::ffff:192.0.2.1', '192.0.2.1', false],
    ['IP:192.0.2.1', '::ffff:192.0.2.1', false],
    // other kinds of names are not server names
    ['URI:https://web.example.com', 'web.example.com', false],
    ['email:web@example.com', 'example.com', false],
  ]
  for (const [san, server, expected] of table) {
    it(`${expected ? 'accepts' : 'refuses'} ${JSON.stringify(server)} for ${san}`, () => {
      assert.equal(namesServer(withNames(san), server), expected)
    })
  }

  it('finds the name among many', () => {
    const certificate = withNames('DNS:a.example', 'IP:192.0.2.9', 'DNS:b.example')
    assert.equal(namesServer(certificate, 'b.example'), true)
    assert.equal(namesServer(certificate, '192.0.2.9'), true)
    assert.equal(namesServer(certificate, 'c.example'), false)
  })

  it('never looks at the common name', () => {
    const options = { subject: 'CN=web.example.com' }
    const bare = issue({ ...options, extensions: { subjectAltNames: undefined } })
    assert.equal(namesServer(bare, 'web.example.com'), false)
    const other = issue({
      ...options,
      extensions: { subjectAltNames: [parseGeneralName('DNS:other.example')] },
    })
    assert.equal(namesServer(other, 'web.example.com'), false)
  })

  const malformedNames: readonly (readonly [string, string])[] = [
    ['', ''],
    ['.', ''],
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1.'],
    ['web.example.com.', 'web.example.com'],
    ['a_b.example.com', 'a_b.example.com'],
    ['*', 'localhost'],
    ['*.com', 'example.com'],
    ['*.*.com', 'a.example.com'],
    ['w*.example.com', 'web.example.com'],
    ['*b.example.com', 'web.example.com'],
    ['web.*.com', 'web.example.com'],
    ['*.example.com.', 'web.example.com'],
    [' web.example.com', 'web.example.com'],
  ]
  for (const [value, server] of malformedNames) {
    it(`refuses ${JSON.stringify(server)} for the malformed DNS name ${JSON.stringify(value)}`, () => {
      assert.equal(namesServer(rawNames([2, value]), server), false)
    })
  }
})
