import { tokenize, type Token } from './tokens.ts'

export interface Import {
  /** Undefined where it is computed, so that nobody can tell. */
  readonly specifier: string | undefined
  /** The imported names as their module calls them; undefined means all of it. */
  readonly names: readonly string[] | undefined
}

export interface SourceFacts {
  readonly imports: readonly Import[]
  readonly exportsStar: boolean
  readonly exportsDefault: boolean
  /** `process.env` and its like, as written. */
  readonly processUses: readonly string[]
}

// Methods that load a module by name, besides import.
const loaders = new Set(['require', 'getBuiltinModule'])
const processMembers = new Set(['argv', 'env', 'exit', 'exitCode', 'execArgv', 'abort'])

/** What one source file imports, exports and asks of the process. */
export function readSource(source: string): SourceFacts {
  const tokens = tokenize(source)
  const imports: Import[] = []
  const processUses: string[] = []
  let exportsStar = false
  let exportsDefault = false

  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'word') continue
    if (loaders.has(token.value) && is(tokens[at + 1], '(')) imports.push(readCall(tokens, at + 2))
    if (token.value === 'process') processUses.push(...readProcessUse(tokens, at))
    if (isMember(tokens, at)) continue
    if (token.value === 'import') imports.push(...readImport(tokens, at + 1))
    if (token.value === 'export') {
      const found = readExport(tokens, at + 1)
      imports.push(...found.imports)
      exportsStar ||= found.star
      exportsDefault ||= found.default
    }
  }
  return { imports, exportsStar, exportsDefault, processUses }
}

function readImport(tokens: readonly Token[], start: number): readonly Import[] {
  const first = tokens[start]
  if (is(first, '(')) return [readCall(tokens, start + 1)]
  if (first?.kind === 'string') return [{ specifier: first.value, names: [] }]
  const clause = readClause(tokens, start)
  return clause === undefined ? [] : [clause]
}

function readExport(
  tokens: readonly Token[],
  start: number,
): { imports: readonly Import[]; star: boolean; default: boolean } {
  const at = is(tokens[start], 'type') ? start + 1 : start
  const first = tokens[at]
  if (is(first, 'default')) return { imports: [], star: false, default: true }
  if (!is(first, '*') && !is(first, '{')) return { imports: [], star: false, default: false }
  const clause = readClause(tokens, start)
  return {
    imports: clause === undefined ? [] : [clause],
    star: is(first, '*'),
    default: is(first, '{') && exportsNameDefault(tokens, at),
  }
}

/** `import a, { b as c } from 'x'`, `import * as a from 'x'`, `export { a } from 'x'`, each perhaps with `type`. */
function readClause(tokens: readonly Token[], start: number): Import | undefined {
  const names: string[] = []
  let all = false
  let inBraces = false
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (token === undefined) return undefined
    const next = tokens[at + 1]
    if (is(token, 'from') && next?.kind === 'string' && !inBraces) {
      return { specifier: next.value, names: all ? undefined : names }
    }
    if (is(token, '{')) inBraces = true
    else if (is(token, '}')) inBraces = false
    else if (is(token, '*')) all = true
    else if (token.kind === 'punctuation' && token.value !== ',') return undefined
    else if (inBraces && isSourceName(tokens, at)) names.push(token.value)
    else if (!inBraces && isDefaultBinding(tokens, at, start)) names.push('default')
  }
  return undefined
}

/** In braces: the word before `as`, or the only one; `type` is a modifier where a name follows it. */
function isSourceName(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]
  const next = tokens[at + 1]
  if (token === undefined || is(token, ',') || is(token, 'as') || is(tokens[at - 1], 'as')) {
    return false
  }
  return !is(token, 'type') || is(next, ',') || is(next, '}') || is(next, 'as')
}

function isDefaultBinding(tokens: readonly Token[], at: number, start: number): boolean {
  const token = tokens[at]
  if (token?.kind !== 'word' || is(token, 'as') || is(tokens[at - 1], 'as')) return false
  if (at === start && is(token, 'type')) return is(tokens[at + 1], 'from')
  return true
}

function exportsNameDefault(tokens: readonly Token[], brace: number): boolean {
  const end = tokens.findIndex((token, at) => at > brace && is(token, '}'))
  return tokens
    .slice(brace, end)
    .some(
      (token, at, list) =>
        token.value === 'default' && (is(list[at - 1], 'as') || !is(list[at + 1], 'as')),
    )
}

function readCall(tokens: readonly Token[], argument: number): Import {
  const token = tokens[argument]
  const literal = token?.kind === 'string' && token.value !== ''
  return { specifier: literal ? token.value : undefined, names: undefined }
}

/** `process.env`, `process['env']`, and `process` taken whole, through which the rest could follow. */
function readProcessUse(tokens: readonly Token[], at: number): readonly string[] {
  if (isMember(tokens, at) && !is(tokens[at - 2], 'globalThis')) return []
  let next = at + 1
  if (is(tokens[next], '?')) next += 1
  const sign = tokens[next]
  const member = tokens[next + 1]
  if (is(sign, '.') || is(sign, '[')) {
    const named = member?.kind === 'word' || member?.kind === 'string'
    const computed = is(sign, '[') && member?.kind !== 'string'
    if (computed) return ['process[…]']
    return named && processMembers.has(member.value) ? [`process.${member.value}`] : []
  }
  return is(tokens[at - 1], '=') ? ['process'] : []
}

/** After a single dot; after three it is spread. */
function isMember(tokens: readonly Token[], at: number): boolean {
  return is(tokens[at - 1], '.') && !is(tokens[at - 2], '.')
}

function is(token: Token | undefined, value: string): boolean {
  return token?.kind !== 'string' && token?.value === value
}
