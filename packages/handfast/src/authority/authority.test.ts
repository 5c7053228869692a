import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { fingerprint, publicKeyFromPrivate, subjectKeyIdentifier } from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import {
  golden,
  hex,
  hierarchyStart,
  name,
  openBench,
  openHierarchy,
  passphrase,
  san,
  start,
} from './authority-fixture.test.ts'
import { dayMs } from './limits.ts'

describe('Authority', () => {
  it('makes a root, an intermediate and leaves that another implementation verifies', async (t) => {
    const { authority } = await openHierarchy(t)

    const issued = await authority.issue({
      issuer: 'issuing',
      profile: 'server',
      subject: name('CN=web.example,O=Client C'),
      subjectAltNames: san('DNS:web.example', 'IP:127.0.0.1'),
    })

    const [leaf, intermediate] = issued.chain
    assert.ok(leaf !== undefined && intermediate !== undefined)
    assert.equal(issued.chain.length, 2)
    assertIssued(leaf, intermediate)
    assertIssued(intermediate, issued.root)
    assertIssued(issued.root, issued.root)
    const oracle = new X509Certificate(leaf.der)
    assert.ok(oracle.checkPrivateKey(issued.privateKey))
    assert.equal(oracle.checkHost('web.example', { subject: 'never' }), 'web.example')
    assert.equal(oracle.checkIP('127.0.0.1'), '127.0.0.1')
    assert.equal(oracle.ca, false)
    assert.deepEqual(oracle.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  })

  it('gives a root ten years and P-384, an intermediate five years, P-256 and path length 0', async (t) => {
    const { authority } = await openHierarchy(t)

    const root = (await authority.find('root')).certificate
    const { certificate: intermediate, chain } = await authority.find('issuing')

    assert.equal(root.keyInfo.name, 'P-384')
    assert.equal(root.notAfter.getTime(), start.getTime() + 3650 * dayMs)
    assert.deepEqual(root.extensions.basicConstraints, { ca: true, critical: true })
    assert.deepEqual(root.extensions.keyUsage?.usages, ['keyCertSign', 'cRLSign'])
    assert.equal(intermediate.keyInfo.name, 'P-256')
    assert.equal(intermediate.notAfter.getTime(), start.getTime() + 1826 * dayMs)
    assert.equal(intermediate.extensions.basicConstraints?.pathLength, 0)
    assert.deepEqual(chain.map(fingerprint), [fingerprint(root)])
  })

  it('grants a leaf what its profile says, with 5 minutes of backdating and 90 days', async (t) => {
    const { authority } = await openHierarchy(t)
    const { certificate: issuer } = await authority.find('issuing')

    const { certificate } = await authority.issue({
      issuer: 'issuing',
      profile: 'peer',
      subject: name('CN=gateway,O=Client C'),
      subjectAltNames: san('DNS:gateway.example', 'URI:spiffe://client-c/gateway'),
      algorithm: 'rsa-2048',
    })

    assert.equal(certificate.version, 3)
    assert.match(certificate.serialNumber, /^[4-7][0-9a-f]{31}$/)
    assert.equal(certificate.notBefore.getTime(), hierarchyStart.getTime() - 300_000)
    assert.equal(certificate.notAfter.getTime(), hierarchyStart.getTime() + 90 * dayMs)
    const { extensions } = certificate
    assert.deepEqual(extensions.basicConstraints, { ca: false, critical: true })
    assert.deepEqual(extensions.keyUsage, {
      usages: ['digitalSignature', 'keyEncipherment'],
      critical: true,
    })
    assert.deepEqual(extensions.extendedKeyUsage?.purposes, [
      '1.3.6.1.5.5.7.3.1',
      '1.3.6.1.5.5.7.3.2',
    ])
    assert.equal(extensions.subjectAltNames?.critical, false)
    assert.equal(
      hex(extensions.authorityKeyIdentifier?.keyIdentifier),
      hex(issuer.extensions.subjectKeyIdentifier?.keyIdentifier),
    )
    assert.deepEqual(extensions.unread, [])
  })

  it('marks the names critical when there is no subject', async (t) => {
    const { authority } = await openHierarchy(t)
    const { certificate } = await authority.signCsr({
      issuer: 'issuing',
      profile: 'server',
      csr: golden('requests/no-subject.csr'),
    })
    assert.equal(certificate.extensions.subjectAltNames?.critical, true)
  })

  it('issues for a public key that is given, and returns no private key then', async (t) => {
    const { authority } = await openHierarchy(t)
    const first = await authority.issue({
      issuer: 'issuing',
      profile: 'client',
      subject: name('CN=a,O=Client B'),
    })
    const publicKey = publicKeyFromPrivate(first.privateKey)

    const second = await authority.issue({
      issuer: 'issuing',
      profile: 'client',
      subject: name('CN=a,O=Client B'),
      publicKey,
    })

    assert.ok(!('privateKey' in second))
    assert.equal(
      hex(second.certificate.extensions.subjectKeyIdentifier?.keyIdentifier),
      hex(subjectKeyIdentifier(publicKey)),
    )
    assert.notEqual(second.certificate.serialNumber, first.certificate.serialNumber)
  })

  it('stores the certificate and its audit row before it returns', async (t) => {
    const { authority, store } = await openHierarchy(t)
    const { certificate } = await authority.issue({
      issuer: 'issuing',
      profile: 'client',
      subject: name('CN=b,O=Client B'),
      actor: 'alice',
    })

    const { rows, audit } = await store.transaction(async (tx) => ({
      rows: await tx.certificates.list(),
      audit: await tx.audit.list(),
    }))
    assert.deepEqual(Buffer.from(rows[0]?.certificate ?? []), Buffer.from(certificate.der))
    assert.equal(rows[0]?.profile, 'client')
    assert.deepEqual(
      audit.map(({ action, actor, target }) => [action, actor, target]),
      [
        ['certificate.issue', 'alice', 'CN=b,O=Client B'],
        ['certificate.issue', 'handfast', 'CN=Issuing,O=Client C'],
        ['issuer.init', 'handfast', 'issuing'],
        ['issuer.init', 'handfast', 'root'],
      ],
    )
    assert.equal(audit[0]?.details['serialNumber'], certificate.serialNumber)
  })
  it('says what it made, what it issued and what it refused', async (t) => {
    const { authority, events } = await openHierarchy(t)
    const { certificate } = await authority.issue({
      issuer: 'issuing',
      profile: 'client',
      subject: name('CN=c'),
    })
    const refused = name('CN=Root,O=Client C')
    await assert.rejects(
      authority.issue({ issuer: 'issuing', profile: 'client', subject: refused }),
    )
    await authority.initIntermediate({ label: 'second', parent: 'root', name: name('CN=Second') })

    assert.deepEqual(
      events.map(({ type }) => type),
      ['certificate-issued', 'issuance-refused', 'issuer-created'],
    )
    assert.partialDeepStrictEqual(events, [
      { issuer: 'issuing', subject: 'CN=c', serialNumber: certificate.serialNumber },
      { issuer: 'issuing', code: 'HF-A131', reason: 'subject-of-a-ca', at: hierarchyStart },
      { label: 'second', kind: 'intermediate' },
    ])
  })

  it('keeps what it issued when a listener throws', async (t) => {
    const { authority, events, store } = await openHierarchy(t)
    events.push = () => {
      throw new Error('deaf')
    }
    await authority.issue({ issuer: 'issuing', profile: 'client', subject: name('CN=c') })
    const [row] = await store.transaction(async (tx) => tx.certificates.list())
    assert.equal(row?.subject, 'CN=c')
  })

  it('opens its keys again with the same passphrase, in another process', async (t) => {
    const { again } = await openHierarchy(t)
    const other = again(passphrase)
    const { certificate } = await other.issue({
      issuer: 'issuing',
      profile: 'client',
      subject: name('CN=d'),
    })
    const { certificate: issuer } = await other.find('issuing')
    assertIssued(certificate, issuer)
  })

  it('refuses a label that is not kept, naming those that are', async (t) => {
    const { authority } = await openHierarchy(t)
    await assert.rejects(authority.find('isuing'), {
      reason: 'issuer-not-found',
      hint: 'Choose one of: root, issuing',
    })
  })

  it('forgets its keys when it is closed', async (t) => {
    const { authority } = await openHierarchy(t)
    await authority.close()
    await assert.rejects(
      authority.issue({ issuer: 'issuing', profile: 'client', subject: name('CN=e') }),
      { reason: 'authority-closed' },
    )
    assert.equal((await authority.list()).length, 2)
  })

  it('starts with no issuers, and says how to make one', async (t) => {
    const { authority } = await openBench(t)
    assert.deepEqual(await authority.list(), [])
    await assert.rejects(authority.find('root'), { reason: 'issuer-not-found', hint: /ca init/ })
  })
})

/** By OpenSSL, through node:crypto. */
function assertIssued(subject: Certificate, issuer: Certificate): void {
  const a = new X509Certificate(subject.der)
  const b = new X509Certificate(issuer.der)
  assert.ok(a.checkIssued(b))
  assert.ok(a.verify(b.publicKey))
}
