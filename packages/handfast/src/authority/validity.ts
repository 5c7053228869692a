import type { Certificate } from '@handfast/kit/x509'
import { AuthorityError } from './errors.ts'
import type { AuthorityIssuer } from './issuer.ts'
import { dayMs, limits } from './limits.ts'
import type { LifetimeDays } from './profiles.ts'
import { subjectText } from './text.ts'

/** When a certificate is valid. */
export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
  /** Set when the issuer ends first. */
  readonly clamped?: Clamped
}

export interface Clamped {
  readonly requested: Date
  readonly granted: Date
}

export interface LifetimeRequest {
  readonly now: Date
  readonly profile: { readonly name: string; readonly lifetimeDays: LifetimeDays }
  readonly lifetimeDays?: number | undefined
}

/**
 * From five minutes ago until the lifetime ends, and never outside the validity of the issuers above.
 * @throws {AuthorityError} lifetime-not-allowed, issuer-expired, issuer-not-yet-valid
 */
export function planValidity(request: LifetimeRequest, issuer?: AuthorityIssuer): Validity {
  const days = checkLifetime(request)
  const above = issuer === undefined ? [] : [issuer.certificate, ...issuer.chain]
  for (const certificate of above) checkIssuerDates(certificate, request.now)
  const now = wholeSeconds(request.now.getTime())
  const requested = wholeSeconds(now + days * dayMs)
  const notBefore = Math.max(now - limits.backdateMs, ...above.map(times).map(([from]) => from))
  const notAfter = Math.min(requested, ...above.map(times).map(([, to]) => to))
  return {
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    ...(notAfter < requested && {
      clamped: { requested: new Date(requested), granted: new Date(notAfter) },
    }),
  }
}

function checkIssuerDates(certificate: Certificate, now: Date): void {
  const name = subjectText(certificate.subject)
  if (now > endOfSecond(certificate.notAfter)) {
    throw new AuthorityError(
      'issuer-expired',
      `Cannot use issuer "${name}": it expired at ${certificate.notAfter.toISOString()}`,
      { hint: 'Make a new one with `handfast ca init`, and distribute its root before it signs' },
    )
  }
  if (now < certificate.notBefore) {
    throw new AuthorityError(
      'issuer-not-yet-valid',
      `Cannot use issuer "${name}": it is not valid before ${certificate.notBefore.toISOString()}`,
      { hint: 'Check the clock of this machine' },
    )
  }
}

function checkLifetime({ profile, lifetimeDays }: LifetimeRequest): number {
  const days = lifetimeDays ?? profile.lifetimeDays.default
  const { max } = profile.lifetimeDays
  // A second is the smallest step that a certificate can say.
  if (Number.isFinite(days) && days * dayMs >= 1000 && days <= max) return days
  throw new AuthorityError(
    'lifetime-not-allowed',
    `Cannot issue a certificate for ${days} days: profile "${profile.name}" allows up to ${max}`,
    { hint: `Ask for at most ${max} days, and renew in time` },
  )
}

function times({ notBefore, notAfter }: Certificate): [number, number] {
  return [notBefore.getTime(), notAfter.getTime()]
}

// RFC 5280 §4.1.2.5: notAfter is inclusive, and has no fractions.
function endOfSecond(date: Date): Date {
  return new Date(date.getTime() + 999)
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}
