import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { caAnchor, pinnedAnchor } from '../trust/anchor.ts'
import type { Anchor } from '../trust/anchor.ts'
import { TrustError } from '../trust/errors.ts'
import { parseCertificates } from '../x509/certificate.ts'
import { X509Error } from '../x509/errors.ts'
import { issuerNameKey } from '../x509/name.ts'
import { formatName } from '../x509/name-text.ts'
import { parsePrivateKey } from '../x509/keys.ts'
import { IdentityError } from './errors.ts'
import type { IdentityErrorReason } from './errors.ts'
import { createIdentity } from './identity.ts'
import type { Identity } from './identity.ts'

export interface IdentityFiles {
  readonly name: string
  /** PEM, the leaf first; may hold the key as well. */
  readonly certificateFile: string
  /** PEM or DER; absent when `certificateFile` holds the key. */
  readonly keyFile?: string
  readonly passphrase?: string
}

export interface AnchorFile {
  readonly path: string
  readonly kind: Anchor['kind']
}

const limits = {
  maxFileBytes: 16 * 1024 * 1024,
}

/**
 * Reads and checks an identity as a whole.
 * @throws {IdentityError}
 */
export async function loadIdentity(files: IdentityFiles): Promise<Identity> {
  const { name, certificateFile, keyFile = certificateFile, passphrase } = files
  const certificates = await readLimited(certificateFile)
  const chain = explained('certificate-unusable', certificateFile, () =>
    parseCertificates(certificates),
  )
  const keyBytes = keyFile === certificateFile ? certificates : await readLimited(keyFile)
  const key = explained('key-unusable', keyFile, () =>
    parsePrivateKey(keyBytes, passphrase === undefined ? {} : { passphrase }),
  )
  return createIdentity({ name, key, chain })
}

/**
 * Reads the anchors of several files; a file of `ca` kind may hold many, a `pinned` one exactly one.
 * @throws {IdentityError} file-unreadable | anchors-unusable
 */
export async function loadAnchors(files: readonly AnchorFile[]): Promise<readonly Anchor[]> {
  const byId = new Map<string, Anchor>()
  for (const anchor of (await Promise.all(files.map(loadAnchorFile))).flat()) {
    const known = byId.get(anchor.id)
    byId.set(anchor.id, known === undefined ? anchor : longerValid(known, anchor))
  }
  return [...byId.values()]
}

/** Of one authority's certificates, the renewed one: an expired one beside it must not decide. */
function longerValid(a: Anchor, b: Anchor): Anchor {
  const [one, other] = [a.certificate, b.certificate]
  if (issuerNameKey(one.subject) !== issuerNameKey(other.subject)) {
    throw new IdentityError(
      'anchors-unusable',
      `Cannot trust "${formatName(one.subject)}" and "${formatName(other.subject)}" at once: they share one key`,
      { hint: 'Keep the certificate whose subject the issued certificates name as their issuer' },
    )
  }
  return one.notAfter < other.notAfter ? b : a
}

async function loadAnchorFile({ path, kind }: AnchorFile): Promise<readonly Anchor[]> {
  const bytes = await readLimited(path)
  const certificates = explained('anchors-unusable', path, () => parseCertificates(bytes))
  if (kind === 'ca') return explained('anchors-unusable', path, () => certificates.map(caAnchor))
  const [pinned, ...others] = certificates
  if (pinned === undefined || others.length > 0) {
    throw new IdentityError(
      'anchors-unusable',
      `Cannot pin "${path}": it holds ${certificates.length} certificates, one is wanted`,
      {
        details: { file: path },
        hint: 'Pin each certificate by a file of its own',
      },
    )
  }
  return [pinnedAnchor(pinned)]
}

async function readLimited(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path)
    return await readUpTo(file, limits.maxFileBytes)
  } catch (cause) {
    throw new IdentityError('file-unreadable', `Cannot read "${path}": ${systemReason(cause)}`, {
      cause,
      details: { file: path },
      hint: 'Check the path and that this user may read the file',
    })
  }
}

/** Counts what it reads: a size is no promise, and a device has none. */
async function readUpTo(file: FileHandle, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of file.createReadStream({ autoClose: false })) {
    const bytes: unknown = chunk
    if (!(bytes instanceof Uint8Array)) throw new TypeError('it is not read as bytes')
    length += bytes.length
    if (length > maxBytes) throw new RangeError('it is larger than 16 MiB')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

function systemReason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT') return 'no such file'
  if (code === 'EACCES') return 'permission denied'
  if (code === 'EISDIR') return 'it is a folder'
  return cause instanceof Error ? cause.message : 'unknown error'
}

function explained<T>(reason: IdentityErrorReason, path: string, fn: () => T): T {
  try {
    return fn()
  } catch (cause) {
    if (!(cause instanceof X509Error || cause instanceof TrustError)) throw cause
    throw new IdentityError(reason, `Cannot use "${path}": ${cause.message}`, {
      cause,
      details: { file: path },
      ...(cause.hint !== undefined && { hint: cause.hint }),
    })
  }
}
