import { scriptsIn, withoutConfusables } from './confusables.ts'

/** How two texts differ that a person may take for the same. */
export type TextDifference =
  | 'case'
  | 'confusable'
  | 'invisible-character'
  | 'normalization'
  | 'spaces'

/** What tells two unequal texts apart; nothing when they are different texts altogether. */
export function textDifferences(a: string, b: string): readonly TextDifference[] {
  if (textSkeleton(a) !== textSkeleton(b)) return []
  // The last resort: a compatibility form may also be explained by a simpler fold.
  const simple = folds.filter(({ name }) => name !== 'confusable')
  const usable = apply(simple, a) === apply(simple, b) ? simple : folds
  const needed = usable.filter((fold) => {
    const others = usable.filter((other) => other !== fold)
    return apply(others, a) !== apply(others, b)
  })
  // Where two folds may each do, both are named: the Kelvin sign becomes "k" by case and "K" by normalization.
  const enough =
    needed.length > 0 ? needed : usable.filter(({ fold }) => fold(a) !== a || fold(b) !== b)
  return enough.map(({ name }) => name)
}

/** Equal for texts that `textDifferences` can explain. For finding what looks alike; it never admits. */
export function textSkeleton(text: string): string {
  return apply(folds, text)
}

interface Fold {
  readonly name: TextDifference
  readonly fold: (text: string) => string
}

// In this order: `В` looks like `B` before it is made small, and a space may hide between two invisible characters.
const folds: readonly Fold[] = [
  { name: 'invisible-character', fold: (text) => text.replaceAll(invisible, '') },
  { name: 'normalization', fold: (text) => text.normalize('NFC') },
  { name: 'confusable', fold: withoutConfusables },
  { name: 'spaces', fold: (text) => text.trim().replaceAll(/\s+/g, ' ') },
  { name: 'case', fold: (text) => text.toLowerCase() },
]

// Tab and line ends are spaces, though they are control characters too.
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]|(?!\s)\p{Cc}/gu

function apply(chosen: readonly Fold[], text: string): string {
  return chosen.reduce((folded, { fold }) => fold(folded), text)
}

// Enough to recognise a value; a log line is no place for 16 kB.
const maxShown = 64

/** The text in quotes, cut to 64 characters, what cannot be seen written as `<U+200B>`. */
export function quoteText(text: string): string {
  const characters = Array.from(text.slice(0, 2 * maxShown + 2))
  const cut = characters.length > maxShown
  const shown = characters.slice(0, maxShown).join('')
  const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu
  return `"${shown.replaceAll(unseen, (character) => `<${codePoint(character)}>`)}${cut ? '…' : ''}"`
}

/** The first look-alike that stands in one text only: `"а" (U+0430)`. */
export function describeConfusable(a: string, b: string): string {
  const inB = new Set(b)
  const inA = new Set(a)
  const alike =
    Array.from(a).find((character) => isConfusable(character) && !inB.has(character)) ??
    Array.from(b).find((character) => isConfusable(character) && !inA.has(character))
  if (alike === undefined) return 'characters that look alike'
  const plain = withoutConfusables(alike)
  return `${quoteText(alike)} (${codePoint(alike)}) looks like ${quoteText(plain)} (${codePoint(plain)})`
}

/** `"Wеb" mixes Latin and Cyrillic letters`, or nothing. */
export function describeMixedScripts(texts: readonly string[]): string | undefined {
  const mixed = texts.find((text) => scriptsIn(text).length > 1)
  return mixed === undefined
    ? undefined
    : `${quoteText(mixed)} mixes ${scriptsIn(mixed).join(' and ')} letters`
}

function isConfusable(character: string): boolean {
  return withoutConfusables(character) !== character
}

function codePoint(character: string): string {
  const value = character.codePointAt(0) ?? 0
  return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`
}
