import { describeLabels, encodePem, parsePem } from './pem.ts'
import { X509Error } from './errors.ts'

const label = 'X509 CRL'

const limits = {
  // Above this, `parsePem` would hold the event loop for more than a few milliseconds.
  smallPemBytes: 256 * 1024,
  // 2 ms each.
  pieceBytes: 512 * 1024,
}

/**
 * The CRLs of a PEM text as DER, in order, passing over other blocks. A large text is read in pieces with `yieldNow`
 * between them.
 * @throws {X509Error} pem-malformed | crl-malformed
 */
export async function crlsOfPem(
  text: Uint8Array | string,
  yieldNow: () => Promise<void>,
): Promise<readonly Uint8Array[]> {
  if (text.length > limits.smallPemBytes)
    return readLarge(typeof text === 'string' ? Buffer.from(text, 'utf8') : text, yieldNow)
  const blocks = parsePem(typeof text === 'string' ? text : Buffer.from(text).toString('utf8'))
  const crls = blocks.filter((block) => block.label === label)
  if (crls.length === 0) throw noCrl(describeLabels(blocks))
  return crls.map(({ der }) => der)
}

/** `-----BEGIN X509 CRL-----`, in lines of 64 characters. Some 10 ms for 100,000 entries. */
export function encodeCrlPemText(der: Uint8Array): string {
  if (der.length < limits.smallPemBytes) return encodePem(label, der)
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64')
  const lines = [`-----BEGIN ${label}-----`]
  for (let start = 0; start < base64.length; start += 64)
    lines.push(base64.slice(start, start + 64))
  lines.push(`-----END ${label}-----`, '')
  return lines.join('\n')
}

const begin = `-----BEGIN ${label}-----`
const end = `-----END ${label}-----`

async function readLarge(
  text: Uint8Array,
  yieldNow: () => Promise<void>,
): Promise<readonly Uint8Array[]> {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
  const ders: Uint8Array[] = []
  let from = bytes.indexOf('-----BEGIN ')
  while (from >= 0) {
    const bodyFrom = from + begin.length
    const bodyTo = bytes.indexOf('-----', bodyFrom)
    if (bytes.toString('latin1', from, bodyFrom) === begin) {
      if (bodyTo < 0 || bytes.toString('latin1', bodyTo, bodyTo + end.length) !== end)
        throw problem(bytes, { at: from, what: `"${label}" has no END line: the file is cut off` })
      ders.push(await decodeBody(bytes, { from: bodyFrom, to: bodyTo, yieldNow }))
    }
    from = bytes.indexOf('-----BEGIN ', Math.max(bodyFrom, bodyTo))
  }
  if (ders.length === 0) throw noCrl('only others')
  return ders
}

interface Body {
  readonly from: number
  readonly to: number
  readonly yieldNow: () => Promise<void>
}

async function decodeBody(bytes: Buffer, { from, to, yieldNow }: Body): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let rest = ''
  for (let start = from; start < to; start += limits.pieceBytes) {
    const last = start + limits.pieceBytes >= to
    const piece = bytes.toString('latin1', start, Math.min(to, start + limits.pieceBytes))
    const base64 = rest + piece.replaceAll(/\s+/g, '')
    const whole = last ? base64.length : base64.length - (base64.length % 4)
    const chunk = base64.slice(0, whole)
    rest = base64.slice(whole)
    const decoded = Buffer.from(chunk, 'base64')
    // Buffer stops at the first `=` and drops bits that no octet holds: written again it must be the same.
    if (decoded.toString('base64') !== chunk || (chunk.endsWith('=') && !last))
      throw problem(bytes, { at: start, what: 'not base64, or incomplete' })
    parts.push(decoded)
    await yieldNow()
  }
  return Buffer.concat(parts)
}

function noCrl(found: string): X509Error {
  return new X509Error('crl-malformed', `Cannot read CRL: no X509 CRL block, ${found}`, {
    hint: 'Check that the file is a CRL (PEM "X509 CRL" or DER)',
  })
}

function problem(
  bytes: Buffer,
  { at, what }: { readonly at: number; readonly what: string },
): X509Error {
  let line = 1
  for (
    let index = bytes.indexOf(10);
    index >= 0 && index < at;
    index = bytes.indexOf(10, index + 1)
  )
    line += 1
  return new X509Error('pem-malformed', `Cannot read PEM: near line ${line}: ${what}`, {
    details: { line },
    hint: 'Check that the file was copied whole, from the BEGIN line to the END line, each on a line of its own',
  })
}
