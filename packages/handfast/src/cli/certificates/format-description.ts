import type { CertificateDescription } from './describe-certificate.ts'
import type { EndpointDescription } from './describe-endpoint.ts'
import type { FileDescription, ItemDescription, KeyDescription } from './describe-file.ts'
import type { IssuerDescription } from './describe-issuer.ts'
import type { RequestDescription } from './describe-request.ts'
import { formatFingerprint } from './fingerprints.ts'

/** A label and what it says. */
export type Row = readonly [label: string, value: string]

/** A file and all that is in it, for people. */
export function formatFile(file: string, { store, items, warnings }: FileDescription): string {
  const what = [...(store === undefined ? [] : [store]), ...countOf(items)]
  const count = what.length === 0 ? '' : `: ${what.join(', ')}`
  const lines = items.flatMap((item) => [
    '',
    `  ${title(item)}`,
    ...formatRows(rowsOf(item), '    '),
    ...item.warnings.map(({ text }) => `    warning: ${text}`),
  ])
  const about = warnings.map(({ text }) => `  warning: ${text}`)
  return [`${file}${count}`, ...(about.length === 0 ? [] : ['', ...about]), ...lines].join('\n')
}

function countOf(items: readonly ItemDescription[]): readonly string[] {
  return items.length === 1 ? [] : [`${items.length} items`]
}

/** A server and what it shows, in the order sent. */
export function formatEndpoint(endpoint: string, described: EndpointDescription): string {
  const { serverName, protocol, alpn } = described.connection
  const facts = [protocol, alpn === null ? 'no ALPN' : `ALPN ${alpn}`, `asked for "${serverName}"`]
  return formatFile(`${endpoint} (${facts.join(', ')})`, described)
}

/** Labels in a column of their own. */
export function formatRows(rows: readonly Row[], indent = ''): readonly string[] {
  const width = Math.max(...rows.map(([label]) => label.length))
  return rows.map(([label, value]) => `${indent}${label.padEnd(width)}  ${value}`)
}

export function certificateRows(certificate: CertificateDescription): readonly Row[] {
  const { keyUsage, extendedKeyUsage, otherExtensions } = certificate
  return [
    ['subject', certificate.subject],
    ['issuer', certificate.kind.startsWith('root') ? 'itself' : certificate.issuer],
    ['kind', kindText(certificate)],
    ['valid', periodText(certificate)],
    ['names', list(certificate.names, 'none')],
    ['key', certificate.key],
    ['key usage', list(keyUsage ?? [], 'not limited')],
    ['purposes', list(extendedKeyUsage ?? [], 'not limited')],
    ...(otherExtensions.length === 0 ? [] : [['extensions', otherExtensions.join(', ')] as const]),
    ['serial', certificate.serialNumber],
    ['signature', certificate.signatureAlgorithm],
    ['SHA-256', formatFingerprint(certificate.fingerprint)],
    ['key SHA-256', formatFingerprint(certificate.keyFingerprint)],
  ]
}

export function issuerRows(issuer: IssuerDescription): readonly Row[] {
  return [
    ['label', issuer.label],
    ['kind', issuer.kind],
    ['subject', issuer.subject],
    ['valid', periodText(issuer)],
    ['key', issuer.key],
    ['SHA-256', formatFingerprint(issuer.fingerprint)],
  ]
}

export function requestRows(request: RequestDescription): readonly Row[] {
  return [
    ['subject', request.subject],
    ['names', list(request.names, 'none')],
    ['key', request.key],
    ...(request.asksFor.length === 0 ? [] : [['asks for', request.asksFor.join(', ')] as const]),
    ['signature', `${request.signatureAlgorithm}, made with its own key`],
    ['key SHA-256', formatFingerprint(request.keyFingerprint)],
  ]
}

function keyRows({ key, encryption, keyFingerprint }: KeyDescription): readonly Row[] {
  return [
    ['key', key ?? 'unknown without its passphrase'],
    ['encrypted', encryption ?? 'no'],
    ...(keyFingerprint === null
      ? []
      : [['key SHA-256', formatFingerprint(keyFingerprint)] as const]),
  ]
}

function rowsOf(item: ItemDescription): readonly Row[] {
  switch (item.type) {
    case 'certificate':
      return certificateRows(item)
    case 'request':
      return requestRows(item)
    case 'private-key':
      return keyRows(item)
    case 'public-key':
      return keyRows(item).filter(([label]) => label !== 'encrypted')
    case 'other':
      return [['content', 'not looked into']]
    case 'unreadable':
      return [
        ['error', `${item.error.message} [${item.error.code}]`],
        ...(item.error.hint === undefined ? [] : [['hint', item.error.hint] as const]),
      ]
  }
}

function title(item: ItemDescription): string {
  const name = 'label' in item ? `"${item.label}"` : item.type.replace('-', ' ')
  const place = item.line === undefined ? '' : `, line ${item.line}`
  return `${name}${place}${entryText(item)}`
}

function entryText({ entry }: ItemDescription): string {
  if (entry === undefined) return ''
  const alias = entry.alias === null ? 'without an alias' : `"${entry.alias}"`
  if (entry.role === 'chain') return `, in the chain of key ${alias}`
  return `, ${alias}${entry.role === 'trusted' ? ', marked as trusted' : ''}`
}

function kindText({ kind, pathLength }: CertificateDescription): string {
  const below = pathLength === undefined ? '' : `, at most ${pathLength} CAs below it`
  if (kind === 'root') return `root CA, self-signed${below}`
  if (kind === 'intermediate')
    return `intermediate CA${pathLength === 0 ? ', no CA below it' : below}`
  return kind
}

function list(values: readonly string[], none: string): string {
  return values.length === 0 ? none : values.join(', ')
}

function periodText(
  period: Pick<CertificateDescription, 'notBefore' | 'notAfter' | 'validity'>,
): string {
  return `${day(period.notBefore)} to ${day(period.notAfter)}, ${period.validity}`
}

function day(iso: string): string {
  return iso.slice(0, 10)
}
