import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { testAuthority, testExtension, testTime } from '../../test/certificates.ts'
import type { TestAuthority, TestCertificateOptions } from '../../test/certificates.ts'
import { nameConstraints } from '../../test/constraints.ts'
import type { Certificate } from './certificate.ts'
import { boolean, explicit, implicit, oid, sequence } from './der-writer.ts'
import { encodeGeneralName } from './general-name.ts'
import { findPaths } from './find-paths.ts'
import type { PathAttempt, PathSearch } from './find-paths.ts'
import { extensionOids, purposeOids } from './oids.ts'
import type { PathFaultReason } from './path-fault.ts'
import { verificationProfiles } from './profiles.ts'
import type { ProfileAnswer, ProfileRule } from './profiles.ts'

interface Chain {
  readonly leaf: Certificate
  readonly intermediates: readonly Certificate[]
  readonly roots: readonly Certificate[]
}

type ProfileName = keyof typeof verificationProfiles

function attemptOf(chain: Chain, profile: ProfileName, use: Partial<PathSearch> = {}): PathAttempt {
  const search = { ...chain, purpose: 'serverAuth', at: testTime } as const
  const attempts = findPaths({ ...search, profile: verificationProfiles[profile], ...use })
  const reached = [...attempts].find(({ root }) => root !== undefined)
  assert.ok(reached)
  return reached
}

const names = [{ type: 'dns', value: 'leaf.example' }] as const
const subject = 'CN=leaf.example'
const root = testAuthority()
const middle = root.intermediate()

/** A chain of three whose leaf, intermediate or root has these options. */
function leafWith(options: TestCertificateOptions): Chain {
  return chainOf(middle.issue({ subject, ...options }).certificate, middle, root)
}
function middleWith(options: TestCertificateOptions): Chain {
  const changed = root.intermediate(options)
  return chainOf(changed.issue({ subject }).certificate, changed, root)
}
function rootWith(options: TestCertificateOptions): Chain {
  const changed = testAuthority(options)
  const below = changed.intermediate()
  return chainOf(below.issue({ subject }).certificate, below, changed)
}
function chainOf(leaf: Certificate, between: TestAuthority, top: TestAuthority): Chain {
  return { leaf, intermediates: [between.certificate], roots: [top.certificate] }
}

const purposes = (critical: boolean, ...listed: readonly string[]): TestCertificateOptions => ({
  extensions: { extendedKeyUsage: undefined },
  extraExtensions: [
    testExtension(extensionOids.extendedKeyUsage, {
      critical,
      value: sequence(...listed.map((purpose) => oid(purpose))),
    }),
  ],
})
const rootKeyIdentifier = (value: Uint8Array): Chain =>
  rootWith({
    extensions: { authorityKeyIdentifier: undefined },
    extraExtensions: [testExtension(extensionOids.authorityKeyIdentifier, { value })],
  })
const issuerAndSerial = [
  explicit(1, encodeGeneralName({ type: 'directory-name', value: root.certificate.subject })),
  implicit(2, Uint8Array.of(1)),
]

/** As it would be read without the extension, which is always written. */
function withoutSubjectKey(certificate: Certificate): Certificate {
  const { subjectKeyIdentifier: _, ...extensions } = certificate.extensions
  return { ...certificate, extensions }
}

interface Case {
  /** Chains on which the rule finds something, and nothing else does. */
  readonly chains: () => readonly Chain[]
  readonly answers: Readonly<Record<ProfileName, ProfileAnswer>>
  readonly reason?: PathFaultReason
}
const strictly = { mtls: 'ignore', webpki: 'refuse' } as const
const warned = { mtls: 'warn', webpki: 'refuse' } as const

