import type { Clamped } from '../../authority/validity.ts'
import type { Note } from '../../authority/text.ts'
import { TrustError, parseMemberName } from '@handfast/kit/trust'
import { formatName } from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import { warn } from '../output.ts'

export interface Decided {
  readonly warnings: readonly Note[]
  readonly clamped?: Clamped | undefined
  /** Of leaves only. */
  readonly profile?: string
  readonly certificate?: Certificate
}

/** What the authority decided that the caller may not expect. */
export function speakWarnings({ warnings, clamped, profile, certificate }: Decided): void {
  for (const { what, why } of warnings) warn(`${what}: ${why}`)
  if (certificate !== undefined && profile !== 'server') warnWhenNoMember(certificate)
  if (clamped === undefined) return
  const { granted, requested } = clamped
  warn(
    `valid until ${granted.toISOString()}, not ${requested.toISOString()}: the issuer ends first`,
  )
}

/** A client that is to be introduced to a gateway needs a name that the gateway's list can hold. */
function warnWhenNoMember({ subject }: Certificate): void {
  try {
    parseMemberName(formatName(subject))
  } catch (error) {
    if (!(error instanceof TrustError)) throw error
    warn(`its subject cannot be put on a gateway's allow-list: ${error.message}`)
  }
}
