/** This room's defaults and ceilings, each with its why. */
export const limits = {
  /** A page for people. */
  defaultListRows: 1_000,
  /** What a state is built from at once; held in memory as a whole (some 200 bytes a row of the allow-list). */
  maxListRows: 100_000,
  /** Another process's transaction is a few milliseconds of work; one that lasts longer hangs. */
  busyTimeoutMs: 5_000,
  /** Between two tries for the write lock: short beside a commit (some 5 ms with fsync), and never a busy loop. */
  busyRetryMs: 10,
  /** SQLite's own wait blocks the event loop, so it only bridges moments (WAL recovery, a last reader leaving). */
  blockingTimeoutMs: 5,
  /** Waiting for one's turn in this process. */
  turnTimeoutMs: 10_000,
  maxWaitingTransactions: 1_000,
  /** How soon another process's change is noticed; costs one counter read from shared memory (about 5 µs). */
  watchIntervalMs: 250,
} as const
