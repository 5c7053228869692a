import type { HandfastError } from '../base/error.ts'
import { refusalCatalogue } from './refusal-catalogue.ts'
import type { RefusalName } from './refusal-catalogue.ts'

/** Why a peer is refused: one object for the log, the problem that a client reads, and whoever diagnoses. */
export interface Refusal {
  /** `HF-T104`, stable. */
  readonly code: string
  /** `name-not-allowed`, stable. */
  readonly name: RefusalName
  /** What was found, in one line. */
  readonly what: string
  readonly why: string
  /** What a person can do. */
  readonly fix: string
  /** Names, dates, serial numbers: what a person needs to find the certificate. */
  readonly evidence: Readonly<Record<string, string>>
}

export interface RefusalFinding {
  /** Details after the refusal's title. */
  readonly found?: string
  readonly evidence?: Readonly<Record<string, string>>
}

export function refusal(name: RefusalName, { found, evidence = {} }: RefusalFinding = {}): Refusal {
  const { code, title, why, fix } = refusalCatalogue[name]
  return {
    code,
    name,
    what: found === undefined ? title : `${title}: ${found}`,
    why,
    fix,
    evidence,
  }
}

/** The refusal for a judgement that itself failed. */
export function judgementFailed(cause: HandfastError | Error): Refusal {
  return refusal('judgement-failed', { found: cause.message })
}

const severity: ReadonlyMap<string, number> = new Map(
  Object.keys(refusalCatalogue).map((name, index) => [name, index]),
)

/** Worst first: the catalogue's order. */
export function bySeverity(a: Refusal, b: Refusal): number {
  return (severity.get(a.name) ?? 0) - (severity.get(b.name) ?? 0)
}
