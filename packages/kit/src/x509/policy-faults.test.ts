import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { testAuthority, testKey, testTime } from '../../test/certificates.ts'
import type { TestAuthority, TestCertificateOptions } from '../../test/certificates.ts'
import {
  certificatePolicies,
  inhibitAnyPolicy,
  policyConstraints,
  policyMappings,
} from '../../test/constraints.ts'
import type { Certificate } from './certificate.ts'
import { findPaths } from './find-paths.ts'
import { anyPolicy } from './policy-extensions.ts'
import type { PolicyExtensions } from './policy-extensions.ts'
import { policyFaults } from './policy-faults.ts'

const a = '1.2.3.1'
const b = '1.2.3.2'
const missing = ['policy-missing']

const withExtensions = (...extraExtensions: readonly Uint8Array[]): TestCertificateOptions => ({
  extraExtensions,
})
const explicit = (certificates = 0): Uint8Array =>
  policyConstraints({ requireExplicitPolicy: certificates })

/** The faults of a chain root, intermediates, leaf, each with these extensions. */
function faultsOf(
  root: readonly Uint8Array[],
  ...below: readonly (readonly Uint8Array[])[]
): readonly string[] {
  const authorities = [testAuthority(withExtensions(...root))]
  for (const [index, extensions] of below.slice(0, -1).entries()) {
    const options = { ...withExtensions(...extensions), subject: `CN=Level ${index}` }
    authorities.push(lowest(authorities).intermediate(options))
  }
  const leaf = lowest(authorities).issue(withExtensions(...(below.at(-1) ?? [])))
  return attemptOf(leaf.certificate, authorities)
}

function lowest(authorities: readonly TestAuthority[]): TestAuthority {
  const last = authorities.at(-1)
  assert.ok(last)
  return last
}

function attemptOf(leaf: Certificate, authorities: readonly TestAuthority[]): readonly string[] {
  const [root, ...intermediates] = authorities.map(({ certificate }) => certificate)
  assert.ok(root)
  const search = {
    leaf,
    intermediates,
    roots: [root],
    at: testTime,
    purpose: 'clientAuth',
  } as const
  const reached = [...findPaths(search)].find((attempt) => attempt.root === root)
  assert.ok(reached)
  return reached.faults.map(({ reason }) => reason)
}

describe('policyFaults()', () => {
  it('asks for nothing where no certificate does', () => {
    assert.deepEqual(faultsOf([], [certificatePolicies(a)], [certificatePolicies(b)]), [])
    assert.deepEqual(faultsOf([], [], []), [])
  })

  it('asks for a policy of the whole path where one is required', () => {
    const required = [certificatePolicies(a), explicit()]
    assert.deepEqual(faultsOf([], required, [certificatePolicies(a)]), [])
    assert.deepEqual(faultsOf([], required, [certificatePolicies(b)]), missing)
    assert.deepEqual(faultsOf([], required, []), missing)
    assert.deepEqual(faultsOf([], [explicit()], [certificatePolicies(a)]), missing)
  })

  it('counts the certificates after which it is required, self-issued ones aside', () => {
    assert.deepEqual(faultsOf([], [explicit(1)], []), missing)
    assert.deepEqual(faultsOf([], [explicit(2)], []), [])
    const root = testAuthority()
    const top = root.intermediate(withExtensions(explicit(2)))
    const rolled = top.intermediate({ subject: top.certificate.subject })
    assert.deepEqual(attemptOf(rolled.issue().certificate, [root, top, rolled]), [])
  })

  it('is required by the leaf itself, and by the root', () => {
    assert.deepEqual(faultsOf([], [], [explicit()]), missing)
    assert.deepEqual(
      faultsOf([], [certificatePolicies(a)], [certificatePolicies(a), explicit()]),
      [],
    )
    assert.deepEqual(faultsOf([explicit()], [certificatePolicies(a)]), [])
    assert.deepEqual(faultsOf([explicit()], []), missing)
  })

  it('begins with the policies of the root, if it has any', () => {
    const root = [certificatePolicies(a), explicit()]
    assert.deepEqual(faultsOf(root, [certificatePolicies(a)]), [])
    assert.deepEqual(faultsOf(root, [certificatePolicies(b)]), missing)
    const any = [certificatePolicies(anyPolicy), explicit()]
    assert.deepEqual(faultsOf(any, [certificatePolicies(b)]), [])
  })

  it('takes anyPolicy for each, until it is inhibited', () => {
    const any = [certificatePolicies(anyPolicy)]
    const required = [...any, explicit()]
    assert.deepEqual(faultsOf([], required, any, [certificatePolicies(a)]), [])
    assert.deepEqual(faultsOf([], [...required, inhibitAnyPolicy(0)], any), missing)
    assert.deepEqual(faultsOf([], [...required, inhibitAnyPolicy(1)], any), [])
    assert.deepEqual(faultsOf([], [...required, inhibitAnyPolicy(1)], any, any), missing)
  })

  it('takes anyPolicy of a self-issued intermediate even where it is inhibited, but not of a leaf', () => {
    const any = certificatePolicies(anyPolicy)
    const root = testAuthority()
    const top = root.intermediate(
      withExtensions(certificatePolicies(a), explicit(), inhibitAnyPolicy(0)),
    )
    const { subject } = top.certificate
    const rolled = top.intermediate({ ...withExtensions(any), subject })
    const leaf = rolled.issue(withExtensions(certificatePolicies(a)))
    assert.deepEqual(attemptOf(leaf.certificate, [root, top, rolled]), [])
    const selfIssued = top.issue({ ...withExtensions(any), subject })
    assert.deepEqual(attemptOf(selfIssued.certificate, [root, top]), missing)
  })

  it('follows a mapping, until it is inhibited', () => {
    const mapped = [certificatePolicies(a), policyMappings([a, b]), explicit()]
    assert.deepEqual(faultsOf([], mapped, [certificatePolicies(b)]), [])
    assert.deepEqual(faultsOf([], mapped, [certificatePolicies(a)]), missing)
    const inhibited = policyConstraints({ requireExplicitPolicy: 0, inhibitPolicyMapping: 0 })
    const above = [certificatePolicies(a), inhibited]
    const below = [certificatePolicies(a), policyMappings([a, b])]
    assert.deepEqual(faultsOf([], above, below, [certificatePolicies(b)]), missing)
    assert.deepEqual(faultsOf([], above, [certificatePolicies(a)], [certificatePolicies(a)]), [])
  })

  it('maps what anyPolicy stands for', () => {
    const mapped = [certificatePolicies(anyPolicy), policyMappings([a, b]), explicit()]
    assert.deepEqual(faultsOf([], mapped, [certificatePolicies(b)]), [])
  })

  it('ends where mappings multiply: a tree of 11 policies, each mapped to all, has 11 to the sixth leaves', () => {
    const policies = Array.from({ length: 11 }, (_, index) => `1.2.3.${index}`)
    const pairs = policies.flatMap((from) => policies.map((to) => [from, to] as const))
    const level = [certificatePolicies(...policies), policyMappings(...pairs)]
    const levels = Array.from({ length: 5 }, () => level)
    assert.deepEqual(faultsOf([], [...level, explicit()], ...levels, [certificatePolicies(a)]), [])
    assert.deepEqual(
      faultsOf([], [...level, explicit()], ...levels, [certificatePolicies('1.2.4')]),
      missing,
    )
  })
})

