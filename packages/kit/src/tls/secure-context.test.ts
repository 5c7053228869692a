import assert from 'node:assert/strict'
import { constants } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { describe, it } from 'node:test'
import { testAuthority, testKey } from '../../test/certificates.ts'
import type { TestIdentity } from '../../test/certificates.ts'
import { parseCertificates } from '../x509/certificate.ts'
import { identityOptions, protocolOptions } from './secure-context.ts'

describe('protocolOptions()', () => {
  it('allows TLS 1.2 and 1.3, no tickets and no renegotiation', () => {
    const { minVersion, maxVersion, secureOptions = 0 } = protocolOptions()
    assert.deepEqual([minVersion, maxVersion], ['TLSv1.2', 'TLSv1.3'])
    assert.ok((secureOptions & constants.SSL_OP_NO_TICKET) !== 0)
    assert.ok((secureOptions & constants.SSL_OP_NO_RENEGOTIATION) !== 0)
  })

  it('has cipher suites with forward secrecy and AEAD only, all known to OpenSSL', () => {
    const { ciphers = '' } = protocolOptions()
    for (const name of ciphers.split(':')) {
      assert.match(name, /^(?:TLS_|ECDHE-).*(?:GCM|POLY1305)/)
      assert.ok(createSecureContext({ ciphers: name }))
    }
  })
})

describe('identityOptions()', () => {
  const root = testAuthority()
  const between = root.intermediate()
  const leaf = between.issue()

  it('leaves out the root, and nothing else', () => {
    assert.deepEqual(sent([leaf, between, root]), ders([leaf, between]))
    assert.deepEqual(sent([leaf, between]), ders([leaf, between]))
    assert.deepEqual(sent([leaf]), ders([leaf]))
  })

  it('keeps a self-signed certificate that is the whole chain', () => {
    assert.deepEqual(sent([root]), ders([root]))
  })

  it("keeps a root's new key that its old one certified", () => {
    const renewed = root.intermediate({ subject: root.certificate.subject, key: testKey() })
    const below = renewed.issue()
    assert.deepEqual(sent([below, renewed]), ders([below, renewed]))
    assert.deepEqual(sent([below, renewed, root]), ders([below, renewed]))
  })
})

function sent(chain: readonly TestIdentity[]): readonly Buffer[] {
  const [{ key } = { key: testKey() }] = chain
  const { cert } = identityOptions({
    name: 'x',
    key,
    chain: chain.map(({ certificate }) => certificate),
  })
  assert.ok(typeof cert === 'string')
  return parseCertificates(cert).map(({ der }) => Buffer.from(der))
}

function ders(chain: readonly TestIdentity[]): readonly Buffer[] {
  return chain.map(({ certificate }) => Buffer.from(certificate.der))
}
