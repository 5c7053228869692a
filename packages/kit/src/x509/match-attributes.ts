import { isStringTag } from './name.ts'
import type { AttributeValue, Name } from './name.ts'
import { textSkeleton } from './name-value-difference.ts'

/** An attribute, and which RDN of its name holds it. */
export interface PlacedAttribute extends AttributeValue {
  readonly rdn: number
}

/** What stands for the same thing in two names. */
export interface AttributePair {
  readonly a: PlacedAttribute
  readonly b: PlacedAttribute
}

export interface MatchedAttributes {
  readonly pairs: readonly AttributePair[]
  readonly onlyInA: readonly PlacedAttribute[]
  readonly onlyInB: readonly PlacedAttribute[]
}

/** Pairs the attributes of two names: equal ones first, then those that look alike, then those of one type. */
export function matchAttributes(a: Name, b: Name): MatchedAttributes {
  let onlyInA = placed(a)
  // From the end where the names run against each other, so that equal parts of both meet in that order too.
  let onlyInB = runsBackwards(a, b) ? placed(b).toReversed() : placed(b)
  const pairs: AttributePair[] = []
  for (const keyOf of [exactKey, attributeSkeleton, ({ type }: AttributeValue) => type]) {
    const waiting = Map.groupBy(onlyInB, keyOf)
    const matched = new Set<PlacedAttribute>()
    for (const attribute of onlyInA) {
      const partner = waiting.get(keyOf(attribute))?.shift()
      if (partner === undefined) continue
      pairs.push({ a: attribute, b: partner })
      matched.add(attribute).add(partner)
    }
    onlyInA = onlyInA.filter((attribute) => !matched.has(attribute))
    onlyInB = onlyInB.filter((attribute) => !matched.has(attribute))
  }
  return { pairs, onlyInA, onlyInB }
}

/** Equal for names whose attributes look alike, in whatever order and grouping. For finding; it never admits. */
export function nameSkeleton(name: Name): string {
  return JSON.stringify(name.rdns.flat().map(attributeSkeleton).toSorted())
}

function placed(name: Name): readonly PlacedAttribute[] {
  return name.rdns.flatMap((attributes, rdn) =>
    attributes.map((attribute) => ({ ...attribute, rdn })),
  )
}

function runsBackwards(a: Name, b: Name): boolean {
  const types = ({ rdns }: Name): readonly string[] => rdns.map((rdn) => rdn[0]?.type ?? '')
  const forwards = types(b).join(' ')
  return forwards !== types(a).join(' ') && forwards === types(a).toReversed().join(' ')
}

function exactKey({ type, value, tag }: AttributeValue): string {
  return JSON.stringify([type, isStringTag(tag), value])
}

function attributeSkeleton({ type, value, tag }: AttributeValue): string {
  return JSON.stringify([type, isStringTag(tag), isStringTag(tag) ? textSkeleton(value) : value])
}
