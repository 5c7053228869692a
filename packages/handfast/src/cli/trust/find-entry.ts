import { HandfastError } from '@handfast/kit/base'
import { parseName, sameName } from '@handfast/kit/x509'
import { nameText } from '../certificates/describe-certificate.ts'
import { formatFingerprint } from '../certificates/fingerprints.ts'
import { CliError } from '../errors.ts'
import { usageError } from '../output.ts'
import type { TrustBundle, TrustEntry } from './trust-bundle.ts'

/**
 * The one entry that a fingerprint or a subject means.
 * @throws {CliError} usage | trust-entry-unknown
 */
export function findEntry(
  wanted: string,
  { bundle, entries }: { readonly bundle: TrustBundle; readonly entries: readonly TrustEntry[] },
): TrustEntry {
  const matches = matcher(wanted)
  const [found, ...others] = entries.filter(matches)
  if (found === undefined) {
    throw new CliError(
      'trust-entry-unknown',
      `Cannot remove "${wanted}": bundle "${bundle.name}" holds no such certificate`,
      {
        details: { wanted, bundle: bundle.name },
        hint: 'See what it holds with "handfast trust list"; a subject is compared as a whole',
      },
    )
  }
  if (others.length === 0) return found
  const choices = [found, ...others].map(({ fingerprint }) => formatFingerprint(fingerprint))
  throw usageError(
    `Cannot remove "${wanted}": ${choices.length} certificates have this subject`,
    `Name one by its fingerprint: ${choices.join(', ')}`,
  )
}

function matcher(wanted: string): (entry: TrustEntry) => boolean {
  const hex = wanted.replaceAll(/[:\s]/g, '').toLowerCase()
  if (/^[0-9a-f]{64}$/.test(hex)) return ({ fingerprint }) => fingerprint === hex
  const name = parsedName(wanted)
  return ({ certificate }) =>
    sameName(certificate.subject, name) || nameText(certificate.subject) === wanted
}

function parsedName(text: string): ReturnType<typeof parseName> {
  try {
    return parseName(text)
  } catch (cause) {
    if (!(cause instanceof HandfastError)) throw cause
    throw new CliError(
      'usage',
      `Cannot remove "${text}": it is neither a SHA-256 fingerprint nor a subject`,
      {
        cause,
        hint: 'Copy either from "handfast trust list"; a subject looks like CN=Root,O=Example',
      },
    )
  }
}
