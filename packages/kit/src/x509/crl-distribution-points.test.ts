import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { testAuthority, testExtension } from '../../test/certificates.ts'
import { damagedCopies, parsedOrRefused } from '../../test/hostile.ts'
import type { Certificate } from './certificate.ts'
import {
  crlDistributionPoints,
  decodeDistributionPoints,
  decodeIssuingDistributionPoint,
  distributionPointUrls,
  encodeCrlDistributionPoints,
  encodeFreshestCrl,
  encodeIssuingDistributionPoint,
  freshestCrl,
} from './crl-distribution-points.ts'
import type { DistributionPoint } from './crl-distribution-points.ts'
import { boolean, element, explicit, implicit, sequence, setOf } from './der-writer.ts'
import { tags } from './der-reader.ts'
import { encodeExtension } from './extension-list.ts'
import { parseName } from './name-text.ts'
import { scopedReasons } from './revocation-reason.ts'

const malformed = { code: 'HF-X101', reason: 'der-malformed' }
const url = 'http://crl.example/root.crl'
const root = testAuthority()

function certificateWith(...extensions: readonly Uint8Array[]): Certificate {
  return root.issue({ extraExtensions: extensions }).certificate
}

const relative: DistributionPoint = {
  name: {
    type: 'relative',
    rdn: parseName('CN=shard 1').rdns[0] ?? [],
    der: setOf(parseName('CN=shard 1').der.subarray(4)),
  },
}

const names = fc
  .array(
    fc.webUrl().map((value) => ({ type: 'uri' as const, value })),
    { minLength: 1, maxLength: 4 },
  )
  .map((uris) => ({ type: 'full' as const, names: uris }))
const reasons = fc.subarray([...scopedReasons], { minLength: 1 })

describe('crlDistributionPoints()', () => {
  it('reads what encodeCrlDistributionPoints() writes', () => {
    const point = fc.record(
      { name: names, reasons },
      { requiredKeys: ['name'], noNullPrototype: true },
    )
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 4 }), (points) => {
        const { value } = encodeCrlDistributionPoints(points)
        assert.deepEqual(decodeDistributionPoints(value), points)
      }),
    )
  })

  it('finds the extension of a certificate, and nothing in one without it', () => {
    const extension = encodeCrlDistributionPoints([url, [`${url}?1`, `${url}?2`]])
    const certificate = certificateWith(
      encodeExtension(extension),
      encodeExtension(encodeFreshestCrl([`${url}?delta`])),
    )
    const points = crlDistributionPoints(certificate)
    assert.equal(points.length, 2)
    assert.deepEqual(distributionPointUrls(points), [url, `${url}?1`, `${url}?2`])
    assert.deepEqual(distributionPointUrls(freshestCrl(certificate)), [`${url}?delta`])
    assert.deepEqual(crlDistributionPoints(certificateWith()), [])
  })

  it('gives http(s) URLs only, each once', () => {
    const { value } = encodeCrlDistributionPoints([url, url, 'ldap://x.example/cn=a', relative])
    assert.deepEqual(distributionPointUrls(decodeDistributionPoints(value)), [url])
  })

  it('reads names relative to the CRL issuer, and CRL issuers', () => {
    const crlIssuer = [{ type: 'directory-name', value: parseName('CN=Other') }] as const
    const { value } = encodeCrlDistributionPoints([relative, { crlIssuer }])
    const [first, second] = decodeDistributionPoints(value)
    assert.deepEqual(first, relative)
    assert.deepEqual(second, { crlIssuer })
  })

  it('refuses an empty list, a point of reasons alone, empty names and unknown reasons', () => {
    const points = (...inner: readonly Uint8Array[]): (() => unknown) => {
      const value = sequence(sequence(...inner))
      return () => crlDistributionPoints(certificateWith(testExtension('2.5.29.31', { value })))
    }
    const name = explicit(0, explicit(0, implicit(6, Buffer.from(url))))
    points(name)()
    assert.throws(() => decodeDistributionPoints(sequence()), malformed)
    assert.throws(points(), malformed)
    assert.throws(points(implicit(1, Uint8Array.of(1, 0x40 | 2))), malformed)
    assert.throws(points(explicit(0, explicit(0, new Uint8Array(0)))), malformed)
    assert.throws(points(explicit(0, explicit(2, implicit(6, Buffer.from(url))))), malformed)
    // Bit 0 means nothing, bits after 8 neither, and trailing zero bits are not DER.
    for (const flags of [[7, 0x80], [6, 0xc0], [6, 0, 0x40], [4, 0x40, 0x10], [0, 0x40], [0]])
      assert.throws(points(name, implicit(1, Uint8Array.from(flags))), malformed)
    points(name, implicit(1, Uint8Array.of(6, 0x40)))()
    points(name, implicit(1, Uint8Array.of(7, 0x40, 0x80)))()
  })

  it('limits points and names', () => {
    const many = (count: number): string[] =>
      Array.from({ length: count }, (_, index) => `${url}?${index}`)
    assert.equal(decodeDistributionPoints(encodeCrlDistributionPoints(many(32)).value).length, 32)
    for (const points of [many(33), [many(33)]]) {
      assert.throws(
        () => decodeDistributionPoints(encodeCrlDistributionPoints(points).value),
        malformed,
      )
    }
  })

  it('answers damaged bytes with its own error', () => {
    const { value } = encodeCrlDistributionPoints([url, { ...relative, reasons: ['superseded'] }])
    for (const bytes of damagedCopies(value)) parsedOrRefused(() => decodeDistributionPoints(bytes))
  })

  it('is not encoded of nothing', () => {
    assert.throws(() => encodeCrlDistributionPoints([]), TypeError)
    assert.throws(() => encodeCrlDistributionPoints([{}]), TypeError)
  })
})

