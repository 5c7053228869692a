import { formatName } from '@handfast/kit/x509'
import type { Name } from '@handfast/kit/x509'

/** Something left out or worth knowing, and why. */
export interface Note {
  readonly what: string
  readonly why: string
}

// Control characters, and those that reorder text: what a person confirms on a screen must be what is signed.
const unprintable = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/u

export function isPrintable(text: string): boolean {
  return !unprintable.test(text)
}

/** Others' text as messages, logs and audit rows may carry it: no control characters, no novels. */
export function printable(text: string): string {
  const clean = text.replaceAll(new RegExp(unprintable, 'gu'), '\uFFFD')
  return clean.length > 300 ? `${clean.slice(0, 300)}…` : clean
}

/** A subject as people read it. */
export function subjectText(subject: Name): string {
  return subject.rdns.length === 0 ? '(no subject)' : printable(formatName(subject))
}
