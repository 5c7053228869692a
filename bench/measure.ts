/** One thing to time. `prepare` is not timed; what it gives is used once. */
export interface Case {
  readonly name: string
  /** Makes the work of one round. */
  readonly prepare: () => readonly (() => unknown)[]
}

const rounds = 15

/** Times the cases in turns, so that a noisy neighbour strikes all alike; the first two rounds warm up. */
export async function measure(cases: readonly Case[]): Promise<ReadonlyMap<string, number>> {
  const samples = new Map<string, number[]>(cases.map(({ name }) => [name, []]))
  for (let round = -2; round < rounds; round += 1) {
    for (const { name, prepare } of cases) {
      const work = prepare()
      const start = performance.now()
      for (const run of work) await run()
      const each = ((performance.now() - start) * 1000) / work.length
      if (round >= 0) samples.get(name)?.push(each)
    }
  }
  return new Map([...samples].map(([name, values]) => [name, median(values)]))
}

/** The same work a number of times. */
export function repeat(name: string, times: number, run: () => unknown): Case {
  const work = Array.from({ length: times }, () => run)
  return { name, prepare: () => work }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
