import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { golden } from '../../test/fixtures.ts'
import { judgeLimboCase, limboCases } from '../../test/limbo.ts'
import type { LimboAnswer, LimboOutcome } from '../../test/limbo.ts'

const baseline = JSON.parse(golden('limbo/baseline.json').toString('utf8')) as Readonly<
  Record<string, Readonly<Record<string, LimboAnswer>>>
>

// The least that each suite agrees to, of as many as it has; cases that need a CRL are neither.
const floors = {
  'limbo-core': { cases: 208, agreeing: 193 },
  'limbo-mtls': { cases: 158, agreeing: 148 },
} as const

const nonFeatures = readFileSync(
  new URL('../../../../docs/non-features.md', import.meta.url),
  'utf8',
)

for (const suite of ['limbo-core', 'limbo-mtls'] as const) {
  describe(`findPaths() on ${suite}`, () => {
    const answers = new Map(limboCases(suite).map((each) => [each.id, judgeLimboCase(each)]))
    const having = (wanted: LimboOutcome): readonly string[] =>
      [...answers].filter(([, answer]) => answer.endsWith(`: ${wanted}`)).map(([id]) => id)

    it('decides as the baseline says: change fixtures/limbo/baseline.json with what it is to say', () => {
      const known = baseline[suite] ?? {}
      const changed = [...answers].filter(([id, answer]) => known[id] !== answer)
      assert.deepEqual(Object.fromEntries(changed), {})
      assert.equal(Object.keys(known).length, answers.size)
    })

    it('agrees at least as often as it did', () => {
      const { cases, agreeing } = floors[suite]
      assert.equal(answers.size, cases)
      assert.ok(having('agree').length >= agreeing, `${having('agree').length}`)
    })

    it('accepts wrongly what docs/non-features.md gives a reason for, and nothing else', () => {
      const listed = having('false accept').filter((id) => !nonFeatures.includes(`| \`${id}\` |`))
      assert.deepEqual(listed, [])
    })

    it('refuses wrongly what docs/non-features.md gives a reason for, and nothing else', () => {
      const listed = having('false refuse').filter((id) => !nonFeatures.includes(`| \`${id}\` |`))
      assert.deepEqual(listed, [])
    })
  })
}

describe('docs/non-features.md', () => {
  it('lists no case on which there is agreement', () => {
    const listed = [...nonFeatures.matchAll(/^\| `([a-z0-9]+::[^`]+)` \|/gm)].map(([, id]) => id)
    const disagreed = new Set(
      Object.values(baseline).flatMap((answers) =>
        Object.entries(answers).flatMap(([id, answer]) => (/: false /.test(answer) ? id : [])),
      ),
    )
    assert.ok(listed.length > 0)
    assert.deepEqual(new Set(listed), disagreed)
  })
})
