import { readFileSync } from 'node:fs'
import path from 'node:path'

/** A package.json of ours. */
export interface Manifest {
  readonly fields: Readonly<Record<string, unknown>>
  /** Door → source file. */
  readonly doors: Readonly<Record<string, string>>
}

export function readManifest(folder: string): Manifest {
  const parsed: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const fields = Object.fromEntries(entriesOf(parsed))
  const doors = entriesOf(fields['exports'] ?? {}).map(([door, source]) => {
    if (typeof source !== 'string') throw new TypeError(`Cannot read door "${door}": not one file`)
    return [door, source] as const
  })
  return { fields, doors: Object.fromEntries(doors) }
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) throw new TypeError('Not a JSON object')
  return Object.entries(value)
}
