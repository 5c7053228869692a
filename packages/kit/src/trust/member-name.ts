import { attributeTypeName } from '../x509/attribute-types.ts'
import { parseName } from '../x509/name-text.ts'
import { nameKey } from '../x509/name.ts'
import type { Name } from '../x509/name.ts'
import { X509Error } from '../x509/errors.ts'
import { TrustError } from './errors.ts'

/**
 * A name by the rules of Corda's MemberX500Name: few attributes, each once, in any order, values compared to the letter.
 * @see net.corda.v5.base.types.MemberX500Name
 */
export interface MemberName {
  /** `CN=CordaOperator, O=Org, L=London, C=GB`: equal texts are equal names. */
  readonly canonical: string
}

const order = ['CN', 'OU', 'O', 'L', 'ST', 'C'] as const

type Attribute = (typeof order)[number]

// Corda compares with >=, so the longest value is one shorter than its message says.
const lengthLimits: Readonly<Record<Attribute, number>> = {
  CN: 64,
  OU: 64,
  O: 128,
  L: 64,
  ST: 64,
  C: 2,
}

/**
 * Reads a member's name from text in any attribute order.
 * @throws {TrustError} member-name-invalid; its message is Corda's own
 */
export function parseMemberName(text: string): MemberName {
  try {
    return fromName(parseName(text))
  } catch (cause) {
    if (cause instanceof X509Error) throw invalid(cause.message, cause)
    throw cause
  }
}

/** The member's name that a certificate's subject is, or `undefined` when it is none. */
export function memberNameOf(name: Name): MemberName | undefined {
  const key = nameKey(name)
  const known = memberNames.get(name)
  if (known !== undefined && known.key === key) return known.member
  const member = tryFromName(name)
  memberNames.set(name, { key, member })
  return member
}

const memberNames = new WeakMap<
  Name,
  { readonly key: string; readonly member: MemberName | undefined }
>()

function tryFromName(name: Name): MemberName | undefined {
  try {
    return fromName(name)
  } catch (cause) {
    if (cause instanceof TrustError) return undefined
    throw cause
  }
}

function fromName(name: Name): MemberName {
  const values = new Map<Attribute, string>()
  for (const rdn of name.rdns) {
    const [attribute] = rdn
    if (attribute === undefined || rdn.length > 1) {
      throw invalid(`The RDN '${rdn.map(pairText).join('+')}' must not be multi-valued.`)
    }
    const type = supported(attributeTypeName(attribute.type))
    if (values.has(type)) throw invalid(`Duplicate attribute ${type}`)
    values.set(type, checkedValue(type, attribute.value))
  }
  for (const type of ['O', 'L', 'C'] as const) {
    if (!values.has(type)) throw invalid(`Member X.500 names must include an ${type} attribute`)
  }
  const parts = order.flatMap((type) => {
    const value = values.get(type)
    return value === undefined ? [] : `${type}=${escapeValue(value)}`
  })
  return { canonical: parts.join(', ') }
}

function supported(type: string): Attribute {
  const found = order.find((candidate) => candidate === type)
  if (found === undefined) {
    throw invalid(
      `The following attribute is not supported in Corda: ${type === 'emailAddress' ? 'E' : type}`,
    )
  }
  return found
}

function checkedValue(type: Attribute, raw: string): string {
  const value = raw.trim()
  if (value === '') throw invalid(`Attribute ${type} must not be blank`)
  if (type === 'C') {
    // ISO 3166-1 alpha-2, and Corda's ZZ for "none".
    if (value !== 'ZZ' && !countries.has(value)) throw invalid(`Invalid country code ${value}`)
  } else if (value.length >= lengthLimits[type]) {
    throw invalid(`Attribute ${type} must be shorter than ${lengthLimits[type]} characters`)
  }
  return value
}

function pairText(attribute: { readonly type: string; readonly value: string }): string {
  return `${attributeTypeName(attribute.type)}=${attribute.value}`
}

function escapeValue(value: string): string {
  return value.replaceAll(/["+,;<>\\]/g, (character) => `\\${character}`).replace(/^#/, '\\#')
}

function invalid(message: string, cause?: unknown): TrustError {
  return new TrustError('member-name-invalid', message, {
    cause,
    hint: 'Write names like "CN=Operator, O=Organisation, L=London, C=GB": O, L and C are required',
  })
}

const countries: ReadonlySet<string> = new Set(
  (
    'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ ' +
    'CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO ' +
    'FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE ' +
    'JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO ' +
    'MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW ' +
    'PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM ' +
    'TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'
  ).split(' '),
)