const cases: Readonly<Record<ProfileRule, Case>> = {
  'purpose-absent': {
    chains: () => [leafWith({ extensions: { extendedKeyUsage: undefined } })],
    answers: warned,
    reason: 'purpose-not-allowed',
  },
  'purpose-any': {
    chains: () => [leafWith(purposes(false, purposeOids.anyExtendedKeyUsage))],
    answers: warned,
    reason: 'purpose-not-allowed',
  },
  'purpose-critical': {
    chains: () => [leafWith(purposes(true, purposeOids.serverAuth))],
    answers: strictly,
  },
  'leaf-is-a-ca': {
    chains: () => [leafWith({ extensions: { basicConstraints: { ca: true } } })],
    answers: warned,
  },
  'alternative-names-absent': {
    chains: () => [leafWith({ subject: 'O=Leaf', extensions: { subjectAltNames: undefined } })],
    answers: strictly,
  },
  'alternative-names-critical': {
    chains: () => [
      leafWith({
        extensions: { subjectAltNames: undefined },
        extraExtensions: [
          testExtension(extensionOids.subjectAltName, {
            critical: true,
            value: sequence(...names.map(encodeGeneralName)),
          }),
        ],
      }),
    ],
    answers: strictly,
  },
  'common-name-not-alternative': {
    chains: () => [
      leafWith({ subject: 'CN=other.example' }),
      leafWith({ subject: 'CN=LEAF.example' }),
      leafWith({ subject: 'CN=leaf.example,CN=other.example' }),
    ],
    answers: strictly,
  },
  'leaf-key-identifier-absent': {
    chains: () => [leafWith({ extensions: { authorityKeyIdentifier: undefined } })],
    answers: warned,
  },
  'issuer-key-identifier-absent': {
    chains: () => {
      const chain = leafWith({})
      return [
        middleWith({ extensions: { authorityKeyIdentifier: undefined } }),
        { ...chain, intermediates: chain.intermediates.map(withoutSubjectKey) },
      ]
    },
    answers: { mtls: 'refuse', webpki: 'refuse' },
  },
  'root-key-identifier-absent': {
    chains: () => {
      const crossed = root.intermediate({ extensions: { authorityKeyIdentifier: undefined } })
      const chain = leafWith({})
      return [
        chainOf(crossed.issue({ subject }).certificate, crossed, crossed),
        { ...chain, roots: chain.roots.map(withoutSubjectKey) },
      ]
    },
    answers: warned,
  },
  'root-key-identifier-form': {
    chains: () => [
      rootKeyIdentifier(sequence()),
      rootKeyIdentifier(sequence(implicit(0, Uint8Array.of(1)))),
      rootKeyIdentifier(sequence(...issuerAndSerial)),
    ],
    answers: strictly,
  },
  'root-purpose': {
    chains: () => [rootWith({ extensions: { extendedKeyUsage: ['serverAuth'] } })],
    answers: strictly,
  },
  'root-serial-number-zero': {
    chains: () => [rootWith({ serialNumber: 0 })],
    answers: warned,
  },
  'key-usage-absent': {
    chains: () => [
      middleWith({ extensions: { keyUsage: undefined } }),
      rootWith({ extensions: { keyUsage: undefined } }),
    ],
    answers: warned,
  },
  'basic-constraints-not-critical': {
    chains: () => [middleWith(looseConstraints), rootWith(looseConstraints)],
    answers: warned,
  },
  'name-constraints-not-critical': {
    chains: () => [
      middleWith({
        extraExtensions: [nameConstraints({ permitted: [names[0]] }, { critical: false })],
      }),
    ],
    answers: { mtls: 'refuse', webpki: 'ignore' },
    reason: 'constraint-malformed',
  },
  'modulus-not-whole-octets': {
    chains: () => {
      const key = generateKeyPairSync('rsa', { modulusLength: 2052 }).privateKey
      return [leafWith({ key }), rootWith({ key })]
    },
    answers: strictly,
    reason: 'key-weak',
  },
}

const looseConstraints: TestCertificateOptions = {
  extensions: { basicConstraints: undefined },
  extraExtensions: [
    testExtension(extensionOids.basicConstraints, { value: sequence(boolean(true)) }),
  ],
}

describe('verificationProfiles', () => {
  it('find nothing in a sound chain', () => {
    for (const profile of ['mtls', 'webpki'] as const) {
      const { faults, warnings } = attemptOf(leafWith({}), profile)
      assert.deepEqual([faults, warnings], [[], []])
    }
  })

  for (const [rule, { chains, answers, reason = 'form-not-allowed' }] of Object.entries(cases)) {
    for (const profile of ['mtls', 'webpki'] as const) {
      it(`${profile} answers ${rule} with: ${answers[profile]}`, () => {
        for (const chain of chains()) {
          const { faults, warnings } = attemptOf(chain, profile)
          assert.deepEqual(
            {
              faults: faults.map((fault) => fault.reason),
              warnings: warnings.map((warning) => warning.reason),
            },
            {
              faults: answers[profile] === 'refuse' ? [reason] : [],
              warnings: answers[profile] === 'warn' ? [rule] : [],
            },
          )
        }
      })
    }
  }

  it('are mtls where none is given', () => {
    const chain = leafWith({ extensions: { extendedKeyUsage: undefined } })
    const search = { ...chain, purpose: 'serverAuth', at: testTime } as const
    const [attempt] = findPaths(search)
    assert.deepEqual(
      attempt?.warnings.map(({ reason }) => reason),
      ['purpose-absent'],
    )
  })

  it('ask no client for its common name', () => {
    const chain = leafWith({ subject: 'CN=someone' })
    assert.deepEqual(attemptOf(chain, 'webpki', { purpose: 'clientAuth' }).faults, [])
  })

  it('may be made by their users', () => {
    const { mtls } = verificationProfiles
    const profile = { name: 'ours', rules: { ...mtls.rules, 'leaf-is-a-ca': 'refuse' } } as const
    const chain = leafWith({ extensions: { basicConstraints: { ca: true } } })
    const { faults, warnings } = attemptOf(chain, 'mtls', { profile })
    assert.deepEqual(
      faults.map(({ reason }) => reason),
      ['form-not-allowed'],
    )
    assert.deepEqual(warnings, [])
  })
})
