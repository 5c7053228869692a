/** Waits for Ctrl-C or SIGTERM, and keeps the process alive meanwhile. A second Ctrl-C ends it at once. */
export class StopSignal implements Disposable {
  /** Fulfils at the first signal; never otherwise. */
  readonly stopped: Promise<void>
  readonly #end: () => void

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>()
    const alive = setInterval(() => undefined, 60_000)
    this.stopped = promise
    this.#end = () => {
      clearInterval(alive)
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
    }
    const stop = (): void => {
      this.#end()
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  }

  [Symbol.dispose](): void {
    this.#end()
  }
}

export function onSignal(signal: NodeJS.Signals, fn: () => void): Disposable {
  process.on(signal, fn)
  return { [Symbol.dispose]: () => process.off(signal, fn) }
}

/**
 * When whoever read our output has gone (`| head`), stop as at SIGTERM, so that what is temporary is removed; a command
 * that does not wait for signals goes on to its end, unheard.
 */
export function stopWhenOutputCloses(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.emit('SIGTERM', 'SIGTERM')
    })
  }
}
