/** Ends what it was returned for; calling it again does nothing. */
export type Cancel = () => void

/** Where a room takes the time from, so that tests own it. */
export interface Clock {
  now(): Date
  /** Calls `fn` once, at `at` or as soon after as the process can; never keeps the process alive. */
  schedule(at: Date, fn: () => void): Cancel
}

// Timers stand still while a machine sleeps, and know nothing of a clock that was set: look at it again every hour. It
// also keeps clear of setTimeout's limit of 2^31 - 1 ms (24.8 days), beyond which Node fires at once.
const longestDelayMs = 60 * 60 * 1000

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  schedule(at, fn) {
    let timer: ReturnType<typeof setTimeout> | undefined
    const arm = (): void => {
      const delayMs = Math.max(0, at.getTime() - Date.now())
      // A timer may be a millisecond early by the clock.
      timer = setTimeout(
        () => (at.getTime() > Date.now() ? arm() : fn()),
        Math.min(delayMs, longestDelayMs),
      )
      timer.unref()
    }
    arm()
    return () => clearTimeout(timer)
  },
}
