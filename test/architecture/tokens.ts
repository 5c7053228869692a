/** A lexical token. Comments are gone, and the text of strings is in `value` only. */
export interface Token {
  readonly kind: 'word' | 'string' | 'regex' | 'punctuation'
  /** The word, the sign, or the string's content; '' where a template has substitutions, and for a regex. */
  readonly value: string
}

// After these words a slash starts a regular expression, not a division.
const wordsBeforeRegex = new Set(
  'return typeof case in of delete void throw new else do await yield instanceof'.split(' '),
)

const patterns = {
  space: /\s+/y,
  lineComment: /\/\/[^\n]*|^#![^\n]*/y,
  blockComment: /\/\*[\s\S]*?(?:\*\/|$)/y,
  word: /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy,
  // An unclosed string ends at the line's end, so that one mistake cannot swallow the file.
  string: /'((?:[^'\\\n]|\\[\s\S])*)(?:'|(?=\n)|$)|"((?:[^"\\\n]|\\[\s\S])*)(?:"|(?=\n)|$)/y,
  number: /\.?\d[\w.]*/y,
  regex: /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
} as const

// Up to a template's end, or to its next substitution.
const templatePart = /((?:[^`\\$]|\\[\s\S]|\$(?!\{))*)(`|\$\{|$)/y

/** Splits TypeScript into tokens: enough to find imports and names in it, and no more. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = []
  /** For each open template substitution: how many braces are open inside it. */
  const substitutions: number[] = []
  let at = 0

  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(source)
    if (match === null) return undefined
    at = pattern.lastIndex
    return match
  }
  const takeTemplate = (startsHere: boolean): void => {
    const [, text = '', end] = take(templatePart) ?? []
    if (end === '${') substitutions.push(0)
    if (startsHere) tokens.push({ kind: 'string', value: end === '`' ? unescape(text) : '' })
  }
  const takePunctuation = (): void => {
    const value = source[at++] ?? ''
    const depth = substitutions.at(-1)
    if (value === '`') return takeTemplate(true)
    if (depth !== undefined && value === '}' && depth === 0) {
      substitutions.pop()
      return takeTemplate(false)
    }
    if (depth !== undefined && value === '{') substitutions[substitutions.length - 1] = depth + 1
    if (depth !== undefined && value === '}') substitutions[substitutions.length - 1] = depth - 1
    tokens.push({ kind: 'punctuation', value })
  }

  while (at < source.length) {
    if (take(patterns.space) || take(patterns.lineComment) || take(patterns.blockComment)) continue
    const string = take(patterns.string)
    if (string) {
      tokens.push({ kind: 'string', value: unescape(string[1] ?? string[2] ?? '') })
      continue
    }
    const word = take(patterns.word) ?? take(patterns.number)
    if (word) {
      tokens.push({ kind: 'word', value: word[0] })
    } else if (startsRegex(tokens.at(-1)) && take(patterns.regex)) {
      tokens.push({ kind: 'regex', value: '' })
    } else {
      takePunctuation()
    }
  }
  return tokens
}

function startsRegex(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'word') return wordsBeforeRegex.has(before.value)
  return before.kind === 'punctuation' && !')]}'.includes(before.value)
}

/** A specifier may be written with escapes; `node:\x66s` is `node:fs`. */
function unescape(text: string): string {
  return text.replace(
    /\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|(\n)|([\s\S]))/gi,
    (_all, braced?: string, four?: string, two?: string, newline?: string, other = '') => {
      const hex = braced ?? four ?? two
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
      return newline === undefined ? String(other) : ''
    },
  )
}
