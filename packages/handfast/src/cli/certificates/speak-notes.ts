import type { Clamped } from '../../authority/validity.ts'
import type { Note } from '../../authority/text.ts'
import { warn } from '../output.ts'

export interface Decided {
  readonly warnings: readonly Note[]
  readonly clamped?: Clamped | undefined
}

/** What the authority decided that the caller may not expect. */
export function speakWarnings({ warnings, clamped }: Decided): void {
  for (const { what, why } of warnings) warn(`${what}: ${why}`)
  if (clamped === undefined) return
  const { granted, requested } = clamped
  warn(
    `valid until ${granted.toISOString()}, not ${requested.toISOString()}: the issuer ends first`,
  )
}
