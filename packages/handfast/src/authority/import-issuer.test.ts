import assert from 'node:assert/strict'
import { X509Certificate, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  createCertificate,
  encodeCertificatePem,
  encodePrivateKeyPem,
  fingerprint,
  keySigner,
  subjectKeyIdentifier,
} from '@handfast/kit/x509'
import type { Certificate, ExtensionsTemplate } from '@handfast/kit/x509'
import { golden, name, openBench, openHierarchy, start } from './authority-fixture.test.ts'
import type { Bench } from './authority-fixture.test.ts'
import { dayMs } from './limits.ts'
import { newSerialNumber } from './serial-number.ts'

const clientC = {
  root: {
    label: 'c-root',
    certificates: golden('workshop/client_c_root_ca.crt'),
    key: golden('workshop/client_c_root_ca.key'),
    passphrase: 'fixture-client-c',
  },
  intermediate: {
    label: 'c-issuing',
    certificates: golden('workshop/client_c_intermediate_ca.crt'),
    key: golden('workshop/client_c_intermediate_ca.key'),
    passphrase: 'fixture-client-c',
  },
}

function withRoot(file: string): Buffer {
  return Buffer.concat([golden(file), golden('certificates/ec-root.crt')])
}

describe('importIssuer', () => {
  it('takes the workshop: encrypted RSA 4096 roots without keyUsage, with a warning, and issues', async (t) => {
    const { authority } = await openBench(t)
    const { issuer, warnings } = await authority.importIssuer(clientC.root)
    assert.equal(issuer.kind, 'imported')
    assert.deepEqual(issuer.chain, [])
    assert.deepEqual(
      warnings.map(({ what }) => what),
      ['keyUsage'],
    )
    const { certificate } = await authority.signCsr({
      issuer: 'c-root',
      profile: 'client',
      csr: golden('workshop/client_b_for_client_c.csr'),
    })
    const oracle = new X509Certificate(certificate.der)
    const root = new X509Certificate(clientC.root.certificates)
    assert.ok(oracle.checkIssued(root))
    assert.ok(oracle.verify(root.publicKey))
    assert.equal(certificate.signatureAlgorithm.name, 'sha256WithRSAEncryption')
  })

  it('takes an intermediate with the certificates above it, in any order, or when they are kept', async (t) => {
    const { authority } = await openBench(t)
    const { root, intermediate } = clientC
    await assert.rejects(authority.importIssuer(intermediate), {
      reason: 'issuer-chain-incomplete',
      hint: /Client C Root CA/,
    })
    const bundle = Buffer.concat([root.certificates, intermediate.certificates])
    const imported = await authority.importIssuer({ ...intermediate, certificates: bundle })
    assert.equal(imported.issuer.chain.length, 1)
    assert.deepEqual(imported.warnings, [])
  })

  it('finds the chain among what is kept, and links to it', async (t) => {
    const { authority, store } = await openBench(t)
    const { issuer: root } = await authority.importIssuer(clientC.root)
    const { issuer } = await authority.importIssuer(clientC.intermediate)
    assert.deepEqual(issuer.chain.map(fingerprint), [root.id])
    const row = await store.transaction(async (tx) => tx.issuers.byName('c-issuing'))
    assert.equal(row?.parentId, root.id)
    const { chain } = await authority.signCsr({
      issuer: 'c-issuing',
      profile: 'client',
      csr: golden('workshop/client_b_for_client_c.csr'),
    })
    assert.equal(chain.length, 2)
  })

  it('takes the one-name guide: an unencrypted key, and EC keys with EC PARAMETERS', async (t) => {
    const { authority } = await openBench(t)
    await authority.importIssuer({
      label: 'one-name',
      certificates: golden('one-name/ca-certificate-prompted.crt'),
      key: golden('one-name/ca-private-key.pem'),
    })
    const { warnings } = await authority.importIssuer({
      label: 'ec',
      certificates: golden('certificates/ec-root.crt'),
      key: golden('keys/ec-p384-sec1.pem'),
    })
    assert.deepEqual(warnings, [])
    await authority.importIssuer({
      label: 'rsa-under-ec',
      certificates: golden('certificates/rsa-intermediate.crt'),
      key: golden('keys/rsa-2048-pkcs1.der'),
    })
  })

  it('takes an old root that signed itself with SHA-1: that signature proves nothing anyway', async (t) => {
    const { authority } = await openBench(t)
    await authority.importIssuer({
      label: 'sha1',
      certificates: golden('certificates/sha1-root.crt'),
      key: golden('keys/ec-p384-sec1.pem'),
    })
    const issued = await authority.issue({
      issuer: 'sha1',
      profile: 'client',
      subject: name('CN=a'),
    })
    assert.equal(issued.certificate.signatureAlgorithm.name, 'ecdsa-with-SHA384')
  })

  it('names what was given and not used', async (t) => {
    const { authority } = await openBench(t)
    const { warnings } = await authority.importIssuer({
      label: 'ec',
      certificates: Buffer.concat([
        golden('certificates/ec-root.crt'),
        golden('workshop/client_b_root_ca.crt'),
      ]),
      key: golden('keys/ec-p384-sec1.pem'),
    })
    assert.match(warnings[0]?.what ?? '', /Client B Root CA/)
  })

  it('refuses what is no CA, a key of another, what is kept already, and wrong passphrases', async (t) => {
    const bench = await openBench(t)
    const ecKey = golden('keys/ec-p384-sec1.pem')
    const rsaKey = golden('keys/rsa-2048-pkcs8.pem')
    await bench.authority.importIssuer(clientC.root)
    const refused = [
      [{ certificates: golden('certificates/not-a-ca.crt'), key: ecKey }, 'issuer-not-a-ca'],
      [{ certificates: golden('certificates/version-1.crt'), key: ecKey }, 'issuer-not-a-ca'],
      [
        { certificates: golden('certificates/ca-without-cert-sign.crt'), key: ecKey },
        'issuer-not-a-ca',
      ],
      [
        {
          certificates: golden('certificates/rsa-intermediate-without-key-usage.crt'),
          key: rsaKey,
        },
        'issuer-not-a-ca',
      ],
      [{ certificates: golden('certificates/expired-root.crt'), key: ecKey }, 'issuer-expired'],
      [{ certificates: golden('certificates/ec-root.crt'), key: rsaKey }, 'issuer-key-mismatch'],
      [
        { certificates: golden('certificates/rsa-intermediate.crt'), key: rsaKey },
        'issuer-chain-incomplete',
      ],
      [
        {
          certificates: withRoot('certificates/sha1-intermediate.crt'),
          key: rsaKey,
        },
        'issuer-signature-invalid',
      ],
      [
        {
          certificates: withRoot('certificates/constrained-intermediate.crt'),
          key: rsaKey,
        },
        'issuer-unsupported',
      ],
      [clientC.root, 'issuer-exists'],
      [{ ...clientC.root, passphrase: 'wrong' }, 'key-passphrase-wrong'],
      [
        { certificates: clientC.root.certificates, key: clientC.root.key },
        'key-passphrase-missing',
      ],
      [{ certificates: ecKey, key: ecKey }, 'certificate-malformed'],
      [{ certificates: golden('certificates/ec-root.crt'), key: 'x' }, 'key-malformed'],
      [{ certificates: Buffer.alloc(262_145), key: ecKey }, 'request-too-large'],
    ] as const
    for (const [material, reason] of refused) {
      await assert.rejects(
        bench.authority.importIssuer({ ...material, label: 'x' }),
        { reason },
        reason,
      )
    }
    assert.equal((await bench.authority.list()).length, 1)
  })

  it('warns of another CA with the same subject', async (t) => {
    const { authority } = await openHierarchy(t)
    const { material } = await makeRoot('CN=root,O=Client C')
    const { warnings } = await authority.importIssuer({ label: 'twin', ...material })
    assert.equal(warnings[0]?.what, 'subject CN=root,O=Client C')
  })

  it('judges the certificate that is imported, not another one of the same CA', async (t) => {
    const bench = await openBench(t)
    const root = await makeRoot('CN=Wide Root')
    const good = await makeBelow(root, 'CN=Below')
    const { certificate: bad } = await makeRoot('CN=Below', {
      issuer: root,
      key: good.key,
      extensions: { extendedKeyUsage: ['codeSigning'] },
    })
    const material = {
      ...good.material,
      certificates: encodeCertificatePem(bad) + good.material.certificates,
    }
    await assert.rejects(importBoth(bench, { ...good, material }, root), {
      reason: 'issuer-purpose-mismatch',
    })
    await importBoth(bench, good, root)
  })

  it('imports one of two that want the same label at once', async (t) => {
    const { authority } = await openBench(t)
    const results = await Promise.allSettled(
      ['CN=a', 'CN=b'].map(async (subject) => {
        const { material } = await makeRoot(subject)
        return authority.importIssuer({ label: 'one', ...material })
      }),
    )
    const reasons = results.map((result) =>
      result.status === 'fulfilled' ? 'imported' : (result.reason as { reason: string }).reason,
    )
    assert.deepEqual(reasons.toSorted(), ['imported', 'issuer-exists'])
  })

  it('refuses a root that was altered, or whose own key did not sign it', async (t) => {
    const { authority } = await openBench(t)
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const { material } = await makeRoot('CN=Altered', { signedWith: other })
    await assert.rejects(authority.importIssuer({ label: 'x', ...material }), {
      reason: 'issuer-signature-invalid',
    })
  })

  it('refuses an intermediate that the root it names did not sign', async (t) => {
    const bench = await openBench(t)
    const root = await makeRoot('CN=Real Root')
    const impostor = await makeRoot('CN=Real Root')
    const below = await makeBelow(impostor, 'CN=Below')
    await assert.rejects(importBoth(bench, below, root), { reason: 'issuer-signature-invalid' })
    await importBoth(bench, await makeBelow(root, 'CN=Below'), root)
  })

  it('counts the path length of the root above an intermediate that has none', async (t) => {
    const bench = await openBench(t)
    const basicConstraints = { ca: true, pathLength: 1 }
    const root = await makeRoot('CN=Root Of One', { extensions: { basicConstraints } })
    await importBoth(bench, await makeBelow(root, 'CN=Below'), root)
    const request = { label: 'lower', parent: 'below', name: name('CN=Lower') }
    await assert.rejects(bench.authority.initIntermediate(request), {
      reason: 'path-length-exceeded',
    })
    await bench.authority.importIssuer({ label: 'root-of-one', ...root.material })
    await bench.authority.initIntermediate({ ...request, parent: 'root-of-one' })
  })

  it('refuses limits that it could not keep, and path lengths that leave no room for it', async (t) => {
    const bench = await openBench(t)
    const root = await makeRoot('CN=Short Root', {
      extensions: { basicConstraints: { ca: true, pathLength: 0 } },
    })
    const below = await makeBelow(root, 'CN=Below')
    await assert.rejects(importBoth(bench, below, root), { reason: 'path-length-exceeded' })
    const wide = await makeRoot('CN=Wide Root')
    const expired = await makeBelow(wide, 'CN=Expired', { days: 0.5 })
    await assert.rejects(importBoth(bench, expired, wide), { reason: 'issuer-expired' })
    const oldRoot = await makeRoot('CN=Old Root', { days: 0.5 })
    const young = await makeBelow(oldRoot, 'CN=Young')
    await assert.rejects(importBoth(bench, young, oldRoot), { reason: 'issuer-expired' })
    const codeOnly = await makeBelow(wide, 'CN=Code', { purposes: ['codeSigning'] })
    await assert.rejects(importBoth(bench, codeOnly, wide), { reason: 'issuer-purpose-mismatch' })
  })

  it('keeps an issuer to its own purposes', async (t) => {
    const bench = await openBench(t)
    const root = await makeRoot('CN=Wide Root')
    const clientOnly = await makeBelow(root, 'CN=Clients', { purposes: ['clientAuth'] })
    await importBoth(bench, clientOnly, root)
    const request = { issuer: 'below', subject: name('CN=a') }
    await bench.authority.issue({ ...request, profile: 'client' })
    await assert.rejects(
      bench.authority.issue({
        ...request,
        profile: 'peer',
        subjectAltNames: [{ type: 'dns', value: 'a.example' }],
      }),
      { reason: 'issuer-purpose-mismatch' },
    )
  })
})