describe('decodeIssuingDistributionPoint()', () => {
  it('reads what encodeIssuingDistributionPoint() writes', () => {
    const flags = fc.constantFrom(
      {
        onlyContainsUserCerts: true,
        onlyContainsCaCerts: false,
        onlyContainsAttributeCerts: false,
      },
      {
        onlyContainsUserCerts: false,
        onlyContainsCaCerts: true,
        onlyContainsAttributeCerts: false,
      },
      {
        onlyContainsUserCerts: false,
        onlyContainsCaCerts: false,
        onlyContainsAttributeCerts: true,
      },
    )
    const point = fc
      .tuple(
        fc.record(
          { name: names, onlySomeReasons: reasons },
          { requiredKeys: [], noNullPrototype: true },
        ),
        flags,
        fc.boolean(),
      )
      .map(([parts, only, indirectCrl]) => ({ ...parts, ...only, indirectCrl }))
    fc.assert(
      fc.property(point, (value) => {
        assert.deepEqual(
          decodeIssuingDistributionPoint(encodeIssuingDistributionPoint(value)),
          value,
        )
      }),
    )
  })

  it('refuses one that says nothing, two kinds at once, and FALSE written out', () => {
    const truth = boolean(true).subarray(2)
    decodeIssuingDistributionPoint(sequence(implicit(1, truth)))
    assert.throws(() => encodeIssuingDistributionPoint({}), TypeError)
    assert.throws(() => decodeIssuingDistributionPoint(element(tags.sequence)), malformed)
    assert.throws(
      () => decodeIssuingDistributionPoint(sequence(implicit(1, truth), implicit(2, truth))),
      malformed,
    )
    assert.throws(
      () => decodeIssuingDistributionPoint(sequence(implicit(1, Uint8Array.of(0)))),
      malformed,
    )
  })

  it('answers damaged bytes with its own error', () => {
    const value = encodeIssuingDistributionPoint({
      ...relative,
      onlyContainsUserCerts: true,
      onlySomeReasons: ['key-compromise'],
    })
    for (const bytes of damagedCopies(value))
      parsedOrRefused(() => decodeIssuingDistributionPoint(bytes))
  })
})
