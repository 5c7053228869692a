import { makeCases, parseCases } from './certificates.ts'
import { measure } from './measure.ts'
import { verifyCases } from './verify.ts'

// Times depend on the machine; the ratios are what we promise, each from one run.

interface Ratio {
  readonly what: string
  readonly of: string
  readonly to: string
  /** What the ratio should stay below. */
  readonly goal?: number
}

const ratios: readonly Ratio[] = [
  {
    what: 'a chain of 3 / its signature checks',
    of: 'verify, all new',
    to: 'two signature checks',
    goal: 2,
  },
  {
    what: 'CA links seen before / the leaf’s check',
    of: 'verify, CA links seen before',
    to: 'one signature check',
    goal: 1.2,
  },
  {
    what: '1,000 anchors / one',
    of: 'verify among 1,000 anchors',
    to: 'verify, all new',
    goal: 1.1,
  },
  { what: 'parse: handfast / pkijs', of: 'parse: handfast', to: 'parse: pkijs', goal: 1 },
  {
    what: 'parse: handfast / @peculiar/x509',
    of: 'parse: handfast',
    to: 'parse: @peculiar/x509',
    goal: 1,
  },
  { what: 'make: handfast / pkijs', of: 'make: handfast', to: 'make: pkijs', goal: 1 },
  {
    what: 'make: handfast / @peculiar/x509',
    of: 'make: handfast',
    to: 'make: @peculiar/x509',
    goal: 1,
  },
]

const times = new Map<string, number>()
for (const cases of [await verifyCases(), await parseCases(), await makeCases()]) {
  for (const [name, microseconds] of await measure(cases)) times.set(name, microseconds)
}
const results = ratios.map(({ what, of, to, goal }) => ({
  what,
  ratio: rounded((times.get(of) ?? Number.NaN) / (times.get(to) ?? Number.NaN)),
  goal,
}))

if (process.argv.includes('--json')) {
  const microseconds = Object.fromEntries([...times].map(([name, value]) => [name, rounded(value)]))
  console.log(JSON.stringify({ node: process.version, microseconds, ratios: results }, null, 2))
} else {
  for (const [name, value] of times)
    console.log(`${name.padEnd(42)} ${value.toFixed(1).padStart(9)} µs`)
  console.log()
  for (const { what, ratio, goal } of results) {
    const verdict =
      goal === undefined ? '' : ratio <= goal ? `goal ≤ ${goal}` : `GOAL ≤ ${goal} MISSED`
    console.log(`${what.padEnd(42)} ${ratio.toFixed(2).padStart(9)}    ${verdict}`)
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
