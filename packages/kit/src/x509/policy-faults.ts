import { isSelfIssued } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { faultOf } from './path-fault.ts'
import type { PathFault } from './path-fault.ts'
import { anyPolicy } from './policy-extensions.ts'
import type { PolicyExtensions, PolicyMapping } from './policy-extensions.ts'

/**
 * A fault when a certificate of the path asks for a policy that is valid on all of it, and there is none. Every policy
 * will do: the initial policy set is any.
 * @see RFC 5280 §6.1, RFC 9618 §5
 */
export function policyFaults(path: readonly Certificate[]): readonly PathFault[] {
  const [root, ...below] = path.toReversed()
  if (root === undefined) return []
  const state = initialState(root, below.length)
  for (const [index, certificate] of below.entries()) {
    const isLeaf = index === below.length - 1
    state.level = nextLevel(state, certificate, isLeaf)
    if (isLeaf) finish(state, certificate)
    // RFC 5280 §6.1.3 (f)
    if (state.explicitPolicy === 0 && state.level.size === 0)
      return [faultOf(certificate)('policy-missing', policiesOf(certificate))]
    if (!isLeaf) prepare(state, certificate)
  }
  return []
}

/**
 * The nodes of one depth of RFC 9618's policy graph: each valid policy, and the policies that the next certificate
 * may call it. Nothing reads the depths above when the initial policy set is any, so they are not kept: the last one
 * is empty exactly when the graph is NULL.
 */
type Level = ReadonlyMap<string, ReadonlySet<string>>

interface State {
  level: Level
  /** Certificates until each takes effect. */
  explicitPolicy: number
  policyMapping: number
  inhibitAnyPolicy: number
}

function initialState(root: Certificate, pathLength: number): State {
  const never = pathLength + 1
  const state = {
    level: levelOf([anyPolicy]),
    explicitPolicy: never,
    policyMapping: never,
    inhibitAnyPolicy: never,
  }
  // RFC 5937 §3.2: what an anchor's certificate says of policies are the initial values.
  const policies = root.extensions.certificatePolicies?.policies
  if (policies !== undefined && !policies.includes(anyPolicy)) state.level = levelOf(policies)
  constrain(state, root.extensions)
  return state
}

function levelOf(policies: readonly string[]): Level {
  return new Map(policies.map((policy) => [policy, new Set([policy])]))
}

/** RFC 9618 §5.3 (d), (e). */
function nextLevel(
  { level, inhibitAnyPolicy }: State,
  certificate: Certificate,
  isLeaf: boolean,
): Level {
  const policies = certificate.extensions.certificatePolicies?.policies ?? []
  const expected = new Set([...level.values()].flatMap((policy) => [...policy]))
  const next = policies.filter(
    (policy) => policy !== anyPolicy && (expected.has(policy) || level.has(anyPolicy)),
  )
  const anyCounts = inhibitAnyPolicy > 0 || (!isLeaf && isSelfIssued(certificate))
  return levelOf(policies.includes(anyPolicy) && anyCounts ? [...next, ...expected] : next)
}

/** RFC 5280 §6.1.5 (a), (b). */
function finish(state: State, { extensions }: Certificate): void {
  if (state.explicitPolicy > 0) state.explicitPolicy -= 1
  if (extensions.policyConstraints?.requireExplicitPolicy === 0) state.explicitPolicy = 0
}

/** RFC 9618 §5.4 (b), RFC 5280 §6.1.4 (h) to (j). */
function prepare(state: State, certificate: Certificate): void {
  const { extensions } = certificate
  state.level = mapped(state, extensions.policyMappings?.mappings ?? [])
  if (!isSelfIssued(certificate)) {
    state.explicitPolicy = Math.max(0, state.explicitPolicy - 1)
    state.policyMapping = Math.max(0, state.policyMapping - 1)
    state.inhibitAnyPolicy = Math.max(0, state.inhibitAnyPolicy - 1)
  }
  constrain(state, extensions)
}

function mapped({ level, policyMapping }: State, mappings: readonly PolicyMapping[]): Level {
  const next = new Map(level)
  const byIssuer = Map.groupBy(mappings, ({ issuerDomainPolicy }) => issuerDomainPolicy)
  for (const [policy, targets] of byIssuer) {
    if (policyMapping === 0) next.delete(policy)
    else if (level.has(policy) || level.has(anyPolicy)) {
      next.set(policy, new Set(targets.map(({ subjectDomainPolicy }) => subjectDomainPolicy)))
    }
  }
  return next
}

function constrain(state: State, { policyConstraints, inhibitAnyPolicy }: PolicyExtensions): void {
  const least = (now: number, said: number | undefined): number => Math.min(now, said ?? now)
  state.explicitPolicy = least(state.explicitPolicy, policyConstraints?.requireExplicitPolicy)
  state.policyMapping = least(state.policyMapping, policyConstraints?.inhibitPolicyMapping)
  state.inhibitAnyPolicy = least(state.inhibitAnyPolicy, inhibitAnyPolicy?.skipCertificates)
}

function policiesOf({ extensions }: Certificate): string {
  const policies = extensions.certificatePolicies?.policies ?? []
  return policies.length === 0 ? 'no certificate policy' : `policies ${policies.join(', ')}`
}
