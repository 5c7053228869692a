import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { readSource } from './architecture/imports.ts'
import { kitDoors, maxFileLines, packages } from './architecture/rooms.ts'
import { checkKitManifest, checkSource, type Manifest } from './architecture/rules.ts'

const root = path.join(import.meta.dirname, '..')

describe('the repository', () => {
  const files = globSync(['packages/*/{src,test}/**/*.ts', 'test/**/*.ts'], {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === 'fixtures',
  }).map((file) => file.replaceAll('\\', '/'))

  it('keeps its rooms apart', () => {
    const complaints = files.flatMap((file) =>
      checkSource({ path: file, text: readFileSync(path.join(root, file), 'utf8') }),
    )
    if (complaints.length > 0) assert.fail(`\n${complaints.join('\n')}`)
  })

  it('is read at all', () => {
    assert.ok(files.includes('test/architecture.test.ts'))
    assert.ok(files.some((file) => file.startsWith('packages/kit/src/')))
  })

  it('lets the kit depend on nothing, and open its doors', () => {
    const text = readFileSync(path.join(root, 'packages/kit/package.json'), 'utf8')
    assert.equal(checkKitManifest(JSON.parse(text) as Manifest).join('\n'), '')
  })

  it('has a floor plan without circles or unknown rooms', () => {
    for (const plan of Object.values(packages)) {
      const reachable = (name: string, seen: readonly string[]): void => {
        assert.ok(!seen.includes(name), `${[...seen, name].join(' → ')} is a circle`)
        const room = plan[name]
        assert.ok(room, `${seen.at(-1)} names ${name}, which is no room`)
        for (const next of room.rooms) reachable(next, [...seen, name])
      }
      for (const name of Object.keys(plan)) reachable(name, [])
    }
    for (const room of Object.values(kitDoors)) assert.ok(packages['kit']?.[room])
  })
})

/** A planted file: refused with exactly this complaint, or accepted (undefined). */
type Planted = readonly [file: string, text: string, complaint?: string]

const name = 'packages/kit/src/x509/name.ts'
const gateway = 'packages/handfast/src/gateway/route.ts'
const control = 'packages/handfast/src/control/server.ts'

