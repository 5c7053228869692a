import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { EventEmitter } from 'node:events'

export interface StartOptions {
  readonly cwd?: string
  /** In addition to PATH; nothing else is inherited, so that no `.curlrc` or OPENSSL_CONF of the machine has a say. */
  readonly env?: Readonly<Record<string, string>>
}

export interface Exit {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

const limits = {
  /** RSA-4096 keys take seconds on a busy machine. */
  waitMs: 60_000,
  /** Between asking a process to end and ending it. */
  graceMs: 10_000,
  outputLength: 16 * 1024 * 1024,
}

/** Started processes that have not ended: none may outlive the test run, whatever ends that. */
const alive = new Set<ChildProcessWithoutNullStreams>()

/** A program in a process group of its own: without a terminal it takes its answers from stdin, and ends as a whole. */
export class RunningProcess implements AsyncDisposable {
  readonly exited: Promise<Exit>
  readonly #child: ChildProcessWithoutNullStreams
  readonly #title: string
  readonly #output = { stdout: '', stderr: '' }
  readonly #read = { stdout: 0, stderr: 0 }
  readonly #changes = new EventEmitter()
  #ended = false

  constructor(command: readonly [string, ...string[]], { cwd, env = {} }: StartOptions = {}) {
    const [program, ...args] = command
    this.#title = command.join(' ')
    this.#child = spawn(program, args, {
      cwd,
      env: { PATH: process.env['PATH'], LC_ALL: 'C', ...env },
      detached: true,
    })
    alive.add(this.#child)
    this.#child.stdin.on('error', () => undefined) // A program may end without reading its input.
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#child[stream].setEncoding('utf8').on('data', (text: string) => {
        this.#output[stream] += text
        if (this.#output[stream].length > limits.outputLength) signal(this.#child, 'SIGKILL')
        this.#changes.emit('change')
      })
    }
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', (status, endedBy) => resolve({ status, signal: endedBy }))
    })
    this.exited.catch(() => undefined).finally(() => this.#end())
  }

  get stdout(): string {
    return this.#output.stdout
  }

  get stderr(): string {
    return this.#output.stderr
  }

  /** Waits for text after what was waited for before. */
  async waitFor(
    stream: 'stdout' | 'stderr',
    pattern: RegExp,
    { timeoutMs = limits.waitMs }: { readonly timeoutMs?: number } = {},
  ): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>()
    const look = (): void => {
      const found = pattern.exec(this.#output[stream].slice(this.#read[stream]))
      if (found !== null) {
        this.#read[stream] += found.index + found[0].length
        resolve(found)
      } else if (this.#ended) reject(this.#failure(`ended without ${pattern} on ${stream}`))
    }
    const late = (): void => reject(this.#failure(`no ${pattern} on ${stream} in ${timeoutMs} ms`))
    const timer = setTimeout(late, timeoutMs)
    this.#changes.on('change', look)
    try {
      look()
      return await promise
    } finally {
      clearTimeout(timer)
      this.#changes.off('change', look)
    }
  }

  write(text: string): void {
    this.#child.stdin.write(text)
  }

  endInput(): void {
    this.#child.stdin.end()
  }

  /** Waits for the end that the program comes to by itself. */
  async end({ timeoutMs = limits.waitMs }: { readonly timeoutMs?: number } = {}): Promise<Exit> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => late.reject(this.#failure(`still running after ${timeoutMs} ms`)),
      timeoutMs,
    )
    try {
      return await Promise.race([this.exited, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  send(name: NodeJS.Signals): void {
    signal(this.#child, name)
  }

  /** Asks the process to end, and ends it when it does not. */
  async stop(by: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (!this.#ended) signal(this.#child, by)
    const timer = setTimeout(() => signal(this.#child, 'SIGKILL'), limits.graceMs)
    try {
      return await this.exited
    } finally {
      clearTimeout(timer)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop().catch(() => undefined)
  }

  #end(): void {
    this.#ended = true
    alive.delete(this.#child)
    this.#changes.emit('change')
  }

  #failure(what: string): Error {
    return new Error(
      `${this.#title}: ${what}\n--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}`,
    )
  }
}

/** To the process group, by the id of its leader. */
function signal({ pid }: ChildProcessWithoutNullStreams, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, name)
  } catch {
    // It has ended by itself.
  }
}

function endAll(by: NodeJS.Signals): void {
  for (const child of alive) signal(child, by)
}

process.once('exit', () => endAll('SIGKILL'))
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    // Not SIGKILL: a demo removes its folder first.
    endAll('SIGTERM')
    process.kill(process.pid, name)
  })
}
