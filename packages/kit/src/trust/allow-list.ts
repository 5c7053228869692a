import { nameSkeleton } from '../x509/match-attributes.ts'
import { explainNameDifference } from '../x509/name-difference.ts'
import type { NameDifferenceKind } from '../x509/name-difference.ts'
import { parseName } from '../x509/name-text.ts'
import { nameKey } from '../x509/name.ts'
import type { Name } from '../x509/name.ts'
import { TrustError } from './errors.ts'
import { memberNameOf, parseMemberName } from './member-name.ts'

/**
 * One name that may talk, and whose word for it counts. The same name from another anchor is somebody else: with
 * pooled trust, one organisation's authority could mint another's member.
 */
export interface AllowListEntry {
  /** `Anchor.id` */
  readonly anchor: string
  /**
   * `rdn-sequence`: the whole subject, part by part in order, values to the letter.
   * `member-name`: as Corda compares, order-free.
   */
  readonly match: 'rdn-sequence' | 'member-name'
  /** The name as text (RFC 4514). */
  readonly name: string
}

/** Entries, indexed for look-up by anchor and name. */
export interface AllowList {
  readonly entries: readonly AllowListEntry[]
  readonly keys: ReadonlySet<string>
  readonly anchors: ReadonlySet<string>
  /** An entry by anchor and by what its name looks like. For explaining only: it never admits. */
  readonly similar: ReadonlyMap<string, AllowListEntry>
}

/** @throws {TrustError} allow-list-malformed when a name cannot be read */
export function createAllowList(entries: readonly AllowListEntry[]): AllowList {
  const read = entries.map((entry) => ({ entry, ...readEntry(entry) }))
  return {
    entries,
    keys: new Set(read.map(({ key }) => key)),
    anchors: new Set(entries.map(({ anchor }) => anchor)),
    similar: new Map(read.map(({ entry, loose }) => [loose, entry])),
  }
}

/** True when an entry of this very anchor names the subject. */
export function allowsName(list: AllowList, anchor: string, subject: Name): boolean {
  return waysToName(subject).some((way) => list.keys.has(keyOf(anchor, way)))
}

/** Why a name that looks listed is not: the first of these that fits, or `undefined`. */
export function explainNearMiss(
  list: AllowList,
  anchor: string,
  subject: Name,
): string | undefined {
  const ways = waysToName(subject)
  const others = [...list.anchors].filter((other) => other !== anchor)
  if (others.some((other) => ways.some((way) => list.keys.has(keyOf(other, way))))) {
    return 'the same name is listed, but for another anchor'
  }
  const similar = list.similar.get(looseKey(anchor, subject))
  if (similar === undefined) return undefined
  const differences = explainNameDifference(parseName(similar.name), subject)
    .filter(({ kind }) => !immaterial[similar.match].has(kind))
    .map(({ text }) => text)
  return differences.length === 0
    ? undefined
    : `"${similar.name}" is listed, which only looks alike. ${differences.join('. ')}`
}

/** What an entry does not mind: never the reason why it does not admit. */
const immaterial: Readonly<Record<AllowListEntry['match'], ReadonlySet<NameDifferenceKind>>> = {
  'rdn-sequence': new Set(['string-type']),
  'member-name': new Set(['string-type', 'order', 'reversed-order']),
}

function readEntry(entry: AllowListEntry): { readonly key: string; readonly loose: string } {
  const { anchor, match } = entry
  try {
    const name = parseName(entry.name)
    const text =
      match === 'rdn-sequence'
        ? nameKey(name)
        : (memberNameOf(name) ?? parseMemberName(entry.name)).canonical
    return { key: keyOf(anchor, { match, text }), loose: looseKey(anchor, name) }
  } catch (cause) {
    throw new TrustError('allow-list-malformed', `Cannot read allow-list entry "${entry.name}"`, {
      cause,
      hint: 'Remove the entry and add it again',
    })
  }
}

interface NameKey {
  readonly match: AllowListEntry['match']
  readonly text: string
}

/** What an entry for this subject may say. */
function waysToName(subject: Name): readonly NameKey[] {
  const member = memberNameOf(subject)
  return [
    { match: 'rdn-sequence', text: nameKey(subject) },
    ...(member === undefined ? [] : [{ match: 'member-name' as const, text: member.canonical }]),
  ]
}

function keyOf(anchor: string, { match, text }: NameKey): string {
  return `${anchor} ${match} ${text}`
}

function looseKey(anchor: string, name: Name): string {
  return JSON.stringify([anchor, nameSkeleton(name)])
}
