import { dirname, resolve } from 'node:path'
import { Value } from 'typebox/value'
import { LineCounter, isNode, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { configSchema } from './config-schema.ts'
import type { ConfigFile } from './config-schema.ts'
import { CliError } from './errors.ts'
import { readInput } from './files.ts'
import { nearestWord } from './nearest.ts'

/** A configuration file, checked, with what its relative paths start from. */
export interface Config {
  readonly file: string
  readonly content: ConfigFile
  /** The folder of the configuration file. */
  readonly base: string
}

/**
 * Reads and checks `handfast.yaml`: every problem at once, each with its line.
 * @throws {CliError} config-missing | config-invalid
 */
export async function loadConfig(file: string): Promise<Config> {
  const bytes = await readInput(file).catch((cause: unknown) => {
    if (!(cause instanceof CliError)) throw cause
    throw new CliError('config-missing', cause.message, {
      cause,
      hint: 'Make one with "handfast config init", or name yours with --config',
    })
  })
  const content = parseConfig(Buffer.from(bytes).toString('utf8'), file)
  return { file, content, base: dirname(resolve(file)) }
}

/** @throws {CliError} config-invalid */
function parseConfig(text: string, file: string): ConfigFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true })
  const [syntax] = document.errors
  if (syntax !== undefined) {
    const [place] = syntax.linePos ?? []
    throw invalid(file, [`line ${place?.line ?? 1}: ${syntax.message.split('\n')[0] ?? ''}`])
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 })
  if (Value.Check(configSchema, value)) return value
  throw invalid(file, findProblems(value, { document, lines }))
}

interface Source {
  readonly document: Document
  readonly lines: LineCounter
}

function findProblems(value: unknown, source: Source): readonly string[] {
  const problems = Value.Errors(configSchema, value)
    // A closed object reports its unknown keys twice; the second report names them together.
    .filter(({ keyword }) => keyword !== 'boolean')
    .flatMap((error) => {
      const path = pathOf(error.instancePath)
      const at = `line ${lineOf(source, path)}: `
      const where = path.length === 0 ? 'the file' : path.join('.')
      if (error.keyword !== 'additionalProperties')
        return `${at}"${where}" ${error.message}${allowed(error.params)}`
      return unknownKeys(error.params).map((key) => {
        const near = nearestWord(key, knownKeys(path))
        const line = lineOf(source, [...path, key])
        return `line ${line}: unknown key "${[...path, key].join('.')}"${near === undefined ? '' : `, did you mean "${near}"?`}`
      })
    })
  return [...new Set(problems)]
}

function allowed(params: object): string {
  return 'allowedValues' in params && Array.isArray(params.allowedValues)
    ? `: ${params.allowedValues.join(', ')}`
    : ''
}

function unknownKeys(params: object): readonly string[] {
  return 'additionalProperties' in params && Array.isArray(params.additionalProperties)
    ? params.additionalProperties.map(String)
    : []
}

function pathOf(pointer: string): readonly string[] {
  const parts = pointer.split('/').slice(1)
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The keys that the schema knows at a path. */
function knownKeys(path: readonly string[]): readonly string[] {
  let schema: unknown = configSchema
  for (const part of path) {
    const properties = field(schema, 'properties')
    schema = /^\d+$/.test(part) ? field(schema, 'items') : field(properties, part)
  }
  const properties = field(schema, 'properties')
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function lineOf({ document, lines }: Source, path: readonly string[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    const offset = isNode(node) ? node.range?.[0] : undefined
    if (offset !== undefined) return lines.linePos(offset).line
  }
  return 1
}

function invalid(file: string, problems: readonly string[]): CliError {
  return new CliError('config-invalid', `Cannot use "${file}": ${problems.join('; ')}`, {
    details: { file, problems },
    hint: `Correct the file, then run "handfast config check --config ${file}"`,
  })
}
