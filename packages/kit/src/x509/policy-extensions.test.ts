import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { element, implicit, integer, octetString, oid, sequence } from './der-writer.ts'
import { X509Error } from './errors.ts'
import {
  decodeCertificatePolicies,
  decodeInhibitAnyPolicy,
  decodePolicyConstraints,
  decodePolicyMappings,
} from './policy-extensions.ts'

const malformed = { code: 'HF-X101' }
const critical = true
const policy = (dotted: string): Uint8Array => sequence(oid(dotted))
const number = (tag: number, ...octets: readonly number[]): Uint8Array =>
  implicit(tag, Uint8Array.from(octets))

describe('decodeCertificatePolicies()', () => {
  it('reads the policies, and passes over their qualifiers', () => {
    const qualifier = sequence(oid('1.3.6.1.5.5.7.2.1'), element(0x16, Buffer.from('http://a')))
    const value = sequence(sequence(oid('1.2.3'), sequence(qualifier)), policy('2.5.29.32.0'))
    assert.deepEqual(decodeCertificatePolicies({ value, critical }), {
      certificatePolicies: { critical, policies: ['1.2.3', '2.5.29.32.0'] },
    })
  })

  const refused: Readonly<Record<string, Uint8Array>> = {
    'no policy': sequence(),
    'a policy twice': sequence(policy('1.2.3'), policy('1.2.3')),
    'an empty list of qualifiers': sequence(sequence(oid('1.2.3'), sequence())),
    'a qualifier without a value': sequence(sequence(oid('1.2.3'), sequence(policy('1.2.4')))),
    'something behind a policy': sequence(sequence(oid('1.2.3'), sequence(), integer(1))),
    '129 policies': sequence(...Array.from({ length: 129 }, (_, index) => policy(`1.2.${index}`))),
    'another type': octetString(Uint8Array.of(1)),
  }
  for (const [what, value] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodeCertificatePolicies({ value, critical }), malformed)
    })
  }
})

describe('decodePolicyMappings()', () => {
  it('reads pairs, and the same policy mapped twice', () => {
    const value = sequence(
      sequence(oid('1.2.3'), oid('1.2.4')),
      sequence(oid('1.2.3'), oid('1.2.5')),
    )
    const { policyMappings } = decodePolicyMappings({ value, critical })
    assert.deepEqual(policyMappings?.mappings, [
      { issuerDomainPolicy: '1.2.3', subjectDomainPolicy: '1.2.4' },
      { issuerDomainPolicy: '1.2.3', subjectDomainPolicy: '1.2.5' },
    ])
  })

  it('refuses no pair, half a pair, three and 129', () => {
    const pair = sequence(oid('1.2.3'), oid('1.2.4'))
    for (const value of [
      sequence(),
      sequence(policy('1.2.3')),
      sequence(sequence(oid('1.2.3'), oid('1.2.4'), oid('1.2.5'))),
      sequence(...Array.from({ length: 129 }, () => pair)),
    ]) {
      assert.throws(() => decodePolicyMappings({ value, critical }), malformed)
    }
  })
})

describe('decodePolicyConstraints()', () => {
  it('reads each number and both', () => {
    const read = (value: Uint8Array): unknown =>
      decodePolicyConstraints({ value, critical }).policyConstraints
    assert.deepEqual(read(sequence(number(0, 0))), { critical, requireExplicitPolicy: 0 })
    assert.deepEqual(read(sequence(number(1, 7))), { critical, inhibitPolicyMapping: 7 })
    assert.deepEqual(read(sequence(number(0, 1), number(1, 2))), {
      critical,
      requireExplicitPolicy: 1,
      inhibitPolicyMapping: 2,
    })
  })

  it('refuses none, another order, and what is no number of certificates', () => {
    for (const value of [
      sequence(),
      sequence(number(1, 0), number(0, 0)),
      sequence(number(2, 0)),
      sequence(number(0)),
      sequence(number(0, 0xff)),
      sequence(number(0, 0, 1)),
      sequence(number(0, 1, 0, 0, 0, 0)),
      sequence(integer(0)),
    ]) {
      assert.throws(() => decodePolicyConstraints({ value, critical }), malformed)
    }
  })
})

describe('decodeInhibitAnyPolicy()', () => {
  it('reads a number of certificates, and nothing else', () => {
    assert.deepEqual(decodeInhibitAnyPolicy({ value: integer(3), critical }), {
      inhibitAnyPolicy: { critical, skipCertificates: 3 },
    })
    for (const value of [element(0x02, Uint8Array.of(0xff)), sequence(integer(0))]) {
      assert.throws(() => decodeInhibitAnyPolicy({ value, critical }), malformed)
    }
  })
})

describe('the decoders of policies', () => {
  it('throw nothing but their own error at hostile bytes', () => {
    const decoders = [
      decodeCertificatePolicies,
      decodePolicyMappings,
      decodePolicyConstraints,
      decodeInhibitAnyPolicy,
    ]
    const bytes = fc.array(fc.constantFrom(0x30, 0x06, 0x02, 0x80, 0x81, 0, 1, 2, 3, 5, 0xff))
    fc.assert(
      fc.property(fc.constantFrom(...decoders), bytes, (decode, octets) => {
        try {
          decode({ value: Uint8Array.from(octets), critical })
        } catch (error) {
          assert.ok(error instanceof X509Error)
        }
      }),
    )
  })
})