describe('policy extensions that cannot be relied on', () => {
  it('are constraints that are not critical, and mappings of anyPolicy', () => {
    const malformed = ['constraint-malformed']
    const loose = { critical: false }
    const constraints = policyConstraints({ inhibitPolicyMapping: 0 }, loose)
    assert.deepEqual(faultsOf([], [constraints], []), malformed)
    assert.deepEqual(faultsOf([], [policyConstraints({ inhibitPolicyMapping: 0 })], []), [])
    assert.deepEqual(faultsOf([], [inhibitAnyPolicy(0, loose)], []), malformed)
    assert.deepEqual(faultsOf([], [inhibitAnyPolicy(0)], []), [])
    assert.deepEqual(faultsOf([], [policyMappings([anyPolicy, a])], []), malformed)
    assert.deepEqual(faultsOf([], [policyMappings([a, anyPolicy])], []), malformed)
    assert.deepEqual(faultsOf([], [policyMappings([a, b])], []), [])
  })
})

describe('policyFaults() beside the tree of RFC 5280', () => {
  const root = testAuthority().certificate
  const plain = testAuthority().issue({ key: testKey() }).certificate
  const policy = fc.constantFrom(a, b, '1.2.3.3')
  const skip = fc.nat({ max: 3 })
  const link = fc.record({
    policies: fc.option(fc.uniqueArray(fc.oneof(policy, fc.constant(anyPolicy)), { minLength: 1 })),
    mappings: fc.array(fc.tuple(policy, policy), { maxLength: 3 }),
    require: fc.option(skip),
    inhibitMapping: fc.option(skip),
    inhibitAny: fc.option(skip),
    selfIssued: fc.boolean(),
  })

  it('finds a valid policy exactly where the tree does', () => {
    let refused = 0
    fc.assert(
      fc.property(fc.array(link, { minLength: 1, maxLength: 5 }), (links) => {
        const path = links.map((each) => ({
          ...plain,
          ...(each.selfIssued && { issuer: plain.subject }),
          extensions: { unread: [], ...policyExtensionsOf(each) },
        }))
        const [fault] = policyFaults([...path.toReversed(), root])
        assert.equal(fault === undefined, treeIsValid(path))
        if (fault !== undefined) refused += 1
      }),
      { numRuns: 2000 },
    )
    assert.ok(refused > 100)
  })

  function policyExtensionsOf(each: {
    readonly policies: readonly string[] | null
    readonly mappings: readonly (readonly [string, string])[]
    readonly require: number | null
    readonly inhibitMapping: number | null
    readonly inhibitAny: number | null
  }): PolicyExtensions {
    const critical = true
    const { policies, mappings, require, inhibitMapping, inhibitAny } = each
    return {
      ...(policies && { certificatePolicies: { critical, policies } }),
      policyMappings: {
        critical,
        mappings: mappings.map(([from, to]) => ({
          issuerDomainPolicy: from,
          subjectDomainPolicy: to,
        })),
      },
      policyConstraints: {
        critical,
        ...(require !== null && { requireExplicitPolicy: require }),
        ...(inhibitMapping !== null && { inhibitPolicyMapping: inhibitMapping }),
      },
      ...(inhibitAny !== null && {
        inhibitAnyPolicy: { critical, skipCertificates: inhibitAny },
      }),
    }
  }
})

