import { AuthorityError } from '../../authority/errors.ts'
import type { AuthorityIssuer } from '../../authority/issuer.ts'
import { nearestWord } from '../nearest.ts'
import { usageError } from '../output.ts'

/**
 * The label of the issuer to sign with: the one that was named, or the only one that has its key and is no root. A
 * root signs leaves only when it is named: it belongs offline.
 * @throws {AuthorityError} issuer-not-found
 * @throws {CliError} usage: several could sign
 */
export function chooseIssuer(
  issuers: readonly AuthorityIssuer[],
  wanted: string | undefined,
): string {
  if (wanted !== undefined) return namedIssuer(issuers, wanted)
  const withKey = issuers.filter(({ hasKey }) => hasKey)
  const candidates = withKey.filter(({ chain }) => chain.length > 0)
  const [only, ...others] = candidates
  if (only !== undefined && others.length === 0) return only.label
  if (withKey.length === 0) {
    throw new AuthorityError('issuer-not-found', 'Cannot sign: no CA with its key is kept here', {
      hint: 'Make one with "handfast ca init", bring one with "handfast ca import", or name another folder with --data',
    })
  }
  const choices = (only === undefined ? withKey : candidates).map(({ label }) => label)
  const why =
    only === undefined ? 'only roots have their keys here' : `${choices.length} could sign`
  throw usageError(
    `Cannot choose an issuer: ${why}`,
    `Add --issuer with one of: ${choices.join(', ')}`,
  )
}

function namedIssuer(issuers: readonly AuthorityIssuer[], wanted: string): string {
  const known = issuers.map(({ label }) => label)
  if (known.includes(wanted)) return wanted
  const near = nearestWord(wanted, known)
  const question = near === undefined ? '' : `, did you mean "${near}"?`
  throw new AuthorityError(
    'issuer-not-found',
    `Cannot find issuer "${wanted}": it is not kept here${question}`,
    {
      details: { known },
      hint:
        known.length === 0
          ? 'Make one with "handfast ca init"'
          : `Choose one of: ${known.join(', ')}`,
    },
  )
}
