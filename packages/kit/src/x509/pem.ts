import { X509Error } from './errors.ts'

/** One `-----BEGIN label-----` block. */
export interface PemBlock {
  readonly label: string
  readonly der: Uint8Array
  /** Headers of the traditional encrypted form (RFC 1421), such as `DEK-Info`; empty otherwise. */
  readonly headers: Readonly<Record<string, string>>
  /** 1-based line of the BEGIN line. */
  readonly line: number
  /** The block as it was written, without text around it. */
  readonly text: string
}

const limits = {
  // A bundle of all public roots is some 250 kB; a store of thousands of anchors fits as well.
  maxTextBytes: 16 * 1024 * 1024,
  // Twice a bundle of 10,000; many tiny blocks take far more memory than their text.
  maxBlocks: 20_000,
}

/** True when the bytes hold a PEM block somewhere. */
export function looksLikePem(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('-----BEGIN ')
}

/**
 * Reads every PEM block of a text, in order. Text between blocks is passed over (RFC 7468 §5.2), as are a byte order
 * mark and CRLF; inside a block nothing but base64 is.
 * @throws {X509Error} pem-malformed, naming the line
 */
export function parsePem(text: string): readonly PemBlock[] {
  if (text.length > limits.maxTextBytes) throw problem('text is longer than 16 MiB', 1)
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  const blocks: PemBlock[] = []
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (!line.includes('-----')) continue
    const begin = /^-----BEGIN ([A-Z0-9][A-Z0-9 ]{0,63})-----\s*$/.exec(line)
    if (begin === null) throw problem(boundaryProblem(line), index + 1)
    if (blocks.length >= limits.maxBlocks) throw problem('more than 20,000 blocks', index + 1)
    const end = endOf(lines, { label: begin[1] ?? '', from: index })
    blocks.push(parseBlock(lines.slice(index, end + 1), { label: begin[1] ?? '', line: index + 1 }))
    index = end
  }
  return blocks
}

/** The labels found, for saying why none of them will do: `no PEM at all`, `only "CERTIFICATE"`. */
export function describeLabels(blocks: readonly PemBlock[]): string {
  if (blocks.length === 0) return 'no PEM at all'
  const labels = [...new Set(blocks.map(({ label }) => `"${label}"`))]
  return `only ${labels.slice(0, 5).join(', ')}${labels.length > 5 ? ', …' : ''}`
}

/** @see RFC 7468 §2: lines of 64 characters */
export function encodePem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der).toString('base64')
  const body = base64.match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...body, `-----END ${label}-----`, ''].join('\n')
}

function endOf(lines: readonly string[], block: { label: string; from: number }): number {
  for (let index = block.from + 1; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (!line.includes('-----')) continue
    if (line.trimEnd() === `-----END ${block.label}-----`) return index
    throw problem(boundaryProblem(line, block.label), index + 1)
  }
  throw problem(`"${block.label}" has no END line: the file is cut off`, block.from + 1)
}

function boundaryProblem(line: string, open?: string): string {
  // No regular expression: on a line of megabytes it would take hours.
  const end = line.indexOf('-----END ')
  if (end >= 0 && line.includes('-----BEGIN ', end)) {
    return 'END and BEGIN share a line: files were joined without a newline'
  }
  if (open !== undefined) return `expected "-----END ${open}-----"`
  return line.startsWith('-----END ')
    ? 'END line without a BEGIN line'
    : 'not a well-formed BEGIN line'
}

function parseBlock(
  lines: readonly string[],
  place: { readonly label: string; readonly line: number },
): PemBlock {
  const headers: Record<string, string> = {}
  let bodyStart = 1
  while (bodyStart < lines.length - 1) {
    const header = /^([A-Za-z][A-Za-z0-9-]*): *(.*)$/.exec(lines[bodyStart] ?? '')
    if (header === null) break
    headers[header[1] ?? ''] = (header[2] ?? '').trimEnd()
    bodyStart += 1
  }
  const body = lines.slice(bodyStart, -1)
  const wrong = body.findIndex((line) => !/^[A-Za-z0-9+/]*={0,2}\s*$/.test(line))
  if (wrong >= 0) throw problem('not base64', place.line + bodyStart + wrong)
  const base64 = body.map((line) => line.trim()).join('')
  const der = Buffer.from(base64, 'base64')
  // Buffer stops at the first `=` and drops bits that no octet holds: written again it must be the same.
  if (base64 === '' || der.toString('base64') !== base64) {
    throw problem(`"${place.label}" holds incomplete base64`, place.line)
  }
  return {
    label: place.label,
    der,
    headers,
    line: place.line,
    text: `${lines.map((line) => line.trimEnd()).join('\n')}\n`,
  }
}

function problem(what: string, line: number): X509Error {
  return new X509Error('pem-malformed', `Cannot read PEM: line ${line}: ${what}`, {
    details: { line },
    hint: 'Check that the file was copied whole, from the BEGIN line to the END line, each on a line of its own',
  })
}
