import assert from 'node:assert/strict'
import { RunningProcess } from './running-process.ts'
import type { Exit, StartOptions } from './running-process.ts'

export interface CommandResult extends Exit {
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions extends StartOptions {
  readonly input?: string
  readonly timeoutMs?: number
}

/** Runs a program to its end. */
export async function runCommand(
  command: readonly [string, ...string[]],
  { input = '', timeoutMs, ...options }: CommandOptions = {},
): Promise<CommandResult> {
  await using running = new RunningProcess(command, options)
  running.write(input)
  running.endInput()
  const exit = await running.end(timeoutMs === undefined ? {} : { timeoutMs })
  return { ...exit, stdout: running.stdout, stderr: running.stderr }
}

/** Runs a program that must succeed, and gives what it printed. */
export async function succeed(
  command: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await runCommand(command, options)
  const { status, stdout, stderr } = result
  assert.equal(
    status,
    0,
    `${command.join(' ')} failed\n--- stdout\n${stdout}\n--- stderr\n${stderr}`,
  )
  return result
}

export interface ScriptOptions extends StartOptions {
  /** What a person types at each prompt, in order. */
  readonly answers?: readonly Answer[]
}

export type Answer = readonly [prompt: RegExp, typed: string]

/** Runs lines as a person does who copies them into bash, and answers the prompts. */
export async function runScript(
  script: string,
  { answers = [], ...options }: ScriptOptions,
): Promise<CommandResult> {
  const command = ['bash', '-euo', 'pipefail', '-c', script] as const
  await using running = new RunningProcess(command, options)
  for (const [prompt, typed] of answers) {
    await running.waitFor('stderr', prompt)
    running.write(`${typed}\n`)
  }
  running.endInput()
  const exit = await running.end()
  const { stdout, stderr } = running
  assert.equal(
    exit.status,
    0,
    `bash failed\n${script}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`,
  )
  return { ...exit, stdout, stderr }
}
