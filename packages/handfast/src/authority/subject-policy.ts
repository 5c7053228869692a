import { attributeTypeName, commonNameOid, isStringTag } from '@handfast/kit/x509'
import type { AttributeValue, Name } from '@handfast/kit/x509'
import { AuthorityError } from './errors.ts'
import { limits } from './limits.ts'
import { isPrintable, subjectText } from './text.ts'

// RFC 5280 appendix A.1, "Upper Bounds", in characters; `openssl req` refuses longer ones as well.
const upperBounds = new Map([
  ['CN', 64],
  ['L', 128],
  ['ST', 128],
  ['O', 64],
  ['OU', 64],
  ['title', 64],
  ['serialNumber', 64],
  ['emailAddress', 255],
  ['DC', 63],
])

/**
 * Refuses a subject that other stacks would read otherwise, or could not read.
 * @throws {AuthorityError} subject-missing, subject-not-allowed
 */
export function checkSubject(subject: Name, options: { readonly hasNames: boolean }): void {
  const attributes = subject.rdns.flat()
  // RFC 5280 §4.1.2.6: an empty subject needs a (critical) subjectAltName.
  if (attributes.length === 0 && !options.hasNames) {
    throw new AuthorityError(
      'subject-missing',
      'Cannot issue a certificate: it has neither a subject nor a subjectAltName',
      { hint: 'Give it a subject such as "CN=web, O=Example", or a name such as DNS:web.example' },
    )
  }
  const { maxSubjectAttributes } = limits
  if (attributes.length > maxSubjectAttributes) {
    throw refusal(
      subject,
      `it has ${attributes.length} attributes, the limit is ${maxSubjectAttributes}`,
    )
  }
  if (attributes.filter(({ type }) => type === commonNameOid).length > 1) {
    // Stacks differ in whether the first or the last one counts.
    throw refusal(subject, 'it has more than one CN')
  }
  for (const attribute of attributes) {
    const problem = attributeProblem(attribute)
    if (problem !== undefined) throw refusal(subject, problem)
  }
}

function attributeProblem({ type, value, tag }: AttributeValue): string | undefined {
  const name = attributeTypeName(type)
  if (!isStringTag(tag)) return `${name} is not a string`
  if (value.trim() === '') return `${name} is empty`
  if (!isPrintable(value)) return `${name} holds a control character`
  const bound = upperBounds.get(name) ?? limits.maxAttributeLength
  const length = Array.from(value).length
  if (length > bound) return `${name} has ${length} characters, the limit is ${bound}`
  if (name === 'C' && !/^[A-Za-z]{2}$/.test(value)) return 'C is not a country code of two letters'
  return undefined
}

function refusal(subject: Name, problem: string): AuthorityError {
  return new AuthorityError(
    'subject-not-allowed',
    `Cannot issue a certificate for "${subjectText(subject)}": ${problem}`,
    { hint: 'Give another subject, or have the request made anew' },
  )
}
