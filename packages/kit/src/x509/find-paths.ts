import { equalBytes } from './bytes.ts'
import { certificatePublicKey } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import {
  cannotVerify,
  endOfSecond,
  issuerFaults,
  issuerWarnings,
  leafFaults,
  leafWarnings,
  pathLengthCost,
} from './certificate-faults.ts'
import type { Use } from './certificate-faults.ts'
import { describeKeyInfo } from './key-info.ts'
import { issuerNameKey } from './name.ts'
import { nameConstraintFaults } from './name-constraint-faults.ts'
import { faultOf } from './path-fault.ts'
import type { PathFault, PathWarning } from './path-fault.ts'
import { policyFaults } from './policy-faults.ts'
import { verifySignature } from './signature.ts'

export interface PathSearch extends Use {
  readonly leaf: Certificate
  /** Certificates that may lie between; from the peer, so not trusted. */
  readonly intermediates: readonly Certificate[]
  /** Certificates of the trusted roots; each is trusted by its key. */
  readonly roots: readonly Certificate[]
  /** How many certificates may lie between the leaf and the root, self-issued ones not counted; else as many as fit. */
  readonly maxIntermediates?: number
}

/** One way from the leaf upwards, and all that is wrong with it. Without faults it is a path to rely on. */
export interface PathAttempt {
  /** From the leaf; the last one is the root when `root` is set. */
  readonly path: readonly Certificate[]
  /** The root that was reached through valid signatures. */
  readonly root?: Certificate
  readonly faults: readonly PathFault[]
  readonly warnings: readonly PathWarning[]
  /** The end of the shortest validity period on the path. */
  readonly validUntil: Date
}

export const pathLimits = {
  /** Certificates in a path, the leaf and the root included. Real ones have three or four. */
  maxPathLength: 8,
  /** Signatures checked in one search: bounds what a peer can make the server compute (4 ms with P-256, 65 ms at worst). */
  maxSignatureChecks: 64,
  /** Steps taken in one search, for chains that cost no signatures. */
  maxSteps: 512,
  /** Comparisons of a name with a constraint in one search: 10 ms. A leaf of 100 names below 3 × 100 subtrees needs 30,000. */
  maxNameComparisons: 65_536,
} as const

interface Search extends PathSearch {
  readonly candidates: ReadonlyMap<string, readonly Candidate[]>
  readonly budget: { signatureChecks: number; steps: number; comparisons: number }
}

interface Candidate {
  readonly certificate: Certificate
  readonly isRoot: boolean
}

/**
 * Tries every way from the leaf to a root, likely ones first, and yields each with its faults: the caller stops when
 * it has what it needs. When the search runs out of its budget, the last attempt says so.
 * @see RFC 5280 §6.1, RFC 4158
 */
export function* findPaths(search: PathSearch): Generator<PathAttempt, void> {
  const budget = {
    signatureChecks: pathLimits.maxSignatureChecks,
    steps: pathLimits.maxSteps,
    comparisons: pathLimits.maxNameComparisons,
  }
  yield* extend({ ...search, candidates: indexBySubject(search), budget }, [search.leaf])
}

function* extend(search: Search, path: readonly Certificate[]): Generator<PathAttempt, void> {
  const current = path.at(-1) ?? search.leaf
  const fault = faultOf(current)
  const candidates = candidatesFor(search, path)
  if (candidates.length === 0) {
    const selfSigned = signedBy(search, { subject: current, issuer: current })
    yield selfSigned && path.length === 1
      ? attempt(search, path, { dead: fault('self-signed-untrusted', 'signed with its own key') })
      : attempt(search, path, { dead: fault('issuer-unknown', 'no certificate of its issuer') })
    return
  }
  const tooLong = excessOf(search, path)
  if (tooLong !== undefined) {
    yield attempt(search, path, { dead: fault('path-too-long', tooLong) })
    return
  }
  for (const { certificate, isRoot } of candidates) {
    search.budget.steps -= 1
    if (search.budget.steps < 0 || search.budget.signatureChecks <= 0) {
      yield attempt(search, path, {
        dead: fault('path-search-exhausted', 'too many possible paths'),
      })
      return
    }
    const next = [...path, certificate]
    const broken = signatureFault(search, { subject: current, issuer: certificate })
    // A certificate whose key did not sign, or cannot have, is no part of the path: its own faults would mislead.
    if (broken !== undefined) yield attempt(search, path, { dead: broken })
    else if (isRoot) yield attempt(search, next, { root: certificate })
    else yield* extend(search, next)
  }
}

function excessOf({ maxIntermediates }: Search, path: readonly Certificate[]): string | undefined {
  if (path.length >= pathLimits.maxPathLength)
    return `more than ${pathLimits.maxPathLength} certificates`
  const intermediates = path.slice(1).reduce((count, each) => count + pathLengthCost(each), 0)
  return maxIntermediates !== undefined && intermediates > maxIntermediates
    ? `more than ${maxIntermediates} intermediates`
    : undefined
}

