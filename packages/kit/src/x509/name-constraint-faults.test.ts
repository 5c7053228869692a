import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testAuthority, testTime } from '../../test/certificates.ts'
import type { TestAuthority, TestCertificateOptions } from '../../test/certificates.ts'
import { ipNetwork, nameConstraints } from '../../test/constraints.ts'
import type { TestConstraints, TestSubtree } from '../../test/constraints.ts'
import type { Certificate } from './certificate.ts'
import { element, explicit, implicit, oid } from './der-writer.ts'
import { findPaths, pathLimits } from './find-paths.ts'
import type { GeneralName } from './general-name.ts'
import { nameConstraintFaults } from './name-constraint-faults.ts'
import { encodeName } from './name.ts'
import { parseName } from './name-text.ts'
import { verificationProfiles } from './profiles.ts'
import type { VerificationProfile } from './profiles.ts'

const dns = (value: string): TestSubtree & GeneralName => ({ type: 'dns', value })
const email = (value: string): TestSubtree & GeneralName => ({ type: 'email', value })
const uri = (value: string): TestSubtree & GeneralName => ({ type: 'uri', value })
const directory = (value: string): TestSubtree & GeneralName => ({
  type: 'directory-name',
  value: parseName(value),
})
const ip = (value: string): GeneralName => ({ type: 'ip', value })

/** What the way from the leaf to the root, through `issuers` (the lowest first), is refused for. */
function faultsOf(
  leaf: Certificate,
  issuers: readonly TestAuthority[],
  profile: VerificationProfile = verificationProfiles.mtls,
): readonly string[] {
  const [root, ...intermediates] = issuers.map(({ certificate }) => certificate).toReversed()
  assert.ok(root)
  const attempts = [
    ...findPaths({
      leaf,
      intermediates,
      roots: [root],
      purpose: 'clientAuth',
      at: testTime,
      profile,
    }),
  ]
  const reached = attempts.find((attempt) => attempt.root === root)
  assert.ok(reached)
  return reached.faults.map(({ reason }) => reason)
}

const constrainedBy = (constraints: TestConstraints): TestCertificateOptions => ({
  extraExtensions: [nameConstraints(constraints)],
})

/** The faults of a leaf with these names, below a root with these constraints. */
function leafFaults(
  constraints: TestConstraints,
  subjectAltNames: readonly GeneralName[],
  options: TestCertificateOptions = {},
): readonly string[] {
  const root = testAuthority(constrainedBy(constraints))
  const leaf = root.issue({ extensions: { subjectAltNames }, ...options })
  return faultsOf(leaf.certificate, [root])
}

const violated = ['name-constraint-violated']

