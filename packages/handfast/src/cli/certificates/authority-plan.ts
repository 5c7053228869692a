import type { KeyAlgorithm, Name } from '@handfast/kit/x509'
import { commonNameOid, nameValues, parseName } from '@handfast/kit/x509'
import { caNameKey, checkLabel } from '../../authority/issuer.ts'
import { authorityProfiles } from '../../authority/profiles.ts'
import { checkSubject } from '../../authority/subject-policy.ts'
import { planValidity } from '../../authority/validity.ts'
import { usageError } from '../output.ts'
import { parseAlgorithm, parseDays, parseSubject } from './option-values.ts'

export interface PlanOptions {
  readonly organization?: string
  readonly country?: string
  readonly locality?: string
  readonly rootSubject?: string
  readonly intermediateSubject?: string
  readonly label?: string
  readonly rootAlgorithm?: string
  readonly algorithm?: string
  readonly rootDays?: string
  readonly days?: string
}

export interface PlannedIssuer {
  readonly label: string
  readonly name: Name
  readonly algorithm?: KeyAlgorithm
  readonly lifetimeDays?: number
}

export interface AuthorityPlan {
  readonly root: PlannedIssuer
  readonly intermediate: PlannedIssuer
}

/**
 * What `ca init` is going to make. Root and intermediate are two transactions, so whatever the authority would refuse
 * about the second is refused here, before the first.
 * @throws {CliError} usage
 * @throws {AuthorityError} label-malformed, subject-not-allowed, subject-of-a-ca, lifetime-not-allowed
 */
export function planAuthority(options: PlanOptions, now: Date): AuthorityPlan {
  const label = options.label ?? labelOf(options)
  const plan = {
    root: plannedIssuer(`${label}-root`, {
      name: subjectOf(options, {
        text: options.rootSubject,
        option: '--root-subject',
        role: 'Root CA',
      }),
      algorithm: options.rootAlgorithm && parseAlgorithm(options.rootAlgorithm, '--root-algorithm'),
      days: options.rootDays && parseDays(options.rootDays, '--root-days'),
    }),
    intermediate: plannedIssuer(label, {
      name: subjectOf(options, {
        text: options.intermediateSubject,
        option: '--intermediate-subject',
        role: 'Issuing CA',
      }),
      algorithm: options.algorithm && parseAlgorithm(options.algorithm),
      days: options.days && parseDays(options.days),
    }),
  }
  checkPlan(plan, now)
  return plan
}

function checkPlan({ root, intermediate }: AuthorityPlan, now: Date): void {
  for (const { label, name } of [root, intermediate]) {
    checkLabel(label)
    checkSubject(name, { hasNames: false })
  }
  planValidity({ now, profile: authorityProfiles.root, lifetimeDays: root.lifetimeDays })
  planValidity({
    now,
    profile: authorityProfiles.intermediate,
    lifetimeDays: intermediate.lifetimeDays,
  })
  if (caNameKey(root.name) !== caNameKey(intermediate.name)) return
  throw usageError(
    'Cannot make a root and an intermediate of one subject: verifiers could not tell them apart',
    'Give them different subjects with --root-subject and --intermediate-subject',
  )
}

function plannedIssuer(
  label: string,
  given: {
    readonly name: Name
    readonly algorithm: KeyAlgorithm | '' | undefined
    readonly days: number | '' | undefined
  },
): PlannedIssuer {
  const { name, algorithm, days } = given
  return {
    label,
    name,
    ...(algorithm && { algorithm }),
    ...(days && { lifetimeDays: days }),
  }
}

function subjectOf(
  { organization, locality, country }: PlanOptions,
  {
    text,
    option,
    role,
  }: { readonly text: string | undefined; readonly option: string; readonly role: string },
): Name {
  if (text !== undefined) return parseSubject(text, option)
  if (organization === undefined || organization.trim() === '') {
    throw usageError(
      'Cannot name the CA: neither --organization nor both subjects are given',
      'Add --organization "Your organisation", or --root-subject and --intermediate-subject',
    )
  }
  const parts = [
    ['CN', `${organization.trim()} ${role}`],
    ['O', organization],
    ['L', locality],
    ['C', country],
  ].flatMap(([type = '', value]) =>
    value === undefined ? [] : `${type}=${escapeValue(value.trim())}`,
  )
  return parseName(parts.join(','))
}

/** RFC 4514 §2.4; the options are plain text, not name syntax. */
function escapeValue(value: string): string {
  return value.replaceAll(/["+,;<>\\]/g, '\\$&').replace(/^#/, '\\#')
}

/** `Société Générale` → `societe-generale` */
function labelOf({ organization, intermediateSubject }: PlanOptions): string {
  const text = organization ?? commonNameOf(intermediateSubject) ?? ''
  const slug = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    // 64 characters are the limit, and the root's label is 5 longer.
    .slice(0, 59)
    .replaceAll(/^-|-$/g, '')
  if (slug !== '') return slug
  throw usageError(
    'Cannot choose a label for the CA: its name has no letters to make one of',
    'Add --label, such as --label example',
  )
}

function commonNameOf(subject: string | undefined): string | undefined {
  if (subject === undefined) return undefined
  return nameValues(parseSubject(subject, '--intermediate-subject'), commonNameOid)[0]
}