interface TreeNode {
  readonly policy: string
  expected: readonly string[]
  children: TreeNode[]
}

/** RFC 5280 §6.1.2 to §6.1.5 to the letter, tree, pruning and all, for an initial policy set of any. */
function treeIsValid(path: readonly Certificate[]): boolean {
  const n = path.length
  let tree: TreeNode | undefined = { policy: anyPolicy, expected: [anyPolicy], children: [] }
  let [explicitPolicy, mapping, any] = [n + 1, n + 1, n + 1]
  for (const [index, certificate] of path.entries()) {
    const i = index + 1
    const selfIssued = Buffer.compare(certificate.subject.der, certificate.issuer.der) === 0
    const { certificatePolicies: own, policyMappings: mappings } = certificate.extensions
    const { policyConstraints: constraints, inhibitAnyPolicy: inhibit } = certificate.extensions
    if (own === undefined) tree = undefined
    else if (tree !== undefined) {
      const parents = nodesAt(tree, i - 1)
      for (const policy of own.policies.filter((each) => each !== anyPolicy)) {
        let matched = false
        for (const parent of parents.filter(({ expected }) => expected.includes(policy))) {
          parent.children.push({ policy, expected: [policy], children: [] })
          matched = true
        }
        const wild = matched ? undefined : parents.find((parent) => parent.policy === anyPolicy)
        wild?.children.push({ policy, expected: [policy], children: [] })
      }
      if (own.policies.includes(anyPolicy) && (any > 0 || (i < n && selfIssued))) {
        for (const parent of parents) {
          for (const policy of parent.expected) {
            if (parent.children.some((child) => child.policy === policy)) continue
            parent.children.push({ policy, expected: [policy], children: [] })
          }
        }
      }
      tree = pruned(tree, i)
    }
    if (explicitPolicy === 0 && tree === undefined) return false
    if (i === n) {
      if (explicitPolicy > 0) explicitPolicy -= 1
      if (constraints?.requireExplicitPolicy === 0) explicitPolicy = 0
      break
    }
    const byIssuer = Map.groupBy(mappings?.mappings ?? [], (each) => each.issuerDomainPolicy)
    for (const [from, targets] of byIssuer) {
      if (tree === undefined) break
      const expected = targets.map(({ subjectDomainPolicy }) => subjectDomainPolicy)
      const nodes = nodesAt(tree, i).filter(({ policy }) => policy === from)
      if (mapping > 0) {
        for (const node of nodes) node.expected = expected
        if (nodes.length > 0) continue
        const parent = nodesAt(tree, i - 1).find(({ children }) =>
          children.some(({ policy }) => policy === anyPolicy),
        )
        parent?.children.push({ policy: from, expected, children: [] })
      } else {
        for (const parent of nodesAt(tree, i - 1))
          parent.children = parent.children.filter(({ policy }) => policy !== from)
        tree = pruned(tree, i)
      }
    }
    if (!selfIssued) {
      explicitPolicy = Math.max(0, explicitPolicy - 1)
      mapping = Math.max(0, mapping - 1)
      any = Math.max(0, any - 1)
    }
    explicitPolicy = Math.min(explicitPolicy, constraints?.requireExplicitPolicy ?? Infinity)
    mapping = Math.min(mapping, constraints?.inhibitPolicyMapping ?? Infinity)
    any = Math.min(any, inhibit?.skipCertificates ?? Infinity)
  }
  return explicitPolicy > 0 || tree !== undefined
}

function nodesAt(tree: TreeNode, depth: number): readonly TreeNode[] {
  return depth === 0 ? [tree] : tree.children.flatMap((child) => nodesAt(child, depth - 1))
}

function pruned(tree: TreeNode, depth: number): TreeNode | undefined {
  if (depth === 0) return tree
  const children = tree.children.flatMap((child) => pruned(child, depth - 1) ?? [])
  return children.length === 0 ? undefined : Object.assign(tree, { children })
}