describe('nameConstraintFaults()', () => {
  const network = ipNetwork([192, 0, 2, 0], [255, 255, 255, 0])
  const other: TestSubtree & GeneralName = {
    type: 'other',
    tag: 0x88,
    der: implicit(8, Uint8Array.of(0x2a)),
  }
  const kinds: readonly (readonly [string, TestSubtree, GeneralName, GeneralName])[] = [
    ['DNS', dns('example'), dns('web.example'), dns('web.test')],
    ['e-mail', email('example'), email('ops@example'), email('ops@web.example')],
    ['URI', uri('.example'), uri('spiffe://web.example/a'), uri('spiffe://web.test/a')],
    ['IP', network, ip('192.0.2.9'), ip('192.0.3.9')],
    ['directory', directory('O=Test'), directory('CN=a,O=Test'), directory('CN=a,O=Other')],
  ]
  for (const [kind, subtree, within, without] of kinds) {
    it(`permits ${kind} names within, and refuses those without`, () => {
      assert.deepEqual(leafFaults({ permitted: [subtree] }, [within]), [])
      assert.deepEqual(leafFaults({ permitted: [subtree] }, [without]), violated)
      assert.deepEqual(leafFaults({ permitted: [subtree] }, [within, without]), violated)
    })
  }

  for (const [kind, subtree, within, without] of kinds.filter(([name]) => name !== 'directory')) {
    it(`excludes ${kind} names within, and accepts those without`, () => {
      assert.deepEqual(leafFaults({ excluded: [subtree] }, [without]), [])
      assert.deepEqual(leafFaults({ excluded: [subtree] }, [without, within]), violated)
    })
  }

  it('permits with any of several subtrees, and lets an excluded one beat them', () => {
    const permitted = [dns('a.example'), dns('b.example')]
    assert.deepEqual(leafFaults({ permitted }, [dns('x.b.example')]), [])
    const both = { permitted, excluded: [dns('x.b.example')] }
    assert.deepEqual(leafFaults(both, [dns('x.b.example')]), violated)
    assert.deepEqual(leafFaults(both, [dns('b.example')]), [])
  })

  it('says nothing of names of another type', () => {
    assert.deepEqual(leafFaults({ permitted: [network] }, [dns('web.example')]), [])
    assert.deepEqual(leafFaults({ permitted: [dns('example')] }, [ip('192.0.2.9')]), [])
  })

  it('refuses a wildcard that could be an excluded name, or one that is not permitted (CVE-2025-61727)', () => {
    const subtree = dns('secret.example.org')
    assert.deepEqual(leafFaults({ excluded: [subtree] }, [dns('*.example.org')]), violated)
    assert.deepEqual(leafFaults({ permitted: [subtree] }, [dns('*.example.org')]), violated)
    assert.deepEqual(leafFaults({ excluded: [subtree] }, [dns('*.other.org')]), [])
    assert.deepEqual(leafFaults({ permitted: [dns('example.org')] }, [dns('*.example.org')]), [])
  })

  it('refuses names that cannot be read only where they are constrained', () => {
    assert.deepEqual(leafFaults({ permitted: [dns('example')] }, [dns('a_b.example')]), violated)
    assert.deepEqual(leafFaults({ excluded: [dns('test')] }, [dns('a_b.example')]), violated)
    assert.deepEqual(leafFaults({ excluded: [email('test')] }, [dns('a_b.example')]), [])
    assert.deepEqual(leafFaults({ excluded: [uri('test')] }, [uri('urn:a:b')]), violated)
  })

  it('is unsupported for names of a form that cannot be compared, where they are constrained', () => {
    assert.deepEqual(leafFaults({ permitted: [other] }, [other]), ['constraint-unsupported'])
    assert.deepEqual(leafFaults({ permitted: [other] }, [dns('web.example')]), [])
    assert.deepEqual(leafFaults({ permitted: [dns('example')] }, [dns('example'), other]), [])
  })

  it('is unsupported for an internationalised mailbox below an e-mail constraint', () => {
    const text = element(0xa0, element(0x0c, Buffer.from('öps@example.org')))
    const der = element(0xa0, Buffer.concat([oid('1.3.6.1.5.5.7.8.9'), text]))
    const mailbox: GeneralName = { type: 'other', tag: 0xa0, der }
    const names = [mailbox]
    assert.deepEqual(leafFaults({ excluded: [email('example.org')] }, names), [
      'constraint-unsupported',
    ])
    assert.deepEqual(leafFaults({ excluded: [dns('example.org')] }, names), [])
    const unnamed = { ...mailbox, der: explicit(0, oid('1.3.6.1.4.1.99999')) }
    assert.deepEqual(leafFaults({ excluded: [email('example.org')] }, [unnamed]), [])
  })
})

describe('nameConstraintFaults() of the subject', () => {
  const names = [dns('leaf.example')]

  it('compares it as a directory name, unless it is empty', () => {
    const constraints = { permitted: [directory('O=Test')] }
    assert.deepEqual(leafFaults(constraints, names), [])
    assert.deepEqual(leafFaults(constraints, names, { subject: 'CN=leaf,O=Other' }), violated)
    assert.deepEqual(leafFaults(constraints, names, { subject: encodeName([]) }), [])
    assert.deepEqual(leafFaults({ excluded: [directory('O=TEST')] }, names), violated)
  })

  it('compares its e-mail addresses where the alternative names have none', () => {
    const constraints = { permitted: [email('example.org')] }
    const subject = 'CN=leaf,emailAddress=ops@example.com'
    assert.deepEqual(leafFaults(constraints, names, { subject }), violated)
    assert.deepEqual(
      leafFaults(constraints, names, { subject: 'CN=leaf,emailAddress=ops@example.org' }),
      [],
    )
    const alternatives = [email('ops@example.org')]
    const root = testAuthority(constrainedBy(constraints))
    const leaf = root.issue({ subject, extensions: { subjectAltNames: alternatives } })
    assert.deepEqual(faultsOf(leaf.certificate, [root]), [])
  })

  it('does not take a common name for a DNS name', () => {
    assert.deepEqual(
      leafFaults({ permitted: [dns('example')] }, names, { subject: 'CN=web.test' }),
      [],
    )
  })
})

