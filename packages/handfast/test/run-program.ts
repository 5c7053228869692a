import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

/** The real program, in a process of its own. */
export interface ProgramRun {
  /** Null when it had to be killed. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
}

export async function runProgram(
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramRun> {
  return runNode([main, ...args], options)
}

export interface CommandLine extends Omit<ProgramOptions, 'input'> {
  readonly args: readonly string[]
}

/** Many command lines in one process, which starts once: for refusals, of which there are many. */
export async function runEach(lines: readonly CommandLine[]): Promise<readonly ProgramRun[]> {
  const { status, stdout, stderr } = await runNode([batch], {
    cwd: tmpdir(),
    input: JSON.stringify(lines),
  })
  if (status !== 0) throw new Error(`the batch ended with status ${status}: ${stderr}`)
  return JSON.parse(stdout) as readonly ProgramRun[]
}

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const batch = fileURLToPath(new URL('run-each.ts', import.meta.url))

async function runNode(
  command: readonly string[],
  { cwd, env = {}, input = '' }: ProgramOptions,
): Promise<ProgramRun> {
  // Only what is named: a passphrase in the tester's environment must not decide a test.
  const child = spawn(process.execPath, command, {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  // A program that refuses may end before it read its input.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [stdout, stderr, status] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    }),
  ])
  return { status, stdout: stdout.toString(), stderr: stderr.toString() }
}

/** An empty folder that goes with the test; `from` fills it with a copy. */
export async function temporaryFolder(t: TestContext, from?: string): Promise<string> {
  const folder = await makeFolder()
  t.after(() => removeFolder(folder))
  if (from !== undefined) await cp(from, folder, { recursive: true })
  return folder
}

export async function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'handfast-cli-'))
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

export interface Refusal {
  readonly status: number
  readonly code: string
}

/** A refusal as people see it: a code, a hint, nothing on stdout, and never a stack trace. */
export function assertRefused(run: ProgramRun | undefined, { status, code }: Refusal): void {
  assert.ok(run)
  assert.equal(run.status, status, run.stderr)
  assert.equal(run.stdout, '')
  assert.ok(run.stderr.includes(`[${code}]`), run.stderr)
  assert.match(run.stderr, /^hint: /m)
  assert.doesNotMatch(run.stderr, /^\s+at .+:\d+:\d+\)?$/m)
}

/** What `--json` prints, by its path: `field(run, 'root', 'label')`. */
export function jsonField(run: ProgramRun, ...path: readonly (string | number)[]): unknown {
  let value: unknown = JSON.parse(run.stdout)
  for (const key of path) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
  }
  return value
}