const planted: Readonly<Record<string, readonly Planted[]>> = {
  'a room imports only the rooms below it': [
    [name, `import { a } from '../base/error.ts'`],
    [name, `import { a } from './der.ts'`],
    [
      name,
      `import type { Verdict } from '../trust/verdict.ts'`,
      'x509 may not import trust (../trust/verdict.ts)',
    ],
    [gateway, `import { a } from '@handfast/kit/trust'`],
    [
      gateway,
      `import { a } from '../store/store.ts'`,
      'gateway may not import store (../store/store.ts)',
    ],
    [
      'packages/handfast/src/store/store.ts',
      `import { a } from '@handfast/kit/x509'`,
      'store may not import @handfast/kit/x509',
    ],
    [
      control,
      `export { run } from '../cli/main.ts'`,
      'control may not import cli (../cli/main.ts)',
    ],
    [
      name,
      `import { a } from '../base/clock.test.ts'`,
      'may not import ../base/clock.test.ts (only tests import tests)',
    ],
  ],
  'a room imports only its built-ins': [
    [name, `import { createHash } from 'node:crypto'`],
    [name, `import { readFile } from 'node:fs'`, 'x509 may not import node:fs'],
    [name, `import 'node:fs/promises'`, 'x509 may not import node:fs/promises'],
    [name, `const fs = await import('node:fs')`, 'x509 may not import node:fs'],
    [name, `const fs = process.getBuiltinModule('node:fs')`, 'x509 may not import node:fs'],
    [name, `import { isIP, isIPv4 as four } from 'node:net'`],
    [
      name,
      `import { isIP, connect } from 'node:net'`,
      'x509 may not import node:net (only isIP, isIPv4, isIPv6 of it)',
    ],
    [
      name,
      `import net from 'node:net'`,
      'x509 may not import node:net (only isIP, isIPv4, isIPv6 of it)',
    ],
    ['packages/kit/src/identity/load.ts', `import { readFile } from 'node:fs/promises'`],
    ['packages/handfast/src/cli/main.ts', `import { parseArgs } from 'node:util'`],
    [
      'packages/handfast/src/cli/main.ts',
      `import { DatabaseSync } from 'node:sqlite'`,
      'cli may not import node:sqlite',
    ],
    [
      'packages/kit/src/x509/name.test.ts',
      `import { readFileSync } from 'node:fs'\nimport { test } from 'node:test'`,
    ],
  ],
  'a room imports only its packages': [
    [control, `import { fastify } from 'fastify'`],
    [gateway, `import { fastify } from 'fastify'`, 'gateway may not import fastify'],
    ['packages/handfast/src/store/migrate.ts', `import { Migrator } from 'kysely/migration'`],
    [control, `import type { Kysely } from 'kysely'`, 'control may not import kysely'],
    [name, `import { Name } from '@peculiar/asn1-x509'`, 'x509 may not import @peculiar/asn1-x509'],
    [name, `import { readFile } from 'fs'`, 'x509 may not import fs'],
    ['packages/kit/src/x509/name.test.ts', `import fc from 'fast-check'`],
  ],
  'a name comes from the file that defines it, another package from its door': [
    [name, `import { a } from './oid.ts'`],
    [
      name,
      `import { a } from '../base/index.ts'`,
      'may not import ../base/index.ts (import the file that defines the name)',
    ],
    [name, `import { a } from '.'`, 'may not import . (import the file that defines the name)'],
    [
      'packages/kit/src/x509/name.test.ts',
      `import { a } from './index.ts'`,
      'may not import ./index.ts (import the file that defines the name)',
    ],
    ['test/scenario/a.test.ts', `import { a } from '@handfast/kit/x509'`],
    [
      'test/scenario/a.test.ts',
      `import { a } from '../../packages/kit/src/x509/der.ts'`,
      'may not import ../../packages/kit/src/x509/der.ts (another package: go through @handfast/kit/<door>)',
    ],
    [
      gateway,
      `import { a } from '../../../kit/src/trust/verdict.ts'`,
      'may not import ../../../kit/src/trust/verdict.ts (another package: go through @handfast/kit/<door>)',
    ],
    [
      gateway,
      `import { a } from '@handfast/kit/src/trust/verdict.ts'`,
      'may not import @handfast/kit/src/trust/verdict.ts (not a door of the kit)',
    ],
    [
      name,
      `import { a } from '@handfast/kit/base'`,
      'may not import @handfast/kit/base (inside the kit, import the file that defines the name)',
    ],
  ],
  'a file has at most 400 lines': [
    [name, '\n'.repeat(maxFileLines)],
    [name, '\n'.repeat(maxFileLines + 1), 'has 401 lines, 400 at most'],
    ['test/scenario/a.test.ts', '// a\n'.repeat(500), 'has 500 lines, 400 at most'],
  ],
  'only cli reads argv and env, and ends the process': [
    ['packages/handfast/src/cli/main.ts', `process.exitCode = process.argv.length`],
    [gateway, `process.nextTick(run); peer.process.env = 1; // process.env`],
    [gateway, `const port = process.env.PORT`, 'gateway may not use process.env (only cli may)'],
    [gateway, `run({ ...process.env })`, 'gateway may not use process.env (only cli may)'],
    [gateway, `process['exitCode'] = 1`, 'gateway may not use process.exitCode (only cli may)'],
    [gateway, `const { argv } = process`, 'gateway may not use process (only cli may)'],
    [
      gateway,
      'run(`${globalThis.process?.env}`)',
      'gateway may not use process.env (only cli may)',
    ],
    [gateway, `import { env } from 'node:process'`, 'gateway may not import node:process'],
    ['packages/handfast/src/gateway/route.test.ts', `run(process.env)`],
  ],
  'every name is exported by name': [
    [name, `export { a, type B } from './der.ts'\nexport const c = { default: 1 }`],
    [name, `export { default as Ajv } from './der.ts'`],
    [name, `export * from './der.ts'`, 'may not export * (list the names)'],
    [name, `export type * as der from './der.ts'`, 'may not export * (list the names)'],
    [name, `export default class {}`, 'may not export a default (give it a name)'],
    [name, `export { a as default }`, 'may not export a default (give it a name)'],
    [name, `export { default } from './der.ts'`, 'may not export a default (give it a name)'],
  ],
  'a file stands in a room of the plan': [
    ['packages/kit/test/authority.ts', `import { a } from '../src/x509/der.ts'`],
    ['packages/kit/src/attic/a.ts', '', 'room attic is not in test/architecture/rooms.ts'],
    ['packages/kit/src/a.ts', '', 'a file outside every room is not in test/architecture/rooms.ts'],
    ['packages/shed/src/a/a.ts', '', 'room a is not in test/architecture/rooms.ts'],
    [name, 'await import(`./${a}.ts`)', 'may not import a computed name (no rule can judge it)'],
  ],
}

