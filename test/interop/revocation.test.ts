import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  createCrl,
  createOcspRequest,
  createOcspResponse,
  crlStatus,
  encodeCertificatePem,
  encodeCrlPem,
  encodePrivateKeyPem,
  keySigner,
  ocspCertId,
  ocspStatus,
  parseCrl,
  parseOcspRequest,
  parseOcspResponse,
  subjectKeyIdentifier,
} from '@handfast/kit/x509'
import type { Crl, CrlTemplate, OcspCertStatus } from '@handfast/kit/x509'
import { runCommand, succeed } from '../support/run-command.ts'
import type { CommandResult } from '../support/run-command.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import type { TemporaryFolder } from '../support/temporary-folder.ts'
import { needs } from './foreign-programs.ts'
import { good, hours, responder, revoked, root, validity } from './revocation-identities.ts'

const crlReader = fileURLToPath(new URL('CrlReader.java', import.meta.url))

const revocation = {
  serialNumber: 'ff',
  revokedAt: hours(-2),
  reason: 'key-compromise',
  invalidityDate: hours(-3),
} as const

let folder: TemporaryFolder
const stack = new AsyncDisposableStack()
before(async () => {
  folder = stack.use(await makeTemporaryFolder())
  for (const [name, { certificate, key }] of Object.entries({ root, good, revoked, responder })) {
    await writeFile(folder.file(`${name}.crt`), encodeCertificatePem(certificate))
    await writeFile(folder.file(`${name}.key`), encodePrivateKeyPem(key))
  }
  await writeFile(folder.file('ours.crl'), encodeCrlPem(await makeCrl()))
  await writeFile(folder.file('empty.crl'), encodeCrlPem(await makeCrl({ entries: [] })))
})
after(() => stack.disposeAsync())

function makeCrl(template: Partial<CrlTemplate> = {}): Promise<Crl> {
  return createCrl(
    {
      issuer: root.certificate.subject,
      thisUpdate: hours(-1),
      nextUpdate: hours(24),
      crlNumber: 0x1234n,
      authorityKeyIdentifier: subjectKeyIdentifier(createPublicKey(root.key)),
      entries: [revocation, { serialNumber: '77', revokedAt: hours(-2) }],
      ...template,
    },
    keySigner(root.key),
  )
}

function openssl(...args: readonly string[]): Promise<CommandResult> {
  return runCommand(['openssl', ...args], { cwd: folder.path })
}