function attempt(
  search: Search,
  path: readonly Certificate[],
  end: { readonly dead?: PathFault; readonly root?: Certificate },
): PathAttempt {
  const [leaf = search.leaf, ...issuers] = path
  const faults = [...leafFaults(leaf, search)]
  const warnings = [...leafWarnings(leaf, search)]
  let intermediatesBelow = 0
  for (const issuer of issuers) {
    const place = issuer === end.root ? 'root' : 'intermediate'
    faults.push(...issuerFaults(issuer, search, { intermediatesBelow, place }))
    warnings.push(...issuerWarnings(issuer, search, { place }))
    intermediatesBelow += pathLengthCost(issuer)
  }
  // Constraints of authorities that lead nowhere bind nobody.
  if (end.root !== undefined) {
    faults.push(...nameConstraintFaults(path, search.budget), ...policyFaults(path))
  }
  const weak = [leaf, ...issuers]
    .filter((certificate) => certificate !== end.root)
    .flatMap(algorithmFaults)
  return {
    path: [leaf, ...issuers],
    ...(end.root && { root: end.root }),
    faults: [
      ...(end.dead === undefined ? [] : [end.dead]),
      ...faults,
      ...weak.filter((fault) => fault.reason !== end.dead?.reason),
    ],
    warnings,
    validUntil: [leaf, ...issuers]
      .map(({ notAfter }) => endOfSecond(notAfter))
      .reduce((a, b) => (a < b ? a : b)),
  }
}

function algorithmFaults(certificate: Certificate): readonly PathFault[] {
  const { keyType, name } = certificate.signatureAlgorithm
  if (keyType !== undefined) return []
  const weak = /md5|sha1/i.test(name)
  return [
    faultOf(certificate)(
      weak ? 'signature-algorithm-weak' : 'signature-algorithm-unsupported',
      name,
    ),
  ]
}

interface Link {
  readonly subject: Certificate
  readonly issuer: Certificate
}

function signatureFault(search: Search, link: Link): PathFault | undefined {
  const [algorithm] = algorithmFaults(link.subject)
  if (algorithm !== undefined) return algorithm
  if (cannotVerify(link.issuer)) {
    return faultOf(link.issuer)('key-weak', describeKeyInfo(link.issuer.keyInfo))
  }
  if (signedBy(search, link)) return undefined
  return faultOf(link.subject)(
    'issuer-key-mismatch',
    'its signature was not made with the key of the issuer it names',
  )
}

function signedBy(search: Search, { subject, issuer }: Link): boolean {
  search.budget.signatureChecks -= 1
  if (search.budget.signatureChecks < 0 || cannotVerify(issuer)) return false
  try {
    return verifySignature(subject, certificatePublicKey(issuer))
  } catch {
    // A key that OpenSSL does not take has signed nothing.
    return false
  }
}

function indexBySubject({
  intermediates,
  roots,
}: PathSearch): ReadonlyMap<string, readonly Candidate[]> {
  // Roots first: candidates of one rank keep this order.
  const all = [
    ...roots.map((certificate) => ({ certificate, isRoot: true })),
    ...intermediates.map((certificate) => ({ certificate, isRoot: false })),
  ]
  return Map.groupBy(all, ({ certificate }) => issuerNameKey(certificate.subject))
}

function candidatesFor(search: Search, path: readonly Certificate[]): readonly Candidate[] {
  const current = path.at(-1) ?? search.leaf
  const named = search.candidates.get(issuerNameKey(current.issuer)) ?? []
  return named
    .filter(
      ({ certificate, isRoot }) => isRoot || !path.some((used) => sameEntity(used, certificate)),
    )
    .toSorted((a, b) => rank(b, current, search.at) - rank(a, current, search.at))
}

/** The same name with the same key: passing through it twice leads nowhere (RFC 4158 §5.2). */
function sameEntity(a: Certificate, b: Certificate): boolean {
  return equalBytes(a.publicKeyInfo, b.publicKeyInfo) && equalBytes(a.subject.der, b.subject.der)
}

// Key identifiers are hints for the order, never a reason to accept or refuse (RFC 4158 §3.5.12).
function rank({ certificate }: Candidate, below: Certificate, at: Date): number {
  const wanted = below.extensions.authorityKeyIdentifier?.keyIdentifier
  const own = certificate.extensions.subjectKeyIdentifier?.keyIdentifier
  const matches = wanted !== undefined && own !== undefined && equalBytes(wanted, own)
  const valid = certificate.notBefore <= at && at <= endOfSecond(certificate.notAfter)
  return (matches ? 2 : 0) + (valid ? 1 : 0)
}
