import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { mainFile, runHandfast, startHandfast } from '../support/handfast.ts'
import { runCommand } from '../support/run-command.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'

interface Demo {
  readonly ok: boolean
  readonly steps: readonly {
    readonly expected: string
    readonly actual: string
    readonly code?: string
    readonly seen: string
    readonly elapsedMs?: number
    readonly ok: boolean
  }[]
}

function isDemo(value: unknown): value is Demo {
  return (
    typeof value === 'object' && value !== null && 'steps' in value && Array.isArray(value.steps)
  )
}

test('handfast demo --exit --json ends with 0 and every outcome as expected', async () => {
  await using home = await makeTemporaryFolder()
  const env = { TMPDIR: home.path }
  const { status, stdout, stderr } = await runHandfast(['demo', '--exit', '--json'], { env })
  assert.equal(status, 0, stderr)
  const demo: unknown = JSON.parse(stdout)
  assert.ok(isDemo(demo))
  assert.equal(demo.ok, true)
  const outcomes = demo.steps.map(({ actual, code }) => code ?? actual)
  assert.deepEqual(outcomes, [
    'accepted',
    'HF-T101',
    'HF-T112',
    'HF-T104',
    'done',
    'accepted',
    'HF-T104',
    'HF-T132',
    'HF-T134',
  ])
  // The peer of another authority is told nothing that it could use.
  assert.equal(demo.steps[2]?.seen, 'HTTP 403 HF-T100')
  const cut = demo.steps[6]
  assert.equal(cut?.actual, 'cut')
  assert.ok((cut?.elapsedMs ?? 0) > 0)
  assert.deepEqual(await readdir(home.path), [], 'the temporary folder is gone')
})

test('handfast demo stays up until Ctrl-C, then cleans up and ends with 0', async () => {
  await using home = await makeTemporaryFolder()
  await using demo = startHandfast(['demo'], { env: { TMPDIR: home.path } })
  await demo.waitFor('stderr', /until you press Ctrl-C/)
  assert.equal((await readdir(home.path)).length, 1)
  const { status } = await demo.stop('SIGINT')
  assert.equal(status, 0)
  assert.match(demo.stdout, /curl --cacert /)
  assert.deepEqual(await readdir(home.path), [])
})

test('handfast demo ended in the middle of its calls cleans up', async () => {
  await using home = await makeTemporaryFolder()
  await using demo = startHandfast(['demo'], { env: { TMPDIR: home.path } })
  await demo.waitFor('stderr', /each make a root/)
  const { status } = await demo.stop('SIGTERM')
  assert.equal(status, 0)
  assert.deepEqual(await readdir(home.path), [])
})

test('handfast demo --dir keeps its files, and refuses a folder that is not empty', async () => {
  await using folder = await makeTemporaryFolder()
  const first = await runHandfast(['demo', '--exit', '--dir', folder.path])
  assert.equal(first.status, 0, first.stderr)
  assert.deepEqual((await readdir(folder.path)).toSorted(), ['client-b', 'client-c'])
  const second = await runHandfast(['demo', '--exit', '--dir', folder.path])
  assert.equal(second.status, 1)
  assert.match(second.stderr, /HF-U103/)
  assert.match(second.stderr, /hint: /)
})

test(
  'handfast demo whose output nobody reads any more cleans up',
  { skip: process.platform === 'win32' && 'needs bash' },
  async () => {
    await using home = await makeTemporaryFolder()
    const script = `"${process.execPath}" "${mainFile}" demo 2>"$TMPDIR/../stderr-$$" | head -n 1; cat "$TMPDIR/../stderr-$$"; rm "$TMPDIR/../stderr-$$"`
    const { status, stdout } = await runCommand(['bash', '-c', script], {
      env: { TMPDIR: home.path },
    })
    assert.equal(status, 0)
    assert.doesNotMatch(stdout, /EPIPE|\n\s+at /)
    assert.deepEqual(await readdir(home.path), [])
  },
)

test('handfast demo in colour sends no escaped escapes', async () => {
  await using home = await makeTemporaryFolder()
  const env = { TMPDIR: home.path, FORCE_COLOR: '1' }
  const { status, stdout } = await runHandfast(['demo', '--exit'], { env })
  assert.equal(status, 0)
  assert.ok(stdout.includes('\u001b[32m'))
  assert.doesNotMatch(stdout, /\\u001b/)
})
