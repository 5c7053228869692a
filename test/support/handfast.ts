import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runCommand, succeed } from './run-command.ts'
import type { CommandOptions, CommandResult } from './run-command.ts'
import { RunningProcess } from './running-process.ts'
import type { StartOptions } from './running-process.ts'

/** The program as its users run it: a process of its own, of this very Node. */

export const mainFile: string = path.join(
  import.meta.dirname,
  '../../packages/handfast/src/cli/main.ts',
)

export function startHandfast(args: readonly string[], options: StartOptions = {}): RunningProcess {
  return new RunningProcess([process.execPath, mainFile, ...args], options)
}

export async function runHandfast(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return runCommand([process.execPath, mainFile, ...args], options)
}

/** Runs a command that must succeed, and gives what it printed. */
export async function handfast(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return succeed([process.execPath, mainFile, ...args], options)
}

export interface ClusterFolder {
  readonly path: string
  /** `handfast.yaml`, as data: JSON is YAML. */
  readonly config: object
  /** Its data folder below `path`, when several clusters share that. */
  readonly data?: string
}

export interface RunningCluster extends AsyncDisposable {
  readonly process: RunningProcess
  readonly gatewayPort: number
  readonly restPort: number
  /** Of the allow-list's resource, on `127.0.0.1`. */
  readonly allowListUrl: string
  /** As `curl -u` takes it. */
  readonly user: string
}

const password = 'interop-password'

/** Adds a user and starts `handfast up` in a folder. */
export async function startUp(folder: ClusterFolder): Promise<RunningCluster> {
  const { path: cwd, config, data = 'handfast-data' } = folder
  await writeFile(path.join(cwd, 'handfast.yaml'), JSON.stringify({ dataFolder: data, ...config }))
  const env = { HANDFAST_PASSWORD: password }
  await handfast(['user', 'add', 'admin', '--data', data], { cwd, env })
  await using stack = new AsyncDisposableStack()
  const running = stack.use(startHandfast(['up', '--json'], { cwd }))
  const [line] = await running.waitFor('stdout', /^\{.*"type":"ready".*\}$/m)
  const ready: unknown = JSON.parse(line)
  assert.ok(isReady(ready), line)
  const [listener] = ready.listeners
  assert.ok(listener)
  const owned = stack.move()
  return {
    process: running,
    gatewayPort: listener.port,
    restPort: ready.rest.port,
    allowListUrl: `https://127.0.0.1:${ready.rest.port}/api/v5_1/mgm/${ready.holdingId}/mutual-tls/allowed-client-certificate-subjects`,
    user: `admin:${password}`,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

interface Ready {
  readonly rest: { readonly port: number }
  readonly listeners: readonly { readonly port: number }[]
  readonly holdingId: string
}

function isReady(value: unknown): value is Ready {
  return (
    typeof value === 'object' &&
    value !== null &&
    'rest' in value &&
    'holdingId' in value &&
    'listeners' in value &&
    Array.isArray(value.listeners)
  )
}
