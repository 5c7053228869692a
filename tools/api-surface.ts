import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readManifest } from './manifest.ts'

/** A declaration of a module, as the compiler wrote it. */
interface Declaration {
  readonly name: string
  readonly text: string
}

interface Module {
  readonly declarations: ReadonlyMap<string, Declaration>
  /** Local name → where it stands. `file` is absent for what is not the kit's. */
  readonly imports: ReadonlyMap<string, { readonly name: string; readonly file?: string }>
  /** The same for what it only passes on. */
  readonly passedOn: ReadonlyMap<string, { readonly name: string; readonly file: string }>
}

const kit = path.join(import.meta.dirname, '../packages/kit')
const compiler = path.join(import.meta.dirname, '../node_modules/typescript/bin/tsc')

/**
 * The kit's public surface: door → all that it exports, and below that the types which these need but no door names.
 * Comments are left out: a surface changes when a type does.
 */
export function renderApiSurface(): ReadonlyMap<string, string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'handfast-api-'))
  try {
    const options = ['--emitDeclarationOnly', '--declarationMap', 'false', '--removeComments']
    const config = path.join(kit, 'tsconfig.build.json')
    execFileSync(
      process.execPath,
      [
        compiler,
        '-p',
        config,
        '--outDir',
        folder,
        '--sourceMap',
        'false',
        '--inlineSources',
        'false',
        ...options,
      ],
      {
        stdio: 'inherit',
      },
    )
    return new Map(doors().map((door) => [door, renderDoor(path.join(folder, door, 'index.d.ts'))]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function doors(): readonly string[] {
  return Object.keys(readManifest(kit).doors).map((door) => door.replace('./', ''))
}

function renderDoor(file: string): string {
  const modules = new Map<string, Module>()
  const load = (name: string): Module => {
    const known = modules.get(name) ?? parseModule(name)
    modules.set(name, known)
    return known
  }
  const shown = new Map<string, string>()
  const needed = new Map<string, string>()
  const exported = [...load(file).passedOn].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const roots = exported.flatMap(([, target]) => resolve(load, target) ?? [])
  for (const { key, text } of roots) shown.set(key, text)
  const queue = [...roots]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const found of references(load, next)) {
      if (shown.has(found.key) || needed.has(found.key)) continue
      needed.set(found.key, found.text)
      queue.push(found)
    }
  }
  const hidden = [...needed].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
  return [
    '// Made by "npm run api" from what the compiler emits. Do not edit; a test compares it.',
    '',
    ...[...shown.values()].flatMap((text) => [text, '']),
    ...(hidden.length === 0
      ? []
      : ['// Needed by the above, exported by other doors or none:', '']),
    ...hidden.flatMap((text) => [text.replace(/^export /, ''), '']),
  ].join('\n')
}

interface Found {
  /** Sorts by name; two files may declare the same. */
  readonly key: string
  readonly file: string
  readonly text: string
}

type Load = (file: string) => Module

function resolve(
  load: Load,
  { name, file }: { readonly name: string; readonly file?: string },
): Found | undefined {
  if (file === undefined) return undefined
  const module = load(file)
  const found = module.declarations.get(name)
  if (found !== undefined) return { key: `${name} ${path.basename(file)}`, file, text: found.text }
  const further = module.passedOn.get(name) ?? module.imports.get(name)
  return further && resolve(load, further)
}

function references(load: Load, { file, text }: Found): readonly Found[] {
  const module = load(file)
  const names = new Set(text.match(/[\p{L}_$][\p{L}\d_$]*/gu))
  return [...names].flatMap((name) => {
    const target =
      module.imports.get(name) ?? (module.declarations.has(name) ? { name, file } : undefined)
    return (target && resolve(load, target)) ?? []
  })
}

function parseModule(file: string): Module {
  const declarations = new Map<string, Declaration>()
  const imports = new Map<string, { name: string; file?: string }>()
  const passedOn = new Map<string, { name: string; file: string }>()
  for (const text of statements(readFileSync(file, 'utf8'))) {
    const moved =
      /^(import|export)(?: type)? \{(?<list>[^}]*)\}(?: from ['"](?<from>[^'"]+)['"])?;$/s.exec(
        text,
      )
    if (moved === null) {
      const name =
        /^(?:export )?(?:declare )?(?:abstract )?(?:class|const|function|interface|let|type) ([\w$]+)/.exec(
          text,
        )?.[1]
      if (name !== undefined)
        declarations.set(name, { name, text: overloads(declarations.get(name), text) })
      continue
    }
    const { list = '', from = '' } = moved.groups ?? {}
    const target = from.startsWith('.')
      ? path.join(path.dirname(file), from.replace(/\.ts$/, '.d.ts'))
      : undefined
    for (const item of list.split(',').map((part) => part.replace('type ', '').trim())) {
      const [name = '', local = name] = item.split(' as ')
      if (name === '') continue
      if (moved[1] === 'import')
        imports.set(local, { name, ...(target !== undefined && { file: target }) })
      else if (target !== undefined) passedOn.set(local, { name, file: target })
    }
  }
  return { declarations, imports, passedOn }
}

function overloads(before: Declaration | undefined, text: string): string {
  return before === undefined ? text : `${before.text}\n${text}`
}

/** The compiler starts each statement, and nothing else but closing braces, at the margin. */
function statements(text: string): readonly string[] {
  return text.split(/\n(?=[a-z])/).map((statement) => statement.trim())
}
