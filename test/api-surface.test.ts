import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { it } from 'node:test'
import { renderApiSurface } from '../tools/api-surface.ts'

const folder = new URL('../api/', import.meta.url)

it('api/*.d.ts is the surface that the compiler emits: after a wanted change, run "npm run api"', () => {
  const surface = renderApiSurface()
  const files = [...surface.keys()].map((door) => `${door}.d.ts`)
  assert.deepEqual(readdirSync(folder).toSorted(), files.toSorted())
  for (const [door, text] of surface) {
    assert.equal(readFileSync(new URL(`${door}.d.ts`, folder), 'utf8'), text, door)
  }
})
