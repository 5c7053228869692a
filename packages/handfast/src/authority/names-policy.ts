import { isIP } from 'node:net'
import { formatGeneralName, isDnsName } from '@handfast/kit/x509'
import type { GeneralName } from '@handfast/kit/x509'
import { AuthorityError } from './errors.ts'
import type { AuthorityErrorReason } from './errors.ts'
import { limits } from './limits.ts'
import type { Profile, SubjectAltNameType } from './profiles.ts'
import { printable } from './text.ts'

export type GrantedName = Extract<GeneralName, { type: SubjectAltNameType }>

/**
 * The names that a certificate of this profile may carry: each one allowed, well formed, and once.
 * A name that is not allowed is a refusal, never silently left out: its holder would learn of it in production.
 * @throws {AuthorityError} names-too-many, name-missing, name-type-not-allowed, name-malformed, wildcard-not-allowed
 */
export function checkNames(
  names: readonly GeneralName[],
  profile: Profile,
): readonly GrantedName[] {
  if (names.length > limits.maxSubjectAltNames) {
    throw new AuthorityError(
      'names-too-many',
      `Cannot issue a certificate with ${names.length} names: the limit is ${limits.maxSubjectAltNames}`,
      { hint: 'Split the names over several certificates', details: { names: names.length } },
    )
  }
  const granted = new Map<string, GrantedName>()
  for (const name of names) {
    const checked = checkName(name, profile)
    granted.set(formatGeneralName(checked), checked)
  }
  const { required } = profile.subjectAltNames
  const has = [...granted.values()].some(({ type }) => required.includes(type))
  if (required.length > 0 && !has) throw missing(profile)
  return [...granted.values()]
}

function checkName(name: GeneralName, profile: Profile): GrantedName {
  const { allowed } = profile.subjectAltNames
  if (!isNamed(name) || !allowed.includes(name.type)) {
    throw refusal('name-type-not-allowed', name, {
      problem: `profile "${profile.name}" allows ${allowed.join(', ')} only`,
      hint: 'Say which names to certify, instead of taking them from the request',
    })
  }
  // DNS names compare without case (RFC 4343): one spelling keeps them once.
  const granted = name.type === 'dns' ? { ...name, value: name.value.toLowerCase() } : name
  if (granted.type === 'dns' && granted.value.includes('*')) checkWildcard(granted, profile)
  else {
    const problem = problems[granted.type](granted.value)
    if (problem !== undefined) throw refusal('name-malformed', granted, problem)
  }
  return granted
}

function isNamed(name: GeneralName): name is GrantedName {
  return name.type in problems
}

interface Problem {
  readonly problem: string
  readonly hint: string
}

const problems: Readonly<Record<SubjectAltNameType, (value: string) => Problem | undefined>> = {
  dns: dnsProblem,
  ip: ipProblem,
  uri: uriProblem,
  email: emailProblem,
}

function dnsProblem(value: string): Problem | undefined {
  // A DNS name that looks like an address never matches one.
  if (isIP(value) !== 0) return { problem: 'it is an IP address', hint: `Write IP:${value}` }
  if (isDnsName(value)) return undefined
  return {
    problem: 'it is no host name',
    hint: 'Use labels of letters, digits and hyphens, without a final dot; write other letters in Punycode (xn--…)',
  }
}

function ipProblem(value: string): Problem | undefined {
  if (isIP(value) !== 0 && !value.includes('%')) return undefined
  return { problem: 'it is no IP address', hint: 'Give one address, such as IP:192.0.2.7' }
}

function uriProblem(value: string): Problem | undefined {
  const hint = 'Give an absolute URI with a host, such as URI:spiffe://example.org/service'
  // RFC 5280 §4.2.1.6: absolute, with a host; ASCII because it is an IA5String.
  const parsed = /^[\x21-\x7e]{1,2048}$/.test(value) ? URL.parse(value) : null
  if (parsed === null || parsed.host === '') {
    return { problem: 'it is no absolute URI with a host', hint }
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return { problem: 'it holds a user name or a password', hint }
  }
  return undefined
}

function emailProblem(value: string): Problem | undefined {
  const [, domain = ''] = /^[\x21-\x3f\x41-\x7e]{1,64}@([^@]+)$/.exec(value) ?? []
  if (isDnsName(domain) && !domain.includes('*')) return undefined
  return { problem: 'it is no e-mail address', hint: 'Write it as email:name@example.org' }
}

/** RFC 9525 §6.3: only as the whole left-most label. */
function checkWildcard(name: GrantedName, profile: Profile): void {
  if (!profile.subjectAltNames.wildcards) {
    throw refusal('wildcard-not-allowed', name, {
      problem: `profile "${profile.name}" has no wildcards`,
      hint: 'Name each host; a name that stands for many identifies nobody',
    })
  }
  const [first, ...rest] = name.value.split('.')
  if (first !== '*' || rest.length < 2 || !isDnsName(rest.join('.')) || rest.includes('*')) {
    throw refusal('wildcard-not-allowed', name, {
      problem: 'a wildcard is the whole first label, with at least two labels after it',
      hint: 'Write it as DNS:*.example.org',
    })
  }
}

function missing(profile: Profile): AuthorityError {
  const types = profile.subjectAltNames.required.join(' or ')
  return new AuthorityError(
    'name-missing',
    `Cannot issue a certificate with profile "${profile.name}": it has no ${types} name, and clients look nowhere else`,
    { hint: 'Name the host that clients connect to, such as DNS:web.example or IP:192.0.2.7' },
  )
}

function refusal(reason: AuthorityErrorReason, name: GeneralName, why: Problem): AuthorityError {
  const text = printable(formatGeneralName(name))
  return new AuthorityError(reason, `Cannot certify the name "${text}": ${why.problem}`, {
    hint: why.hint,
    details: { name: text },
  })
}
