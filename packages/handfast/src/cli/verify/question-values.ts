import { isIP } from 'node:net'
import { isDnsName } from '@handfast/kit/x509'
import { usageError } from '../output.ts'

/** @throws {CliError} usage */
export function parseServerName(text: string, option: string): string {
  const name = text.replace(/\.$/, '')
  if (isIP(name) !== 0 || (isDnsName(name) && !name.startsWith('*'))) return text
  throw usageError(
    `Cannot use ${option} "${text}": it is no DNS name and no IP address`,
    `Give the name that clients dial, such as ${option} web.example`,
  )
}

/** A day or a moment, in UTC. @throws {CliError} usage */
export function parseTime(text: string): Date {
  const shape = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/
  const time = shape.test(text) ? new Date(text) : new Date(Number.NaN)
  // `2026-02-30` would become the second of March.
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  const sound = !Number.isNaN(time.getTime()) && day.toISOString().startsWith(text.slice(0, 10))
  if (sound) return time
  throw usageError(
    `Cannot use --at "${text}": it is no time`,
    'Write it as 2027-01-31 or 2027-01-31T12:00:00Z',
  )
}
