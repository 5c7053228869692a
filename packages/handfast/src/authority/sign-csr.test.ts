import assert from 'node:assert/strict'
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { describe, it } from 'node:test'
import { formatName, parseCertificate, parseCsr } from '@handfast/kit/x509'
import { golden, name, openHierarchy, san } from './authority-fixture.test.ts'
import type { Bench } from './authority-fixture.test.ts'
import type { Issued } from './issue-leaf.ts'

async function sign(
  { authority }: Bench,
  profile: 'server' | 'client' | 'peer',
  file: string,
): Promise<Issued> {
  return authority.signCsr({ issuer: 'issuing', profile, csr: golden(file) })
}

describe('signCsr', () => {
  it("signs what openssl's commands ask for, with the key that they made", async (t) => {
    const bench = await openHierarchy(t)
    const requests = [
      ['client', 'workshop/client_b_for_client_c.csr'],
      ['server', 'workshop/client_c_server.csr'],
      ['client', 'one-name/client.csr'],
      ['server', 'requests/ec-p256.csr'],
      ['client', 'requests/ec-p384.csr'],
      ['peer', 'requests/rsa-2048.csr'],
    ] as const
    for (const [profile, file] of requests) {
      const { certificate, dropped } = await sign(bench, profile, file)
      const csr = parseCsr(golden(file))
      assert.equal(formatName(certificate.subject), formatName(csr.subject), file)
      assert.deepEqual(certificate.publicKeyInfo, csr.publicKeyInfo, file)
      assert.deepEqual(
        certificate.extensions.subjectAltNames?.names,
        csr.requestedExtensions.subjectAltNames?.names,
        file,
      )
      assert.deepEqual(dropped, [], file)
    }
  })

  it('gives the workshop what its text stops before: B is signed by the intermediate of C', async (t) => {
    const bench = await openHierarchy(t)
    const { chain, root } = await sign(bench, 'client', 'workshop/client_b_for_client_c.csr')
    const [leaf, intermediate] = chain.map(({ der }) => new X509Certificate(der))
    assert.ok(leaf !== undefined && intermediate !== undefined)
    assert.ok(leaf.checkIssued(intermediate))
    assert.ok(leaf.verify(intermediate.publicKey))
    assert.ok(intermediate.verify(new X509Certificate(root.der).publicKey))
    assert.match(leaf.subject, /O=Client B Organization/)
  })

  it('reads DER, text around the PEM, CRLF, and one request a second time', async (t) => {
    const bench = await openHierarchy(t)
    await sign(bench, 'server', 'requests/ec-p256.der')
    await sign(bench, 'server', 'requests/ec-p256-with-text.csr')
    const csr = golden('requests/ec-p256.csr').toString('utf8').replaceAll('\n', '\r\n')
    const { certificate } = await bench.authority.signCsr({
      issuer: 'issuing',
      profile: 'server',
      csr,
    })
    assert.equal(formatName(certificate.subject), 'CN=web.example,O=Org')
  })

  it('warns of a private key in the file, and does not read it', async (t) => {
    const bench = await openHierarchy(t)
    const { warnings } = await sign(bench, 'server', 'requests/key-and-request.pem')
    assert.equal(warnings[0]?.what, 'a private key beside the request')
  })

  it('grants nothing that a greedy request asks for, and says what it left out', async (t) => {
    const bench = await openHierarchy(t)
    const { certificate, dropped } = await bench.authority.signCsr({
      issuer: 'issuing',
      profile: 'server',
      csr: golden('requests/greedy.csr'),
      subjectAltNames: san('DNS:greedy.example', 'IP:192.0.2.1'),
    })

    const { extensions } = certificate
    assert.equal(extensions.basicConstraints?.ca, false)
    assert.deepEqual(extensions.keyUsage?.usages, ['digitalSignature'])
    assert.deepEqual(extensions.extendedKeyUsage?.purposes, ['1.3.6.1.5.5.7.3.1'])
    assert.deepEqual(extensions.unread, [])
    assert.deepEqual(extensions.subjectAltNames?.names, san('DNS:greedy.example', 'IP:192.0.2.1'))
    const left = dropped.map(({ what }) => what)
    for (const what of [
      'basicConstraints CA:TRUE',
      'keyUsage keyCertSign',
      'keyUsage cRLSign',
      'keyUsage nonRepudiation',
      'extendedKeyUsage clientAuth',
      'extendedKeyUsage codeSigning',
      'extendedKeyUsage ocspSigning',
      'extendedKeyUsage 1.3.6.1.4.1.55555.2',
      'nameConstraints',
      'certificatePolicies',
      'tlsFeature',
      'subjectKeyIdentifier',
      '1.3.6.1.4.1.55555.4',
      'subjectAltName DNS:*.greedy.example',
      'subjectAltName URI:spiffe://example/greedy',
    ]) {
      assert.ok(left.includes(what), `${what} is not in ${left.join(', ')}`)
    }
    assert.ok(!left.includes('extendedKeyUsage serverAuth'))
    assert.ok(!left.includes('keyUsage digitalSignature'))
  })

  it('refuses names that the profile does not allow, rather than leaving them out', async (t) => {
    const bench = await openHierarchy(t)
    await assert.rejects(sign(bench, 'server', 'requests/greedy.csr'), {
      reason: 'name-type-not-allowed',
    })
    await assert.rejects(sign(bench, 'client', 'requests/ec-p256.csr'), {
      reason: 'wildcard-not-allowed',
    })
  })

  it('takes the subject that is given instead', async (t) => {
    const bench = await openHierarchy(t)
    const { certificate, dropped } = await bench.authority.signCsr({
      issuer: 'issuing',
      profile: 'client',
      csr: golden('requests/ec-p384.csr'),
      subject: name('CN=partner,O=Client B'),
    })
    assert.equal(formatName(certificate.subject), 'CN=partner,O=Client B')
    assert.deepEqual(dropped, [
      { what: 'subject CN=CordaOperator,O=Org,L=London,C=GB', why: 'another subject was given' },
    ])
  })

  it('refuses weak keys, weak digests, no names at all, and a CA behind the request', async (t) => {
    const bench = await openHierarchy(t)
    await bench.authority.importIssuer({
      label: 'c-root',
      certificates: golden('workshop/client_c_root_ca.crt'),
      key: golden('workshop/client_c_root_ca.key'),
      passphrase: 'fixture-client-c',
    })
    await bench.authority.importIssuer({
      label: 'one-name',
      certificates: golden('one-name/ca-certificate.crt'),
      key: golden('one-name/ca-private-key.pem'),
    })
    const refused = [
      ['requests/refused-rsa-1024.csr', { reason: 'key-not-allowed' }],
      ['requests/refused-rsa-2048-e3.csr', { reason: 'key-not-allowed' }],
      ['requests/refused-ed25519.csr', { reason: 'key-not-allowed' }],
      ['requests/refused-ec-p192.csr', { reason: 'csr-malformed' }],
      ['requests/refused-sha1.csr', { reason: 'csr-signature-invalid' }],
      ['requests/no-names.csr', { reason: 'subject-missing' }],
      ['requests/ca-key.csr', { reason: 'key-of-a-ca' }],
      ['requests/ca-subject.csr', { reason: 'subject-of-a-ca' }],
      // the one-name guide's advice: the CA and its leaves with one Common Name.
      ['one-name/client.csr', { reason: 'subject-of-a-ca' }],
    ] as const
    for (const [file, error] of refused) {
      await assert.rejects(sign(bench, 'client', file), error, file)
    }
  })

  it('refuses a request whose signature was not made with its key, whatever bit was turned', async (t) => {
    const bench = await openHierarchy(t)
    const der = golden('requests/ec-p256.der')
    for (const offset of [40, 120, der.length - 2]) {
      const altered = Buffer.from(der)
      altered[offset] = (altered[offset] ?? 0) ^ 1
      await assert.rejects(
        bench.authority.signCsr({ issuer: 'issuing', profile: 'server', csr: altered }),
        (error: Error) => error.name === 'X509Error',
      )
    }
  })

  it('refuses garbage, a certificate and 65 kB in place of a request', async (t) => {
    const { authority } = await openHierarchy(t)
    const request = { issuer: 'issuing', profile: 'server' }
    await assert.rejects(authority.signCsr({ ...request, csr: 'hello' }), {
      reason: 'csr-malformed',
    })
    await assert.rejects(
      authority.signCsr({ ...request, csr: golden('choreo-backend/server.pem') }),
      {
        reason: 'csr-malformed',
      },
    )
    await assert.rejects(authority.signCsr({ ...request, csr: Buffer.alloc(65_537) }), {
      reason: 'request-too-large',
    })
  })
})