describe('openssl, given our CRLs,', needs('openssl'), () => {
  it('verifies and prints them', async () => {
    const args = ['-in', 'ours.crl', '-noout', '-text', '-verify', '-CAfile', 'root.crt']
    const { status, stdout, stderr } = await openssl('crl', ...args)
    assert.equal(status, 0, stderr)
    assert.match(stderr, /verify OK/)
    assert.match(stdout, /Version 2 \(0x1\)/)
    assert.match(stdout, /X509v3 CRL Number:\s+4660/)
    assert.match(stdout, /X509v3 Authority Key Identifier/)
    assert.match(stdout, /Serial Number: FF\s/)
    assert.match(stdout, /X509v3 CRL Reason Code:\s+Key Compromise/)
    assert.match(stdout, /Invalidity Date/)
    const without = await openssl('crl', '-in', 'empty.crl', '-noout', '-text')
    assert.match(without.stdout, /No Revoked Certificates/)
  })

  it('takes them for verifying certificates', async () => {
    const verify = (crl: string, name: string, check = '-crl_check'): Promise<CommandResult> =>
      openssl(
        'verify',
        '-x509_strict',
        check,
        '-CAfile',
        'root.crt',
        '-CRLfile',
        crl,
        `${name}.crt`,
      )
    for (const check of ['-crl_check', '-crl_check_all']) {
      assert.equal((await verify('ours.crl', 'good', check)).status, 0)
      assert.equal((await verify('empty.crl', 'revoked', check)).status, 0)
      const refused = await verify('ours.crl', 'revoked', check)
      assert.equal(refused.status, 2)
      assert.match(refused.stderr, /error 23 /)
    }
  })

  it('reads scopes, deltas and indirect entries', async () => {
    const other = responder.certificate.subject
    const names = [{ type: 'uri', value: 'http://crl.example/1' }] as const
    const crl = await makeCrl({
      deltaBaseNumber: 7n,
      entries: [{ ...revocation, certificateIssuer: other }],
      issuingDistributionPoint: {
        name: { type: 'full', names },
        onlyContainsUserCerts: true,
        onlySomeReasons: ['key-compromise', 'superseded'],
        indirectCrl: true,
      },
    })
    await writeFile(folder.file('delta.crl'), crl.der)
    const { stdout } = await openssl('crl', '-inform', 'DER', '-in', 'delta.crl', '-noout', '-text')
    assert.match(stdout, /Delta CRL Indicator: critical\s+7/)
    assert.match(stdout, /URI:http:\/\/crl\.example\/1/)
    assert.match(stdout, /Only User Certificates/)
    assert.match(stdout, /Indirect CRL/)
    assert.match(stdout, /Only Some Reasons:\s+Key Compromise, Superseded/)
    assert.match(stdout, /Certificate Issuer: critical\s+DirName:.*Responder/)
  })

  it('applies a delta to its base', async () => {
    // OpenSSL looks for a delta only where the base says that there is one.
    const freshestCrl = ['http://crl.example/delta.crl']
    const base = await makeCrl({ entries: [], freshestCrl })
    const delta = await makeCrl({
      crlNumber: 0x1235n,
      deltaBaseNumber: 0x1234n,
      entries: [revocation],
    })
    await writeFile(folder.file('with-delta.crl'), `${encodeCrlPem(base)}${encodeCrlPem(delta)}`)
    const verify = (...more: readonly string[]): Promise<CommandResult> => {
      const crls = ['-CRLfile', 'with-delta.crl']
      return openssl('verify', '-crl_check', ...more, '-CAfile', 'root.crt', ...crls, 'revoked.crt')
    }
    assert.match((await verify('-extended_crl', '-use_deltas')).stderr, /error 23 /)
    assert.equal((await verify('-extended_crl')).status, 0)
  })
})

describe('openssl ca', needs('openssl'), () => {
  it('makes CRLs that we judge alike', async () => {
    await writeFile(folder.file('ca.index'), index())
    await writeFile(folder.file('crlnumber'), '1F\n')
    await writeFile(folder.file('ca.cnf'), configuration)
    const args = ['-config', 'ca.cnf', '-gencrl', '-keyfile', 'root.key', '-cert', 'root.crt']
    await succeed(['openssl', 'ca', ...args, '-out', 'theirs.crl'], { cwd: folder.path })
    const crl = await parseCrl(await readFile(folder.file('theirs.crl')))
    assert.equal(crl.crlNumber, 0x1fn)
    const status = (certificate: typeof good.certificate): ReturnType<typeof crlStatus> =>
      crlStatus({ certificate, issuer: root.certificate, crls: [crl], at: new Date() })
    assert.equal(status(good.certificate).status, 'good')
    const answer = status(revoked.certificate)
    assert.ok(answer.status === 'revoked')
    assert.equal(answer.reason, 'superseded')
    // Without a number file in its configuration openssl writes no CRL number: RFC 5280 §5.2.3 wants one.
    await writeFile(folder.file('bare.cnf'), configuration.replaceAll(/^crl.*$/gm, ''))
    const bare = ['ca', ...args.with(1, 'bare.cnf'), '-crldays', '1']
    await succeed(['openssl', ...bare, '-out', 'old.crl'], { cwd: folder.path })
    const old = crlStatus({
      certificate: good.certificate,
      issuer: root.certificate,
      crls: [await parseCrl(await readFile(folder.file('old.crl')))],
      at: new Date(),
    })
    assert.ok(old.status === 'undetermined')
    assert.deepEqual(
      old.why.map(({ reason }) => reason),
      ['crl-number-missing'],
    )
  })
})

