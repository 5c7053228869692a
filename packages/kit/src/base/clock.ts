/** Ends what it was returned for; calling it again does nothing. */
export type Cancel = () => void

/** Where a room takes the time from, so that tests own it. */
export interface Clock {
  now(): Date
  /** Calls `fn` once, at `at` or as soon after as the process can; never keeps the process alive. */
  schedule(at: Date, fn: () => void): Cancel
}

// setTimeout's delay is a signed 32-bit number of milliseconds (24.8 days): beyond it Node fires at once.
const longestDelayMs = 2 ** 31 - 1

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  schedule(at, fn) {
    let timer: ReturnType<typeof setTimeout> | undefined
    const arm = (): void => {
      const delayMs = Math.max(0, at.getTime() - Date.now())
      timer = setTimeout(
        () => (delayMs > longestDelayMs ? arm() : fn()),
        Math.min(delayMs, longestDelayMs),
      )
      timer.unref()
    }
    arm()
    return () => clearTimeout(timer)
  },
}
