import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { startHandfast } from './handfast.ts'
import type { RunningProcess } from './running-process.ts'

/** `handfast demo --json`, its calls made, staying up until it is disposed. */
export interface RunningDemo extends AsyncDisposable {
  readonly process: RunningProcess
  readonly gatewayPort: number
  readonly restUrl: string
  readonly allowListUrl: string
  readonly holdingId: string
  readonly rootFile: string
  /** Client B's, which is on the allow-list. */
  readonly certificateFile: string
  readonly keyFile: string
  /** Of the REST API. */
  readonly user: string
  readonly password: string
}

export async function startDemo(): Promise<RunningDemo> {
  await using stack = new AsyncDisposableStack()
  const running = stack.use(startHandfast(['demo', '--json']))
  const [text] = await running.waitFor('stdout', /^\{\n[^]*^\}$/m)
  const data: unknown = JSON.parse(text)
  assert.ok(isDemoData(data), text)
  const [, user = '', password = ''] =
    /^user = "([^:]+):(.*)"$/m.exec(await readFile(data.rest.curlConfigFile, 'utf8')) ?? []
  const owned = stack.move()
  return {
    process: running,
    gatewayPort: Number(new URL(data.gateway.url).port),
    restUrl: data.rest.url,
    allowListUrl: data.rest.allowList,
    holdingId: data.holdingId,
    rootFile: data.rootFile,
    ...data.client,
    user,
    password,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

interface DemoData {
  readonly gateway: { readonly url: string }
  readonly rest: {
    readonly url: string
    readonly allowList: string
    readonly curlConfigFile: string
  }
  readonly holdingId: string
  readonly rootFile: string
  readonly client: { readonly certificateFile: string; readonly keyFile: string }
}

function isDemoData(value: unknown): value is DemoData {
  const keys = ['gateway', 'rest', 'holdingId', 'rootFile', 'client']
  return typeof value === 'object' && value !== null && keys.every((key) => key in value)
}