describe('openssl ocsp', needs('openssl'), () => {
  const answers: Readonly<Record<'good' | 'revoked' | 'unknown', OcspCertStatus>> = {
    good: { status: 'good' },
    revoked: { status: 'revoked', revokedAt: hours(-2), reason: 'key-compromise' },
    unknown: { status: 'unknown' },
  }

  for (const [signer, certificates, more, identifyBy] of [
    [root, [], ['-sha256'], 'name'],
    [responder, [responder.certificate], ['-sha1'], 'key'],
  ] as const) {
    it(`asks us with ${more[0]}, and believes our answers by ${signer === root ? 'the CA' : 'a delegate'}`, async () => {
      const ask = ['ocsp', ...more, '-issuer', 'root.crt', '-cert', 'good.crt']
      await succeed(['openssl', ...ask, '-reqout', 'request.der'], { cwd: folder.path })
      const request = parseOcspRequest(await readFile(folder.file('request.der')))
      const [certId] = request.certIds
      assert.ok(certId && request.nonce)
      for (const [name, certStatus] of Object.entries(answers)) {
        const [thisUpdate, nextUpdate] = [hours(-1), hours(1)]
        const { der } = await createOcspResponse(
          {
            responder: signer.certificate,
            identifyBy,
            producedAt: new Date(),
            responses: [{ certId, certStatus, thisUpdate, nextUpdate }],
            nonce: request.nonce,
            certificates,
          },
          keySigner(signer.key),
        )
        await writeFile(folder.file('response.der'), der)
        const files = ['-reqin', 'request.der', '-respin', 'response.der', '-CAfile', 'root.crt']
        const { status, stdout, stderr } = await openssl(...ask, '-no_nonce', ...files)
        assert.equal(status, 0, stderr)
        assert.match(stderr, /Response verify OK/)
        assert.doesNotMatch(`${stdout}${stderr}`, /WARNING|nonce/i)
        assert.match(stdout, new RegExp(`good\\.crt: ${name}`))
      }
    })
  }

  it('answers our requests, and we believe its answers', async () => {
    await writeFile(folder.file('ocsp.index'), index())
    const nonce = new Uint8Array(32).fill(9)
    for (const digest of ['sha1', 'sha256'] as const) {
      for (const [name, { certificate }] of Object.entries({ good, revoked })) {
        const subject = { certificate, issuer: root.certificate }
        const { der } = createOcspRequest({ subjects: [subject], nonce, digest })
        await writeFile(folder.file('ours.der'), der)
        const read = await openssl('ocsp', '-reqin', 'ours.der', '-req_text', '-noverify')
        assert.match(read.stdout, /OCSP Nonce/)
        const files = ['-index', 'ocsp.index', '-CA', 'root.crt', '-reqin', 'ours.der']
        for (const signer of ['root', 'responder']) {
          const keys = ['-rsigner', `${signer}.crt`, '-rkey', `${signer}.key`]
          const out = ['-nmin', '60', '-respout', 'theirs.der']
          await succeed(['openssl', 'ocsp', ...files, ...keys, ...out], { cwd: folder.path })
          const response = parseOcspResponse(await readFile(folder.file('theirs.der')))
          const status = ocspStatus(response, { ...subject, at: new Date(), nonce })
          assert.equal(status.status, name, JSON.stringify(status))
          assert.ok(status.status === 'good' || status.status === 'revoked')
          assert.equal(status.responder.isDelegate, signer === 'responder')
          assert.equal(status.responder.noCheck, signer === 'root')
        }
      }
    }
  })
})

describe('Java', needs('java'), () => {
  it('reads our CRL, verifies its signature, and finds what it revokes', async () => {
    const { stdout } = await succeed(
      ['java', crlReader, 'root.crt', 'ours.crl', 'good.crt', 'revoked.crt'],
      {
        cwd: folder.path,
      },
    )
    assert.deepEqual(stdout.trim().split('\n'), ['2 entries', 'false null', 'true KEY_COMPROMISE'])
  })
})