describe('nameConstraintFaults() along a path', () => {
  const root = testAuthority(constrainedBy({ permitted: [dns('example')] }))

  it('counts the constraints of every authority above, however wide one below is', () => {
    const wide = root.intermediate(constrainedBy({ permitted: [dns('example'), dns('test')] }))
    const leaf = wide.issue({ extensions: { subjectAltNames: [dns('web.test')] } })
    assert.deepEqual(faultsOf(leaf.certificate, [wide, root]), violated)
    const narrow = root.intermediate(constrainedBy({ permitted: [dns('a.example')] }))
    const outside = narrow.issue({ extensions: { subjectAltNames: [dns('b.example')] } })
    assert.deepEqual(faultsOf(outside.certificate, [narrow, root]), violated)
    const inside = narrow.issue({ extensions: { subjectAltNames: [dns('b.a.example')] } })
    assert.deepEqual(faultsOf(inside.certificate, [narrow, root]), [])
  })

  it('counts for intermediates, but not for those that are self-issued', () => {
    const named = { extensions: { subjectAltNames: [dns('ca.test')] } }
    const middle = root.intermediate(named)
    assert.deepEqual(faultsOf(middle.issue().certificate, [middle, root]), violated)
    const rolled = root.intermediate({ ...named, subject: root.certificate.subject })
    assert.deepEqual(faultsOf(rolled.issue().certificate, [rolled, root]), [])
  })

  it('counts for a self-issued leaf', () => {
    const { subject } = root.certificate
    const leaf = root.issue({ subject, extensions: { subjectAltNames: [dns('web.test')] } })
    assert.deepEqual(faultsOf(leaf.certificate, [root]), violated)
  })

  it('does not count for the authority that has them', () => {
    const own = testAuthority({
      ...constrainedBy({ permitted: [directory('O=Below')] }),
      subject: 'O=Above',
    })
    assert.deepEqual(faultsOf(own.issue({ subject: 'CN=leaf,O=Below' }).certificate, [own]), [])
  })

  it('names the certificate, the name and the authority', () => {
    const leaf = root.issue({ extensions: { subjectAltNames: [dns('web.test')] } }).certificate
    const [fault] = nameConstraintFaults([leaf, root.certificate], { comparisons: 9 })
    assert.equal(fault?.certificate, leaf)
    assert.equal(fault.found, 'not permitted: DNS:web.test, constrained by "CN=Test Root,O=Test"')
  })
})

describe('constraints that cannot be relied on', () => {
  const plain = { permitted: [dns('example')] }

  it('are those on a certificate that is no CA', () => {
    const root = testAuthority()
    const leaf = root.issue(constrainedBy(plain))
    assert.deepEqual(faultsOf(leaf.certificate, [root]), ['constraint-malformed'])
    const ca = root.issue({
      ...constrainedBy(plain),
      extensions: { basicConstraints: { ca: true } },
    })
    assert.deepEqual(faultsOf(ca.certificate, [root]), [])
  })

  it('are those not marked critical, which public authorities may have', () => {
    const extension = nameConstraints(plain, { critical: false })
    const root = testAuthority({ extraExtensions: [extension] })
    const leaf = root.issue().certificate
    assert.deepEqual(faultsOf(leaf, [root]), ['constraint-malformed'])
    assert.deepEqual(faultsOf(leaf, [root], verificationProfiles.webpki), [])
  })

  it('are those that are read in two ways, wherever they stand', () => {
    const root = testAuthority(constrainedBy({ permitted: [dns('.example')] }))
    assert.ok(faultsOf(root.issue().certificate, [root]).includes('constraint-malformed'))
    const plainRoot = testAuthority()
    const middle = plainRoot.intermediate(constrainedBy({ excluded: [dns('*.test')] }))
    const faults = faultsOf(middle.issue().certificate, [middle, plainRoot])
    assert.deepEqual(faults, ['constraint-malformed'])
  })
})

describe('the budget of comparisons', () => {
  const many = <Item>(count: number, make: (index: number) => Item): readonly Item[] =>
    Array.from({ length: count }, (_, index) => make(index))
  const root = testAuthority(constrainedBy({ excluded: many(1024, () => dns('test')) }))
  const wide = root.issue({
    extensions: { subjectAltNames: many(1000, (index) => dns(`h${index}.example`)) },
  })

  it('ends a comparison of 1,000 names with 1,024 subtrees', () => {
    const budget = { comparisons: 5000 }
    const faults = nameConstraintFaults([wide.certificate, root.certificate], budget)
    assert.deepEqual(
      faults.map(({ reason }) => reason),
      ['name-comparisons-exhausted'],
    )
    assert.equal(budget.comparisons, -1)
    assert.deepEqual(faultsOf(wide.certificate, [root]), ['name-comparisons-exhausted'])
  })

  it('is left alone by names of other types', () => {
    const budget = { comparisons: 10 }
    const leaf = root.issue({ extensions: { subjectAltNames: many(1000, () => ip('192.0.2.1')) } })
    assert.deepEqual(nameConstraintFaults([leaf.certificate, root.certificate], budget), [])
    assert.equal(budget.comparisons, 10)
  })

  it('is one for all attempts of a search', () => {
    const names = many(40, (index) => dns(`h${index}.example`))
    const twins = many(4, (index) =>
      testAuthority({
        ...constrainedBy({ excluded: many(1024, () => dns('test')) }),
        key: root.key,
        serialNumber: index + 1,
      }),
    )
    const leaf = root.issue({ extensions: { subjectAltNames: names } }).certificate
    const attempts = [
      ...findPaths({
        leaf,
        intermediates: [],
        roots: twins.map(({ certificate }) => certificate),
        purpose: 'clientAuth',
        at: testTime,
      }),
    ]
    assert.ok(40 * 1024 < pathLimits.maxNameComparisons)
    assert.deepEqual(
      attempts.map(({ faults }) => faults.map(({ reason }) => reason)),
      [[], ...many(3, () => ['name-comparisons-exhausted'])],
    )
  })
})
