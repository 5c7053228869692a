import { text } from 'node:stream/consumers'
import { runProgram } from '../src/cli/program.ts'
import type { CommandLine, ProgramRun } from './run-program.ts'

// A program of its own: runs the command lines that standard input lists, and prints how each ended.

const lines = JSON.parse(await text(process.stdin)) as readonly CommandLine[]
const runs: ProgramRun[] = []
const write = process.stdout.write.bind(process.stdout)
for (const line of lines) runs.push(await runLine(line))
write(JSON.stringify(runs))

async function runLine({ args, cwd, env = {} }: CommandLine): Promise<ProgramRun> {
  const written = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].write = (chunk: Uint8Array | string): boolean => {
      written[stream] += String(chunk)
      return true
    }
  }
  process.chdir(cwd)
  Object.assign(process.env, env)
  const status = await runProgram(args)
  process.exitCode = undefined
  for (const name of Object.keys(env)) delete process.env[name]
  return { status, ...written }
}
