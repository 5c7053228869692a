import { attributeTypeName } from '../x509/attribute-types.ts'
import { parseName } from '../x509/name-text.ts'
import { isStringTag } from '../x509/name.ts'
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

interface Rule {
  /** Corda compares with >=, so the longest value is one shorter than its message says. */
  readonly limit: number
  /** Corda's own words, its spelling included: what people search for when they see it. */
  readonly blank: string
  readonly tooLong: string
}

const rules: Readonly<Record<Exclude<Attribute, 'C'>, Rule>> = {
  CN: {
    limit: 64,
    blank: 'Common name attribute (CN) must not be blank.',
    tooLong: 'Common Name attribute (CN) must contain no more then 64 characters.',
  },
  OU: {
    limit: 64,
    blank: 'Organization unit attribute (OU) if specified then it must be not blank.',
    tooLong: 'Organization Unit attribute (OU) must contain no more then 64 characters.',
  },
  O: {
    limit: 128,
    blank: 'Organization attribute (O) if specified then it must be not blank.',
    tooLong: 'Organisation attribute (O) must contain no more then 128 characters.',
  },
  L: {
    limit: 64,
    blank: 'Locality attribute (L) must not be blank.',
    tooLong: 'Locality attribute (L) must contain no more than 64 characters.',
  },
  ST: {
    limit: 64,
    blank: 'State attribute (ST) if specified then it must be not blank.',
    tooLong: 'State attribute (ST) must contain no more then 64 characters.',
  },
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
  const known = memberNames.get(name)
  if (known !== undefined) return known.member
  const member = tryFromName(name)
  memberNames.set(name, { member })
  return member
}

const memberNames = new WeakMap<Name, { readonly member: MemberName | undefined }>()

function tryFromName(name: Name): MemberName | undefined {
  try {
    return fromName(name)
  } catch (cause) {
    if (cause instanceof TrustError) return undefined
    throw cause
  }
}

function fromName(name: Name): MemberName {
  const values = singleValues(name)
  checkSupported([...values.keys()])
  for (const type of ['O', 'L', 'C'] as const) {
    if (!values.has(type)) throw invalid(`Member X.500 names must include an ${type} attribute`)
  }
  const parts = order.flatMap((type) => {
    const value = values.get(type)
    return value === undefined ? [] : `${type}=${escapeValue(checkedValue(type, value))}`
  })
  return { canonical: parts.join(', ') }
}

/** Attribute name to value, as written. */
function singleValues({ rdns }: Name): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const rdn of rdns) {
    const [attribute] = rdn
    if (attribute === undefined || rdn.length > 1) {
      throw invalid(`The RDN '${rdn.map(pairText).join('+')}' must not be multi-valued.`)
    }
    const type = cordaName(attribute.type)
    if (!isStringTag(attribute.tag)) throw invalid(`Attribute's '${type}' value must be a string`)
    if (values.has(type)) throw invalid(`Duplicate attribute ${type}`)
    values.set(type, attribute.value)
  }
  return values
}

function checkSupported(types: readonly string[]): void {
  const unsupported = types.filter((type) => order.every((known) => known !== type))
  if (unsupported.length === 0) return
  const which = unsupported.length > 1 ? 'attributes are' : 'attribute is'
  throw invalid(`The following ${which} not supported in Corda: ${unsupported.join(',')}`)
}

function checkedValue(type: Attribute, raw: string): string {
  if (type === 'C') {
    // ISO 3166-1 alpha-2, and Corda's ZZ for "none".
    if (raw !== 'ZZ' && !countries.has(raw)) throw invalid(`Invalid country code ${raw}`)
    return raw
  }
  const { limit, blank, tooLong } = rules[type]
  const value = raw.trim()
  if (value === '') throw invalid(blank)
  if (value.length >= limit) throw invalid(tooLong)
  return value
}

function cordaName(oid: string): string {
  const name = attributeTypeName(oid)
  return name === 'emailAddress' ? 'E' : name
}

function pairText(attribute: { readonly type: string; readonly value: string }): string {
  return `${cordaName(attribute.type)}=${attribute.value}`
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
