import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runGuide } from '../support/guide.ts'

// Blocks that need curl or openssl are executed by test/interop/guides.test.ts.
for (const [guide, blocks] of [
  ['docs/guide/run-a-cluster.md', 7],
  ['docs/guide/sign-for-a-partner.md', 4],
  ['docs/guide/in-your-own-process.md', 4],
  ['docs/guide/trust-stores.md', 5],
] as const) {
  test(
    `${guide}: its commands end with 0`,
    { skip: process.platform === 'win32' && 'needs bash' },
    async () => {
      const { status, output, executed } = await runGuide(guide, { programs: [] })
      assert.equal(status, 0, output)
      assert.equal(executed, blocks)
    },
  )
}
