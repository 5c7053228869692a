import { createHash } from 'node:crypto'
import type { GatewayState } from './state.ts'

/** SHA-256 (lower-case hex) of a state's canonical JSON: two sides that hold the same state compute the same digest. */
export function stateDigest(state: GatewayState): string {
  return createHash('sha256').update(canonicalJson(state)).digest('hex')
}

/** JSON with sorted keys, without spaces and without absent members; for JSON-serialisable values only. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => sorted(member))
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))),
  )
}
