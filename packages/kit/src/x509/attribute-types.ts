import { tags } from './der-reader.ts'

interface AttributeType {
  readonly oid: string
  readonly name: string
  /** The string type to write; UTF8String unless a standard fixes another. */
  readonly tag?: number
}

// RFC 4514 §3 names CN to UID; the others are those that OpenSSL, Java and Go print.
const attributeTypes: readonly AttributeType[] = [
  { oid: '2.5.4.3', name: 'CN' },
  { oid: '2.5.4.7', name: 'L' },
  { oid: '2.5.4.8', name: 'ST' },
  { oid: '2.5.4.10', name: 'O' },
  { oid: '2.5.4.11', name: 'OU' },
  // X.520 §6.3.1: countryName is a PrintableString of two letters.
  { oid: '2.5.4.6', name: 'C', tag: tags.printableString },
  { oid: '2.5.4.9', name: 'STREET' },
  { oid: '0.9.2342.19200300.100.1.25', name: 'DC', tag: tags.ia5String },
  { oid: '0.9.2342.19200300.100.1.1', name: 'UID' },
  { oid: '2.5.4.4', name: 'SN' },
  { oid: '2.5.4.5', name: 'serialNumber', tag: tags.printableString },
  { oid: '2.5.4.12', name: 'title' },
  { oid: '2.5.4.17', name: 'postalCode' },
  { oid: '2.5.4.42', name: 'GN' },
  { oid: '2.5.4.43', name: 'initials' },
  { oid: '2.5.4.44', name: 'generationQualifier' },
  { oid: '2.5.4.46', name: 'dnQualifier', tag: tags.printableString },
  { oid: '2.5.4.65', name: 'pseudonym' },
  { oid: '2.5.4.97', name: 'organizationIdentifier' },
  { oid: '1.2.840.113549.1.9.1', name: 'emailAddress', tag: tags.ia5String },
]

const aliases = new Map([
  ['s', '2.5.4.8'],
  ['e', '1.2.840.113549.1.9.1'],
  ['email', '1.2.840.113549.1.9.1'],
  ['serial', '2.5.4.5'],
])

const byOid = new Map(attributeTypes.map((type) => [type.oid, type]))
const byName = new Map(attributeTypes.map((type) => [type.name.toLowerCase(), type]))

/** `CN`, `O`, …, or the dotted OID where it has no name here. */
export function attributeTypeName(oid: string): string {
  return byOid.get(oid)?.name ?? oid
}

/** The OID of a name (any case) or of a dotted OID; `undefined` when it is neither. */
export function attributeTypeOid(text: string): string | undefined {
  const named = byName.get(text.toLowerCase())?.oid ?? aliases.get(text.toLowerCase())
  if (named !== undefined) return named
  return /^(?:[01]\.(?:\d|[1-3]\d)|2\.(?:0|[1-9]\d{0,8}))(?:\.(?:0|[1-9]\d{0,14}))+$/.test(text)
    ? text
    : undefined
}

export function attributeStringTag(oid: string): number {
  return byOid.get(oid)?.tag ?? tags.utf8String
}
