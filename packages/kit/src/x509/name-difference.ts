import { attributeTypeName } from './attribute-types.ts'
import { equalBytes } from './bytes.ts'
import { matchAttributes } from './match-attributes.ts'
import type { AttributePair, PlacedAttribute } from './match-attributes.ts'
import { stringTypeName } from './name.ts'
import type { AttributeValue, Name } from './name.ts'
import { formatName } from './name-text.ts'
import {
  describeConfusable,
  describeMixedScripts,
  quoteText,
  textDifferences,
} from './name-value-difference.ts'
import type { TextDifference } from './name-value-difference.ts'

export type NameDifferenceKind =
  | TextDifference
  | 'attribute-extra'
  | 'attribute-missing'
  | 'multi-valued-rdn'
  | 'order'
  | 'reversed-order'
  | 'string-type'
  | 'value'

/** One thing that tells two names apart. */
export interface NameDifference {
  readonly kind: NameDifferenceKind
  /** `CN`, or the OID; absent for what concerns the name as a whole. */
  readonly attribute?: string
  /** A sentence for people: the first name's side stands before "against", the second's behind it. */
  readonly text: string
}

/**
 * What tells two names apart, for people who see two lines that look the same: empty when they are the same bytes.
 * It explains and never decides; most kinds make two different names, `string-type` alone does not (`sameName`).
 */
export function explainNameDifference(a: Name, b: Name): readonly NameDifference[] {
  if (equalBytes(a.der, b.der)) return []
  const { pairs, onlyInA, onlyInB } = matchAttributes(a, b)
  return [
    ...onlyInA.map((attribute) => presence('attribute-missing', attribute)),
    ...onlyInB.map((attribute) => presence('attribute-extra', attribute)),
    ...pairs.flatMap(pairDifferences),
    ...groupDifferences(pairs),
    ...orderDifferences(pairs, { a, b }),
  ]
}

function presence(
  kind: 'attribute-extra' | 'attribute-missing',
  { type, value }: AttributeValue,
): NameDifference {
  const attribute = attributeTypeName(type)
  const which = kind === 'attribute-missing' ? 'first' : 'second'
  return { kind, attribute, text: `Only the ${which} name has ${attribute} ${quoteText(value)}` }
}

function pairDifferences({ a, b }: AttributePair): readonly NameDifference[] {
  const attribute = attributeTypeName(a.type)
  const types = [stringTypeName(a.tag), stringTypeName(b.tag)].filter((type) => type !== undefined)
  const stringType: readonly NameDifference[] =
    a.tag === b.tag || types.length < 2
      ? []
      : [
          {
            kind: 'string-type',
            attribute,
            text: `${attribute} is encoded as ${types.join(' against ')}`,
          },
        ]
  // `#0500` may be a text or, of a value that is no string, its bytes.
  if (a.value === b.value && types.length !== 1) return stringType
  const kinds = types.length < 2 ? [] : textDifferences(a.value, b.value)
  const values = `${quoteText(a.value)} against ${quoteText(b.value)}`
  if (kinds.length === 0) {
    const mixed = describeMixedScripts([a.value, b.value])
    const text = `${attribute} is another value: ${values}${mixed === undefined ? '' : `; ${mixed}`}`
    return [{ kind: 'value', attribute, text }, ...stringType]
  }
  const sentences = kinds.map((kind) => ({
    kind,
    attribute,
    text: `${attribute} differs in ${textDifferenceWords(kind, a.value, b.value)}: ${values}`,
  }))
  return [...sentences, ...stringType]
}

function textDifferenceWords(kind: TextDifference, a: string, b: string): string {
  switch (kind) {
    case 'case':
      return 'upper and lower case'
    case 'spaces':
      return 'spaces'
    case 'invisible-character':
      return 'characters that cannot be seen'
    case 'normalization':
      return 'how accents are written (Unicode normalization)'
    case 'confusable':
      return `letters that look alike (${[describeConfusable(a, b), describeMixedScripts([a, b])]
        .filter((part) => part !== undefined)
        .join(', ')})`
  }
}

/** Attributes that one name keeps in one RDN, and the other in several. */
function groupDifferences(pairs: readonly AttributePair[]): readonly NameDifference[] {
  const found: NameDifference[] = []
  for (const side of ['a', 'b'] as const) {
    const other = side === 'a' ? 'b' : 'a'
    for (const group of Map.groupBy(pairs, (pair) => pair[side].rdn).values()) {
      if (new Set(group.map((pair) => pair[other].rdn)).size < 2) continue
      const joined = group.map((pair) => attributeTypeName(pair.a.type)).join(' and ')
      const [first, second] = side === 'a' ? ['one part', 'several'] : ['several parts', 'one']
      const text = `${joined} stand in ${first} of the name against ${second} ("+" joins, "," separates)`
      found.push({ kind: 'multi-valued-rdn', text })
    }
  }
  return found
}

function orderDifferences(
  pairs: readonly AttributePair[],
  { a, b }: { readonly a: Name; readonly b: Name },
): readonly NameDifference[] {
  // Inside an RDN there is no order.
  const rising = inOrder(pairs, (one, other) => one.rdn - other.rdn)
  if (rising.every((pair, index) => pair.b.rdn >= (rising[index - 1]?.b.rdn ?? 0))) return []
  const falling = inOrder(pairs, (one, other) => other.rdn - one.rdn)
  const reversed = falling.every(
    (pair, index) => pair.b.rdn <= (falling[index - 1]?.b.rdn ?? Infinity),
  )
  const names = [a, b].map((name) => quoteText(formatName(name))).join(' against ')
  return reversed
    ? [{ kind: 'reversed-order', text: `The parts stand in reverse order: ${names}` }]
    : [{ kind: 'order', text: `The parts stand in another order: ${names}` }]
}

function inOrder(
  pairs: readonly AttributePair[],
  compareInB: (one: PlacedAttribute, other: PlacedAttribute) => number,
): readonly AttributePair[] {
  return pairs.toSorted((one, other) => one.a.rdn - other.a.rdn || compareInB(one.b, other.b))
}