describe('gnutls certtool', needs('certtool'), () => {
  const certtool = (...args: readonly string[]): Promise<CommandResult> =>
    runCommand(['certtool', ...args], { cwd: folder.path })

  it('verifies our CRL, and certificates by it', async () => {
    const verify = ['--load-ca-certificate', 'root.crt', '--infile']
    const { status, stdout } = await certtool('--verify-crl', ...verify, 'ours.crl')
    assert.equal(status, 0)
    assert.match(stdout, /Verified\. The certificate is trusted/)
    const check = ['--verify', '--load-crl', 'ours.crl', ...verify]
    assert.match((await certtool(...check, 'good.crt')).stdout, /output: Verified\./)
    assert.match((await certtool(...check, 'revoked.crt')).stdout, /chain is revoked/)
  })

  it('makes CRLs that we judge alike', async () => {
    await writeFile(folder.file('crl.template'), 'crl_next_update = 20\ncrl_number = 9\n')
    const authority = ['--load-ca-privkey', 'root.key', '--load-ca-certificate', 'root.crt']
    const content = ['--load-certificate', 'revoked.crt', '--template', 'crl.template']
    const made = await certtool(
      '--generate-crl',
      ...authority,
      ...content,
      '--outfile',
      'gnutls.crl',
    )
    assert.equal(made.status, 0, made.stderr)
    const crl = await parseCrl(await readFile(folder.file('gnutls.crl')))
    assert.equal(crl.crlNumber, 9n)
    for (const [name, { certificate }] of Object.entries({ good, revoked })) {
      const at = new Date(Date.now() + 2000)
      const status = crlStatus({ certificate, issuer: root.certificate, crls: [crl], at })
      assert.equal(status.status, name)
    }
  })
})

describe('gnutls ocsptool', needs('ocsptool'), () => {
  const subject = { certificate: good.certificate, issuer: root.certificate }
  const ocsptool = (...args: readonly string[]): Promise<CommandResult> =>
    runCommand(['ocsptool', ...args], { cwd: folder.path })

  it('asks us, and verifies our answers by the CA and by a delegate', async () => {
    const ask = ['--load-issuer', 'root.crt', '--load-cert', 'good.crt', '--outfile', 'gnutls.der']
    assert.equal((await ocsptool('--generate-request', ...ask)).status, 0)
    const [certId] = parseOcspRequest(await readFile(folder.file('gnutls.der'))).certIds
    assert.ok(certId)
    assert.deepEqual(certId.der, ocspCertId(subject).der)
    const single = { certId, certStatus: { status: 'good' } } as const
    for (const signer of [root, responder]) {
      const { der } = await createOcspResponse(
        {
          responder: signer.certificate,
          producedAt: new Date(),
          responses: [{ ...single, thisUpdate: hours(-1), nextUpdate: hours(1) }],
          certificates: signer === root ? [] : [signer.certificate],
        },
        keySigner(signer.key),
      )
      await writeFile(folder.file('for-gnutls.der'), der)
      const verify = ['--verify-response', '--load-trust', 'root.crt', '--infile', 'for-gnutls.der']
      const { status, stdout, stderr } = await ocsptool(...verify)
      assert.equal(status, 0, stdout + stderr)
      assert.match(stdout + stderr, /Success/)
    }
  })
})

function index(): string {
  const stamp = (date: Date): string =>
    date
      .toISOString()
      .replaceAll(/\.\d+|[-:T]/g, '')
      .slice(2)
  const until = stamp(validity.notAfter)
  return [
    `V\t${until}\t\t0A\tunknown\t/O=Test/CN=leaf`,
    `R\t${until}\t${stamp(hours(-2))},superseded\tFF\tunknown\t/O=Test/CN=leaf`,
    '',
  ].join('\n')
}

const configuration = `
[ca]
default_ca = authority
[authority]
database = ca.index
crlnumber = crlnumber
default_md = sha256
default_crl_days = 1
crl_extensions = extensions
unique_subject = no
[extensions]
authorityKeyIdentifier = keyid:always
[none]
`
