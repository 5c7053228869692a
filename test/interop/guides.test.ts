import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { runGuide } from '../support/guide.ts'

const programs = ['curl', 'openssl'] as const
const missing = programs.filter((program) => spawnSync(program, ['--version']).error !== undefined)

for (const name of readdirSync(new URL('../../docs/guide/', import.meta.url))) {
  const skip = missing.length > 0 && `not installed: ${missing.join(', ')}`
  test(`docs/guide/${name}: all its commands end with 0`, { skip }, async () => {
    const { status, output } = await runGuide(`docs/guide/${name}`, { programs })
    assert.equal(status, 0, output)
  })
}
