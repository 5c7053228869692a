import { spawnSync } from 'node:child_process'

/** A program that is not ours, as this machine has it. */
export interface ForeignProgram {
  readonly name: ProgramName
  /** What it says of itself; `undefined` when it is not there. */
  readonly version: string | undefined
  /** Why tests with it are skipped; `undefined` when they run. */
  readonly missing: string | undefined
  /** Which package brings it, on Debian and Ubuntu. */
  readonly from: string
}

export type ProgramName = keyof typeof programs

const programs = {
  bash: { asks: ['--version'], wanted: /version ([4-9]|\d\d)/, from: 'apt-get install bash' },
  certtool: {
    asks: ['--version'],
    wanted: /^certtool 3/,
    from: 'apt-get install gnutls-bin',
  },
  curl: { asks: ['--version'], wanted: /^curl /, from: 'apt-get install curl' },
  // Since Java 8u301 both read PBES2 in PKCS#12; `java File.java` needs 11.
  java: {
    asks: ['--version'],
    wanted: /^(?:openjdk|java) (?:1[1-9]|[2-9]\d)/,
    from: 'apt-get install default-jdk-headless',
  },
  keytool: {
    asks: ['-help'],
    wanted: /^Key and Certificate Management Tool/,
    from: 'apt-get install default-jdk-headless',
  },
  ocsptool: {
    asks: ['--version'],
    wanted: /^ocsptool 3/,
    from: 'apt-get install gnutls-bin',
  },
  // macOS has a LibreSSL under this name, which knows none of `-addext`, `-ext`, `pkeyutl -rawin`.
  openssl: { asks: ['version'], wanted: /^OpenSSL [3-9]/, from: 'apt-get install openssl' },
} as const

export const foreignPrograms: readonly ForeignProgram[] = (
  Object.keys(programs) as ProgramName[]
).map(find)

/** Options of a test: it is skipped, with the reason in the report, when a program is missing. */
export function needs(...names: readonly ProgramName[]): { readonly skip: string | false } {
  const reasons = foreignPrograms
    .filter(({ name }) => names.includes(name))
    .flatMap(({ missing }) => missing ?? [])
  return { skip: reasons.length === 0 ? false : reasons.join(', ') }
}

function find(name: ProgramName): ForeignProgram {
  const { asks, wanted, from } = programs[name]
  const asked = spawnSync(name, asks, { encoding: 'utf8', timeout: 20_000 })
  if (asked.error !== undefined) {
    return { name, version: undefined, missing: `${name} is not installed`, from }
  }
  const version = `${asked.stdout}${asked.stderr}`.split('\n')[0]?.trim() ?? ''
  const missing = wanted.test(version) ? undefined : `${name} is too old or another one: ${version}`
  return { name, version, missing, from }
}
