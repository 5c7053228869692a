import { isSelfIssued } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { oid } from './der-writer.ts'
import { formatGeneralName } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { nameValues } from './name.ts'
import { formatName } from './name-text.ts'
import { faultOf } from './path-fault.ts'
import type { PathFault } from './path-fault.ts'
import { constrainedName, matchConstraint } from './name-constraint-match.ts'
import type { ConstrainedName } from './name-constraint-match.ts'
import type { NameConstraint, NameConstraints } from './name-constraints.ts'

/** How many comparisons of a name with a subtree are left; shared by all attempts of one search. */
export interface ComparisonBudget {
  comparisons: number
}

/**
 * Every certificate of the path whose names are not what those above it may vouch for, once for each issuer.
 * @see RFC 5280 §6.1.3 (b), (c), §6.1.4 (g)
 */
export function nameConstraintFaults(
  path: readonly Certificate[],
  budget: ComparisonBudget,
): readonly PathFault[] {
  const faults: PathFault[] = []
  for (const [place, issuer] of path.entries()) {
    const constraints = issuer.extensions.nameConstraints
    if (constraints === undefined) continue
    const subtrees = subtreesByForm(constraints)
    for (const [below, certificate] of path.slice(0, place).entries()) {
      // RFC 5280 §6.1.3 (b): a self-issued certificate is exempt, unless it is the final one.
      if (below > 0 && isSelfIssued(certificate)) continue
      const fault = violation({ certificate, issuer, subtrees }, budget)
      if (fault === undefined) continue
      faults.push(fault)
      if (fault.reason === 'name-comparisons-exhausted') return faults
    }
  }
  return faults
}

interface Subtrees {
  readonly permitted: readonly NameConstraint[]
  readonly excluded: readonly NameConstraint[]
}

// A name may be as long as its certificate.
const maxShownCharacters = 120

interface Question {
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly subtrees: ReadonlyMap<string, Subtrees>
}

function violation(
  { certificate, issuer, subtrees }: Question,
  budget: ComparisonBudget,
): PathFault | undefined {
  const fault = faultOf(certificate)
  for (const { name, ready } of namesOf(certificate)) {
    const relevant = formsOf(name).flatMap((form) => subtrees.get(form) ?? [])[0]
    if (relevant === undefined) continue
    const shown = formatGeneralName(name).slice(0, maxShownCharacters)
    const found = `${shown}, constrained by "${formatName(issuer.subject)}"`
    // RFC 5280 §4.2.1.10: what cannot be evaluated is refused, if a name of its form is there.
    if (name.type === 'other') return fault('constraint-unsupported', found)
    const problem = ready === undefined ? 'unreadable' : compare(ready, relevant, budget)
    if (budget.comparisons < 0) return fault('name-comparisons-exhausted', 'too many names')
    if (problem !== undefined) return fault('name-constraint-violated', `${problem}: ${found}`)
  }
  return undefined
}

function compare(
  name: ConstrainedName,
  { permitted, excluded }: Subtrees,
  budget: ComparisonBudget,
): 'excluded' | 'not permitted' | undefined {
  const match = (subtree: NameConstraint): ReturnType<typeof matchConstraint> => {
    budget.comparisons -= 1
    // No more work than the budget allows: the answer no longer counts.
    return budget.comparisons < 0 ? 'partly' : matchConstraint(name, subtree)
  }
  // RFC 5280 §4.2.1.10: excluded beats permitted. A wildcard may stand for no excluded name, and for permitted ones only.
  if (excluded.some((subtree) => match(subtree) !== 'outside')) return 'excluded'
  const allowed =
    permitted.length === 0 ||
    permitted.some((subtree) => match(subtree) === 'inside' || budget.comparisons < 0)
  return allowed ? undefined : 'not permitted'
}

function subtreesByForm(constraints: NameConstraints): ReadonlyMap<string, Subtrees> {
  const known = grouped.get(constraints)
  if (known !== undefined) return known
  const permitted = Map.groupBy(constraints.permitted, formOf)
  const excluded = Map.groupBy(constraints.excluded, formOf)
  const forms = new Set([...permitted.keys(), ...excluded.keys()])
  const byForm = new Map(
    Array.from(forms, (form) => [
      form,
      { permitted: permitted.get(form) ?? [], excluded: excluded.get(form) ?? [] },
    ]),
  )
  grouped.set(constraints, byForm)
  return byForm
}

// The same authority is on many paths.
const grouped = new WeakMap<NameConstraints, ReadonlyMap<string, Subtrees>>()

function formOf(name: GeneralName | NameConstraint): string {
  return name.type === 'other' ? `other ${name.tag}` : name.type
}

/** The forms of constraints that a name falls under. */
function formsOf(name: GeneralName): readonly string[] {
  // RFC 9598 §6: an e-mail constraint counts for an internationalised mailbox too.
  const mailbox = name.type === 'other' && Buffer.from(name.der).includes(smtpUtf8Mailbox)
  return mailbox ? [formOf(name), 'email'] : [formOf(name)]
}

// RFC 9598 §3: id-on-SmtpUTF8Mailbox.
const smtpUtf8Mailbox = Buffer.from(oid('1.3.6.1.5.5.7.8.9'))

interface PreparedName {
  readonly name: GeneralName
  readonly ready: ConstrainedName | undefined
}

function namesOf(certificate: Certificate): readonly PreparedName[] {
  const known = prepared.get(certificate)
  if (known !== undefined) return known
  const names = allNames(certificate).map((name) => ({ name, ready: constrainedName(name) }))
  prepared.set(certificate, names)
  return names
}

// The same certificate is on many paths of a search.
const prepared = new WeakMap<Certificate, readonly PreparedName[]>()

function allNames({ subject, extensions }: Certificate): readonly GeneralName[] {
  const alternatives = extensions.subjectAltNames?.names ?? []
  // RFC 5280 §4.2.1.10: a subject's e-mail addresses count where the alternative names have none.
  const addresses = alternatives.some(({ type }) => type === 'email')
    ? []
    : nameValues(subject, emailAddressOid)
  return [
    // RFC 5280 §4.2.1.10: an empty subject is not constrained.
    ...(subject.rdns.length === 0 ? [] : [{ type: 'directory-name', value: subject } as const]),
    ...alternatives,
    ...addresses.map((value) => ({ type: 'email', value }) as const),
  ]
}

const emailAddressOid = '1.2.840.113549.1.9.1'