interface Made {
  readonly certificate: Certificate
  readonly key: ReturnType<typeof generateKeyPairSync>['privateKey']
  readonly material: { readonly certificates: string; readonly key: string }
}

interface Making {
  readonly signedWith?: Made['key']
  readonly key?: Made['key']
  readonly issuer?: Made
  readonly days?: number
  readonly extensions?: ExtensionsTemplate
}

async function makeRoot(subject: string, making: Making = {}): Promise<Made> {
  const privateKey = making.key ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const publicKey = createPublicKey(privateKey)
  const certificate = await createCertificate(
    {
      serialNumber: newSerialNumber(),
      issuer: making.issuer?.certificate.subject ?? name(subject),
      subject: name(subject),
      notBefore: new Date(start.getTime() - dayMs),
      notAfter: new Date(start.getTime() + ((making.days ?? 101) - 1) * dayMs),
      publicKey,
      extensions: {
        basicConstraints: { ca: true },
        keyUsage: ['keyCertSign'],
        ...(making.issuer && {
          authorityKeyIdentifier: subjectKeyIdentifier(createPublicKey(making.issuer.key)),
        }),
        ...making.extensions,
      },
    },
    keySigner(making.signedWith ?? making.issuer?.key ?? privateKey),
  )
  const material = {
    certificates: encodeCertificatePem(certificate),
    key: encodePrivateKeyPem(privateKey),
  }
  return { certificate, key: privateKey, material }
}

async function makeBelow(
  issuer: Made,
  subject: string,
  options: { days?: number; purposes?: readonly ('clientAuth' | 'codeSigning')[] } = {},
): Promise<Made> {
  const { days, purposes } = options
  return makeRoot(subject, {
    issuer,
    ...(days !== undefined && { days }),
    ...(purposes && { extensions: { extendedKeyUsage: purposes } }),
  })
}

async function importBoth({ authority }: Bench, below: Made, root: Made): Promise<unknown> {
  const certificates = below.material.certificates + root.material.certificates
  return authority.importIssuer({ label: 'below', certificates, key: below.material.key })
}