describe('checkSource()', () => {
  for (const [rule, files] of Object.entries(planted)) {
    it(`accepts what keeps the rule: ${rule}`, () =>
      judge(files.filter((file) => file.length === 2)))
    it(`refuses what breaks the rule: ${rule}`, () =>
      judge(files.filter((file) => file.length === 3)))
  }

  const judge = (files: readonly Planted[]): void => {
    assert.ok(files.length > 0)
    for (const [file, text, complaint] of files) {
      const expected = complaint === undefined ? [] : [`${file}: ${complaint}`]
      assert.deepEqual(checkSource({ path: file, text }), expected, `${file}: ${text.slice(0, 80)}`)
    }
  }
})

describe('checkKitManifest()', () => {
  const exports = Object.fromEntries(Object.keys(kitDoors).map((door) => [`./${door}`, 'x.ts']))
  it('accepts no dependencies, and optional peers', () => {
    const peers = {
      peerDependencies: { fastify: '5' },
      peerDependenciesMeta: { fastify: { optional: true } },
    }
    assert.deepEqual(checkKitManifest({ exports, ...peers }), [])
  })
  it('refuses a dependency, and a door that the plan does not know', () => {
    assert.deepEqual(checkKitManifest({ exports, dependencies: { undici: '8' } }), [
      'packages/kit/package.json: the kit may not depend on undici',
    ])
    assert.match(checkKitManifest({ exports: { ...exports, './attic': 'x.ts' } }).join(), /attic/)
  })
})

describe('readSource()', () => {
  it('sees imports where they are, and not in comments, strings, templates or regular expressions', () => {
    const text = `#!/usr/bin/env node
      // import 'no:1'
      /* import 'no:2' */
      const a = "import 'no:3'", b = 'it\\'s import "no:4"', c = \`import 'no:5' \${await import('yes:1')} }\`
      const d = /import 'no:6'|[/'"]/, e = 1 / 2; import 'yes:2'
      import f, { type G, h as i } from 'yes:3'; import type { J } from "yes:4"
      import * as k from 'yes:5' with { type: 'json' }
      export { l } from 'yes:6'; export type { M } from 'yes:7'
      type N = import('yes:8').N; const o = require('yes:9'), p = import.meta.url, q = r.import('no:7')
      import { from, type, type as t } from 'yes:10'; const from2 = { from: 'no:8' }`
    const { imports } = readSource(text)
    assert.deepEqual(
      imports.map(({ specifier }) => specifier),
      Array.from({ length: 10 }, (_, at) => `yes:${at + 1}`),
    )
    assert.deepEqual(imports[2]?.names, ['default', 'G', 'h'])
    assert.equal(imports[4]?.names, undefined)
    assert.deepEqual(imports[9]?.names, ['from', 'type', 'type'])
  })

  it('reads an escaped specifier as what it loads', () => {
    assert.equal(readSource(`import 'node:\\x66s'`).imports[0]?.specifier, 'node:fs')
  })
})
