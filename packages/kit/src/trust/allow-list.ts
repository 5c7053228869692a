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
}

/** @throws {TrustError} allow-list-malformed when a name cannot be read */
export function createAllowList(entries: readonly AllowListEntry[]): AllowList {
  return { entries, keys: new Set(entries.map(entryKey)) }
}

/** True when an entry of this very anchor names the subject. */
export function allowsName(list: AllowList, anchor: string, subject: Name): boolean {
  if (list.keys.has(keyOf(anchor, 'rdn-sequence', nameKey(subject)))) return true
  const member = memberNameOf(subject)
  return member !== undefined && list.keys.has(keyOf(anchor, 'member-name', member.canonical))
}

/** Why a name that looks listed is not: the first of these that fits, or `undefined`. */
export function explainNearMiss(
  list: AllowList,
  anchor: string,
  subject: Name,
): string | undefined {
  const otherAnchor = list.entries.find(
    (entry) =>
      entry.anchor !== anchor &&
      list.keys.has(entryKey(entry)) &&
      allowsName(list, entry.anchor, subject),
  )
  if (otherAnchor !== undefined) return 'the same name is listed, but for another anchor'
  const wanted = looseKey(subject)
  const similar = list.entries.find(
    (entry) => entry.anchor === anchor && looseKey(parseName(entry.name)) === wanted,
  )
  if (similar === undefined) return undefined
  return `"${similar.name}" is listed: the same parts in another order, or in other upper and lower case`
}

function entryKey(entry: AllowListEntry): string {
  try {
    return entry.match === 'rdn-sequence'
      ? keyOf(entry.anchor, entry.match, nameKey(parseName(entry.name)))
      : keyOf(entry.anchor, entry.match, parseMemberName(entry.name).canonical)
  } catch (cause) {
    throw new TrustError('allow-list-malformed', `Cannot read allow-list entry "${entry.name}"`, {
      cause,
      hint: 'Remove the entry and add it again',
    })
  }
}

function keyOf(anchor: string, match: AllowListEntry['match'], name: string): string {
  return `${anchor} ${match} ${name}`
}

function looseKey(name: Name): string {
  return name.rdns
    .flat()
    .map(({ type, value }) => `${type}=${value.trim().toLowerCase()}`)
    .toSorted()
    .join('\n')
}