describe('signIntermediate', () => {
  it("makes a CA of another's key, path length 0, and lists it without its key", async (t) => {
    const { authority } = await openHierarchy(t)
    const { issuer, dropped } = await authority.signIntermediate({
      label: 'partner',
      parent: 'root',
      csr: golden('workshop/client_c_intermediate_ca.csr'),
    })
    assert.equal(issuer.hasKey, false)
    assert.deepEqual(issuer.certificate.extensions.basicConstraints, {
      ca: true,
      critical: true,
      pathLength: 0,
    })
    assert.deepEqual(dropped, [])
    const oracle = new X509Certificate(issuer.certificate.der)
    const { certificate: root } = await authority.find('root')
    assert.ok(
      oracle.checkPrivateKey(
        createPrivateKey({
          key: golden('workshop/client_c_intermediate_ca.key'),
          passphrase: 'fixture-client-c',
        }),
      ),
    )
    assert.ok(oracle.verify(new X509Certificate(root.der).publicKey))
    await assert.rejects(
      authority.issue({ issuer: 'partner', profile: 'client', subject: name('CN=a') }),
      { reason: 'issuer-key-absent' },
    )
  })

  it('counts as a CA afterwards: its key and its subject are no leaf’s', async (t) => {
    const { authority } = await openHierarchy(t)
    await authority.signIntermediate({
      label: 'partner',
      parent: 'root',
      csr: golden('requests/greedy.csr'),
      name: name('CN=Partner CA,O=Partner'),
    })
    const request = { issuer: 'issuing', profile: 'client', csr: golden('requests/ec-p384.csr') }
    await assert.rejects(
      authority.signCsr({ ...request, subject: name('CN=Partner CA,O=Partner') }),
      { reason: 'subject-of-a-ca' },
    )
    await assert.rejects(
      authority.signCsr({
        ...request,
        profile: 'server',
        csr: golden('requests/ec-p256.csr'),
      }),
      { reason: 'key-of-a-ca' },
    )
    await authority.signCsr(request)
  })

  it('refuses a key that is certified for a leaf', async (t) => {
    const bench = await openHierarchy(t)
    await sign(bench, 'server', 'requests/ec-p256.csr')
    await assert.rejects(
      bench.authority.signIntermediate({
        label: 'partner',
        parent: 'root',
        csr: golden('requests/greedy.csr'),
      }),
      { reason: 'key-certified-for-another' },
    )
  })

  it('stores what it signed for the inventory', async (t) => {
    const { authority, store } = await openHierarchy(t)
    const { issuer } = await authority.signIntermediate({
      label: 'partner',
      parent: 'root',
      csr: golden('requests/ec-p384.csr'),
    })
    const [row] = await store.transaction(async (tx) => tx.certificates.list())
    assert.equal(row?.profile, 'intermediate')
    assert.deepEqual(
      parseCertificate(row?.certificate ?? new Uint8Array()).serialNumber,
      issuer.certificate.serialNumber,
    )
  })
})
