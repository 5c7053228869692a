import {
  DerReader,
  constructedContextTag,
  contextTag,
  malformed,
  readSingle,
  tags,
} from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { decodeGeneralName, isDnsName } from './general-name.ts'
import type { GeneralName } from './general-name.ts'

/**
 * The base of one GeneralSubtree: as a name, but an IP address is a network, and an e-mail address or URI may be a
 * host or a domain.
 */
export type NameConstraint =
  | Extract<GeneralName, { readonly type: 'directory-name' | 'other' }>
  | { readonly type: 'dns' | 'uri' | 'email'; readonly value: string }
  | { readonly type: 'ip'; readonly address: Uint8Array; readonly mask: Uint8Array }

/** @see RFC 5280 §4.2.1.10 */
export interface NameConstraints {
  readonly critical: boolean
  readonly permitted: readonly NameConstraint[]
  readonly excluded: readonly NameConstraint[]
}

const limits = {
  // A thousand is the largest list in use (a national CA's); more is there to cost time.
  maxSubtrees: 1024,
}

/** Reads the form; `nameConstraintsProblem` judges the values. @throws {X509Error} der-malformed */
export function decodeNameConstraints(value: Uint8Array): Omit<NameConstraints, 'critical'> {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  const permitted = decodeSubtrees(reader.optional(constructedContextTag(0)))
  const excluded = decodeSubtrees(reader.optional(constructedContextTag(1)))
  reader.finish()
  // RFC 5280 §4.2.1.10: never an empty sequence.
  if (permitted.length + excluded.length === 0)
    throw malformed('name constraints without a subtree')
  return { permitted, excluded }
}

function decodeSubtrees(subtrees: DerElement | undefined): readonly NameConstraint[] {
  if (subtrees === undefined) return []
  const reader = new DerReader(subtrees.content)
  // X.680 §25: GeneralSubtrees has SIZE (1..MAX).
  if (reader.done) throw malformed('empty list of subtrees')
  const constraints: NameConstraint[] = []
  while (!reader.done) {
    if (constraints.length >= limits.maxSubtrees) throw malformed('more than 1024 subtrees')
    const subtree = reader.enter()
    constraints.push(decodeBase(subtree.read()))
    // RFC 5280 §4.2.1.10: minimum is zero, which DER does not write; maximum is absent.
    if (!subtree.done) throw malformed('subtree with a minimum or maximum')
  }
  return constraints
}

function decodeBase(base: DerElement): NameConstraint {
  if (base.tag === contextTag(7)) return decodeNetwork(base.content)
  const name = decodeGeneralName(base)
  if (name.type === 'directory-name' || name.type === 'other') return name
  const { type, value } = name
  if (type === 'ip') throw malformed('IP address as a subtree')
  return { type, value }
}

function decodeNetwork(content: Uint8Array): NameConstraint {
  if (content.length !== 8 && content.length !== 32)
    throw malformed('IP subtree of neither 8 nor 32 octets')
  const half = content.length / 2
  return { type: 'ip', address: content.subarray(0, half), mask: content.subarray(half) }
}

/** The first subtree that means different things to different readers; `undefined` when there is none. */
export function nameConstraintsProblem(constraints: NameConstraints): string | undefined {
  const known = problems.get(constraints)
  if (known !== undefined) return known.problem
  const all = [...constraints.permitted, ...constraints.excluded]
  const problem = all.map(constraintProblem).find((found) => found !== undefined)
  problems.set(constraints, { problem })
  return problem
}

// Asked for at every attempt to find a path.
const problems = new WeakMap<NameConstraints, { readonly problem: string | undefined }>()

function constraintProblem(constraint: NameConstraint): string | undefined {
  switch (constraint.type) {
    case 'dns':
      // RFC 5280 §4.2.1.10: a host name, or nothing, to which any labels can be added. A leading period and wildcards
      // are other people's extensions of it.
      return constraint.value === '' || isHost(constraint.value)
        ? undefined
        : `DNS subtree "${constraint.value}"`
    case 'email':
      return isEmailSubtree(constraint.value) ? undefined : `e-mail subtree "${constraint.value}"`
    case 'uri':
      return isHostOrDomain(constraint.value) ? undefined : `URI subtree "${constraint.value}"`
    case 'ip':
      // RFC 4632 §3.1: a prefix. With holes, it is no network.
      return isContiguous(constraint.mask) ? undefined : 'IP subtree with holes in its mask'
    case 'directory-name':
    case 'other':
      return undefined
  }
}

/** A DNS name that stands for one host: without a wildcard. */
export function isHost(text: string): boolean {
  return isDnsName(text) && !text.startsWith('*')
}

function isHostOrDomain(text: string): boolean {
  return isHost(text.startsWith('.') ? text.slice(1) : text)
}

function isEmailSubtree(text: string): boolean {
  return text.includes('@') ? parseMailbox(text) !== undefined : isHostOrDomain(text)
}

export interface Mailbox {
  readonly local: string
  /** In lower case. */
  readonly host: string
}

/** A mailbox of RFC 5321 §4.1.2 whose local part is a dot-string: a quoted one can be written in many ways. */
export function parseMailbox(text: string): Mailbox | undefined {
  const [local = '', host = '', ...more] = text.split('@')
  if (more.length > 0 || !isHost(host) || !dotString.test(local)) return undefined
  return { local, host: host.toLowerCase() }
}

const dotString = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i

function isContiguous(mask: Uint8Array): boolean {
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, '0')).join('')
  return /^1*0*$/.test(bits)
}
