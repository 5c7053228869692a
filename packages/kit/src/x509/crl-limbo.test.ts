import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { golden } from '../../test/fixtures.ts'
import { parseCertificates } from './certificate.ts'
import { crlStatus } from './crl-status.ts'
import { parseCrls } from './crl.ts'
import { X509Error } from './errors.ts'
import { issuerNameKey } from './name.ts'

interface LimboCase {
  readonly id: string
  readonly expected_result: 'SUCCESS' | 'FAILURE'
  readonly validation_time: string
  readonly trusted_certs: readonly string[]
  readonly peer_certificate: string
  readonly crls: readonly string[]
}

const suite = JSON.parse(gunzipSync(golden('limbo/limbo-core.json.gz')).toString()) as {
  readonly testcases: readonly LimboCase[]
}
const cases = suite.testcases.filter(({ id }) => id.startsWith('crl::'))

describe('crlStatus() on x509-limbo', () => {
  it('has eight cases with CRLs', () => {
    assert.equal(cases.length, 8)
  })

  for (const test of cases) {
    it(`${test.id}: ${test.expected_result}`, async () => {
      assert.equal(await statusOf(test), expected[test.id] ?? 'good')
      assert.equal((await statusOf(test)) === 'good', test.expected_result === 'SUCCESS')
    })
  }
})

const expected: Readonly<Record<string, string>> = {
  'crl::revoked-certificate-with-crl': 'revoked',
  'crl::crlnumber-missing': 'crl-number-missing',
  'crl::crlnumber-critical': 'crl-malformed',
  'crl::issuer-missing-crlsign': 'crl-issuer-may-not-sign',
}

async function statusOf(test: LimboCase): Promise<string> {
  const [certificate] = parseCertificates(test.peer_certificate)
  const issuer = test.trusted_certs
    .flatMap((pem) => parseCertificates(pem))
    .find(
      ({ subject }) => certificate && issuerNameKey(subject) === issuerNameKey(certificate.issuer),
    )
  assert.ok(certificate && issuer)
  try {
    const crls = (await Promise.all(test.crls.map((pem) => parseCrls(pem)))).flat()
    const status = crlStatus({ certificate, issuer, crls, at: new Date(test.validation_time) })
    return status.status === 'undetermined' ? (status.why[0]?.reason ?? '') : status.status
  } catch (error) {
    assert.ok(error instanceof X509Error)
    return error.reason
  }
}
