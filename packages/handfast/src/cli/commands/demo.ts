import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { describeEvent } from '../describe-event.ts'
import { demoData, formatCommands, formatStep, picture } from '../demo/report.ts'
import { setStage } from '../demo/stage.ts'
import type { Stage } from '../demo/stage.ts'
import { runSteps } from '../demo/steps.ts'
import type { StepResult } from '../demo/steps.ts'
import { CliError } from '../errors.ts'
import { systemReason } from '../files.ts'
import { printJson, printText, speak } from '../output.ts'
import { StopSignal } from '../signals.ts'

interface DemoOptions {
  readonly dir?: string
  readonly exit?: boolean
  readonly json?: boolean
  readonly verbose?: boolean
}

const examples = `
Everything happens on this machine's loopback, with keys and certificates made for the occasion.

Examples:
  handfast demo                  make the calls, print commands to try, stay up until Ctrl-C
  handfast demo --exit           end after the calls: status 0 if every outcome was the expected one
  handfast demo --exit --json    the outcomes as data
  handfast demo --dir ./demo     keep the files in a folder of yours`

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'Two organisations, a gateway, a backend: see who is accepted and why the others are refused',
    )
    .option(
      '--dir <dir>',
      'keep the files in this new or empty folder; else a temporary one that is removed',
    )
    .option('--exit', 'end after the calls')
    .option('--json', 'print the outcomes as JSON')
    .option('--verbose', 'print what the cluster tells as it happens')
    .addHelpText('after', examples)
    .action(demo)
}

async function demo({
  dir,
  exit = false,
  json = false,
  verbose = false,
}: DemoOptions): Promise<void> {
  // From the start: Ctrl-C in the middle of the calls must clean up as well.
  using signal = new StopSignal()
  await using folder = await openFolder(dir)
  let stopping = false
  void signal.stopped.then(() => {
    stopping = true
    speak('Stopping')
  })
  const tell = (line: string): void => {
    if (stopping) throw new StoppedError()
    speak(`  ${line}`)
  }
  if (!json) printText(picture)
  // Once the demo's own calls are made, whoever calls wants to see what the gateway says.
  let visiting = false
  const events = {
    emit: (event: Parameters<typeof describeEvent>[0]) => {
      const line = verbose || visiting ? describeEvent(event) : undefined
      if (line !== undefined) speak(`    ${line}`)
    },
  }
  await using stage = await setStage({ folder: folder.path, tell, events }).catch(
    nothingWhenStopped,
  )
  if (stage === undefined) return
  const outcome = await Promise.race([
    runAll(stage, { json }),
    signal.stopped.then(() => undefined),
  ])
  if (outcome === undefined) return
  if (json) printJson(demoData(stage, outcome))
  summarize(outcome)
  if (!exit) {
    if (!json) printText(`\n${formatCommands(stage)}\n`)
    visiting = !json
    speak(`Everything stays up until you press Ctrl-C (or: kill ${process.pid}).`)
    await signal.stopped
  }
}

/** Ctrl-C came while the stage was being set. */
class StoppedError extends Error {
  override readonly name = 'StoppedError'
}

function nothingWhenStopped(error: unknown): undefined {
  if (!(error instanceof StoppedError)) throw error
}

async function runAll(
  stage: Stage,
  { json }: { readonly json: boolean },
): Promise<readonly StepResult[]> {
  const results: StepResult[] = []
  if (!json) printText('')
  for await (const step of runSteps(stage)) {
    results.push(step)
    if (!json) printText(formatStep(step, results.length))
  }
  return results
}

function summarize(steps: readonly StepResult[]): void {
  const wrong = steps.filter(({ ok }) => !ok).length
  if (wrong === 0) {
    speak(`\nEvery one of the ${steps.length} outcomes was the expected one.`)
    return
  }
  throw new CliError(
    'demo-failed',
    `Cannot call the demo a success: ${wrong} of ${steps.length} outcomes were not the expected ones`,
    {
      hint: 'Run it again with --verbose, and report what it prints',
    },
  )
}

interface Folder extends AsyncDisposable {
  readonly path: string
}

async function openFolder(dir: string | undefined): Promise<Folder> {
  if (dir === undefined) {
    const path = await realpath(await mkdtemp(join(tmpdir(), 'handfast-demo-')))
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
  }
  const path = resolve(dir)
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    const entries = await readdir(path)
    if (entries.length > 0) throw new Error('it is not empty')
  } catch (cause) {
    throw new CliError('file-unwritable', `Cannot use folder "${path}": ${systemReason(cause)}`, {
      cause,
      details: { folder: path },
      hint: 'Name a folder that is new or empty with --dir, or leave --dir out',
    })
  }
  return { path, [Symbol.asyncDispose]: () => Promise.resolve() }
}
