import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { createCertificate, encodeName, keySigner } from '@handfast/kit/x509'
import type { Certificate, CertificateTemplate } from '@handfast/kit/x509'
import { goldenCertificate, name, san, start } from './authority-fixture.test.ts'
import { dayMs } from './limits.ts'
import { lintCertificate } from './lint.ts'
import type { LintSubject } from './lint.ts'
import { authorityProfiles, profiles } from './profiles.ts'
import { authorityTemplate, leafTemplate } from './templates.ts'

const issuer = goldenCertificate('workshop/client_c_intermediate_ca.crt')
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const validity = { notBefore: start, notAfter: new Date(start.getTime() + 90 * dayMs) }
const holder = { subject: name('CN=web'), publicKey, validity }

const template = leafTemplate(
  { ...holder, names: san('DNS:web.example') },
  { profile: profiles.server, issuer },
)
const leaf: LintSubject = { template, profile: profiles.server, issuer }

const authority: LintSubject = {
  template: authorityTemplate(
    { ...holder, pathLength: 0 },
    { profile: authorityProfiles.intermediate, issuer },
  ),
  profile: authorityProfiles.intermediate,
  issuer,
}

async function make(changed: Partial<CertificateTemplate>, subject = leaf): Promise<Certificate> {
  return createCertificate({ ...subject.template, ...changed }, keySigner(privateKey))
}

function withExtensions(
  changed: Partial<CertificateTemplate['extensions']>,
  subject = leaf,
): Pick<CertificateTemplate, 'extensions'> {
  return { extensions: { ...subject.template.extensions, ...changed } }
}

describe('lintCertificate', () => {
  it('finds nothing in what the profiles make', async () => {
    assert.deepEqual(lintCertificate(await make({}), leaf), [])
    assert.deepEqual(lintCertificate(await make({}, authority), authority), [])
    const root: LintSubject = {
      template: authorityTemplate(holder, { profile: authorityProfiles.root }),
      profile: authorityProfiles.root,
    }
    assert.deepEqual(lintCertificate(await make({}, root), root), [])
  })

  it('finds each difference from the profile of a leaf', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    const dates = 'dates in order, within the issuer and the profile'
    const cases: readonly (readonly [string, Partial<CertificateTemplate>])[] = [
      ['a serial number of 16 random octets', { serialNumber: Uint8Array.of(1) }],
      ["the issuer's subject as issuer, byte for byte", { issuer: name('CN=Client C') }],
      ['the subject', { subject: name('CN=other') }],
      ['the public key', { publicKey: other }],
      [dates, { notAfter: new Date(validity.notAfter.getTime() + dayMs) }],
      [dates, { notBefore: new Date(issuer.notBefore.getTime() - 1000) }],
      [dates, { notBefore: validity.notAfter, notAfter: validity.notBefore }],
      ['basicConstraints', withExtensions({ basicConstraints: { ca: true } })],
      ['keyUsage', withExtensions({ keyUsage: ['digitalSignature', 'keyCertSign'] })],
      ['keyUsage', withExtensions({ keyUsage: [] })],
      ['extendedKeyUsage', withExtensions({ extendedKeyUsage: ['serverAuth', 'clientAuth'] })],
      ['extendedKeyUsage', withExtensions({ extendedKeyUsage: [] })],
      ['subjectAltName', withExtensions({ subjectAltNames: san('DNS:other.example') })],
      ['subjectAltName', withExtensions({ subjectAltNames: [] })],
      ['key identifiers', withExtensions({ authorityKeyIdentifier: Uint8Array.of(1, 2, 3) })],
    ]
    for (const [rule, changed] of cases) {
      assert.deepEqual(lintCertificate(await make(changed), leaf).slice(0, 1), [rule], rule)
    }
  })

  it('finds what an encoder of ours cannot write', async () => {
    const certificate = await make({})
    const unread = [{ oid: '1.2.3', critical: false, value: new Uint8Array() }]
    assert.deepEqual(
      lintCertificate(
        { ...certificate, version: 1, extensions: { ...certificate.extensions, unread } },
        leaf,
      ),
      ['version 3', 'no other extension'],
    )
    assert.deepEqual(
      lintCertificate({ ...certificate, signatureAlgorithm: { oid: '1', name: 'x' } }, leaf),
      ['a signature algorithm that is strong enough'],
    )
  })

  it('holds a CA to its path length and to having no names and no purposes', async () => {
    const cases: readonly (readonly [string, Partial<CertificateTemplate>])[] = [
      ['basicConstraints', withExtensions({ basicConstraints: { ca: true } }, authority)],
      ['keyUsage', withExtensions({ keyUsage: ['keyCertSign'] }, authority)],
      ['extendedKeyUsage', withExtensions({ extendedKeyUsage: ['serverAuth'] }, authority)],
      ['subjectAltName', withExtensions({ subjectAltNames: san('DNS:a.example') }, authority)],
    ]
    for (const [rule, changed] of cases) {
      assert.deepEqual(lintCertificate(await make(changed, authority), authority), [rule], rule)
    }
  })

  it('wants the names critical when there is no subject', async () => {
    const empty = { ...leaf, template: { ...template, subject: encodeName([]) } }
    const certificate = await make({}, empty)
    assert.deepEqual(lintCertificate(certificate, empty), [])
    const { subjectAltNames } = certificate.extensions
    assert.ok(subjectAltNames !== undefined)
    const uncritical = {
      ...certificate,
      extensions: {
        ...certificate.extensions,
        subjectAltNames: { ...subjectAltNames, critical: false },
      },
    }
    assert.deepEqual(lintCertificate(uncritical, empty), ['subjectAltName'])
  })
})
