const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

export interface Period {
  readonly notBefore: Date
  readonly notAfter: Date
}

/** `expires in 12 days`, `expired 3 hours ago`, `begins in 2 days`. */
export function describePeriod({ notBefore, notAfter }: Period, at: Date): string {
  if (at < notBefore) return `begins in ${describeSpan(notBefore.getTime() - at.getTime())}`
  const left = notAfter.getTime() - at.getTime()
  return left < 0 ? `expired ${describeSpan(-left)} ago` : `expires in ${describeSpan(left)}`
}

/** Cut to the largest unit that is not fooled by rounding: `47 hours`, `2 days`, `59 minutes`. */
export function describeSpan(ms: number): string {
  if (ms >= 2 * dayMs) return count(ms / dayMs, 'day')
  if (ms >= 2 * hourMs) return count(ms / hourMs, 'hour')
  return count(ms / minuteMs, 'minute')
}

/**
 * Near its end: in the last third of its life, when it should have been renewed, and at most 30 days before.
 */
export function expiresSoon({ notBefore, notAfter }: Period, at: Date): boolean {
  const left = notAfter.getTime() - at.getTime()
  const life = notAfter.getTime() - notBefore.getTime()
  return left >= 0 && left < Math.min(30 * dayMs, life / 3)
}

function count(number: number, unit: string): string {
  const whole = Math.floor(number)
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`
}
