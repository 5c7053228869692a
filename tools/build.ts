import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { readManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'

// `npm run build`: makes packages/*/dist, each a package that `npm pack` and `npm publish` take as it is.
// Why a folder of its own: docs/decisions/0005.

const root = path.join(import.meta.dirname, '..')
const compiler = path.join(root, 'node_modules/typescript/bin/tsc')

// The kit first: the program is compiled against its declarations.
for (const name of ['kit', 'handfast']) buildPackage(path.join(root, 'packages', name))

function buildPackage(folder: string): void {
  const dist = path.join(folder, 'dist')
  rmSync(dist, { recursive: true, force: true })
  execFileSync(process.execPath, [compiler, '-p', path.join(folder, 'tsconfig.build.json')], {
    stdio: 'inherit',
  })
  renameImports(path.join(dist, 'lib'))
  if (existsSync(path.join(folder, 'bin'))) copyPrograms(folder, dist)
  const published = JSON.stringify(publishable(readManifest(folder)), null, 2)
  writeFileSync(path.join(dist, 'package.json'), `${published}\n`)
  for (const file of ['LICENSE', 'NOTICE', 'README.md', 'CHANGELOG.md']) {
    copyFileSync(path.join(root, file), path.join(dist, file))
  }
}

/** Declarations keep the endings of the sources, which are not published. */
function renameImports(lib: string): void {
  for (const file of readdirSync(lib, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts')) continue
    const full = path.join(lib, file)
    const text = readFileSync(full, 'utf8')
    writeFileSync(full, text.replaceAll(/(from |import\()(['"]\.[^'"]*)\.ts(['"])/g, '$1$2.js$3'))
  }
}

/** What starts a program is JavaScript already, and names the source that it starts. */
function copyPrograms(folder: string, dist: string): void {
  mkdirSync(path.join(dist, 'bin'))
  for (const file of readdirSync(path.join(folder, 'bin'))) {
    const text = readFileSync(path.join(folder, 'bin', file), 'utf8')
    const built = path.join(dist, 'bin', file)
    writeFileSync(built, text.replaceAll(/(['"]\.\.\/)src\/([^'"]*)\.ts(['"])/g, '$1lib/$2.js$3'))
    chmodSync(built, 0o755)
  }
}

/** The manifest of the sources, pointed at what was built from them. */
function publishable({ fields, doors }: Manifest): object {
  const exported = Object.entries(doors).map(([door, source]) => {
    const built = source.replace(/^\.\/src\//, './lib/').replace(/\.ts$/, '')
    return [door, { types: `${built}.d.ts`, default: `${built}.js` }] as const
  })
  const { private: _, ...kept } = fields
  return {
    ...kept,
    ...(exported.length > 0 && { exports: Object.fromEntries(exported) }),
    files: ['lib', 'bin'],
  }
}
