import { HandfastError } from '@handfast/kit/base'
import { keyAlgorithms, parseGeneralName, parseName } from '@handfast/kit/x509'
import type { GeneralName, KeyAlgorithm, Name } from '@handfast/kit/x509'
import { basename } from 'node:path'
import { profiles } from '../../authority/profiles.ts'
import { CliError } from '../errors.ts'
import { nearestWord } from '../nearest.ts'
import { usageError } from '../output.ts'

/** Values of options, each read once: what is wrong with one is the command line's fault (status 2). */

/** @throws {CliError} usage */
export function parseSubject(text: string, option = '--subject'): Name {
  return parsed(option, () => parseName(text))
}

/** @throws {CliError} usage */
export function parseNames(texts: readonly string[]): readonly GeneralName[] {
  return texts.map((text) => parsed('--san', () => parseGeneralName(text)))
}

/** @throws {CliError} usage */
export function parseAlgorithm(text: string, option = '--algorithm'): KeyAlgorithm {
  const found = keyAlgorithms.find((algorithm) => algorithm === text)
  if (found !== undefined) return found
  throw notOneOf(text, { option, known: keyAlgorithms })
}

/** @throws {CliError} usage */
export function parseProfileName(text: string): string {
  const known = Object.keys(profiles)
  if (known.includes(text)) return text
  throw notOneOf(text, { option: '--profile', known })
}

/** @throws {CliError} usage */
export function parseDays(text: string, option = '--days'): number {
  const days = /^\d{1,6}(?:\.\d{1,6})?$/.test(text) ? Number(text) : 0
  if (days > 0) return days
  throw usageError(
    `Cannot use ${option} "${text}": it is not a number of days`,
    'Give a number of days, such as 90',
  )
}

/** A path whose last part is the start of file names. @throws {CliError} usage */
export function parsePrefix(text: string): string {
  if (text !== '' && !/[/\\]$/.test(text) && !['.', '..'].includes(basename(text))) return text
  throw usageError(
    `Cannot use --out "${text}": it names a folder, not files`,
    'Add the start of the file names, such as --out certs/web',
  )
}

/** Collects an option that may be given several times. */
export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value]
}

function parsed<T>(option: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (!(cause instanceof HandfastError)) throw cause
    throw new CliError('usage', `Cannot use ${option}: ${cause.message}`, {
      cause,
      details: { option, cause: cause.code },
      ...(cause.hint !== undefined && { hint: cause.hint }),
    })
  }
}

function notOneOf(
  text: string,
  { option, known }: { readonly option: string; readonly known: readonly string[] },
): CliError {
  const near = nearestWord(text, known)
  const question = near === undefined ? '' : `, did you mean "${near}"?`
  return new CliError(
    'usage',
    `Cannot use ${option} "${text}": there is no such ${option.slice(2)}${question}`,
    {
      details: { option, known },
      hint: `Choose one of: ${known.join(', ')}`,
    },
  )
}
