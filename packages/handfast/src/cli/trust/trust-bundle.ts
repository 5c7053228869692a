import { lstat, mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { caAnchor, pinnedAnchor } from '@handfast/kit/trust'
import type { Anchor } from '@handfast/kit/trust'
import { X509Error, encodeCertificatePem, fingerprint, parseCertificates } from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import { CliError } from '../errors.ts'
import { systemReason, writeOutputs } from '../files.ts'

/** A named set of anchors: one file each, so that adding and removing one never touches another. */
export interface TrustBundle {
  readonly name: string
  readonly folder: string
  readonly dataFolder: string
}

export interface TrustEntry {
  readonly kind: Anchor['kind']
  readonly certificate: Certificate
  readonly fingerprint: string
}

export function trustBundle({
  data,
  bundle,
}: {
  readonly data: string
  readonly bundle: string
}): TrustBundle {
  return { name: bundle, folder: join(data, 'trust', bundle), dataFolder: data }
}

export function trustEntry(certificate: Certificate, kind: Anchor['kind']): TrustEntry {
  return { kind, certificate, fingerprint: fingerprint(certificate) }
}

function entryFile(bundle: TrustBundle, entry: TrustEntry): string {
  return join(bundle.folder, fileName(entry))
}

/** Sorted by fingerprint; empty when there is no such bundle. @throws {CliError} trust-bundle-damaged */
export async function loadBundle(bundle: TrustBundle): Promise<readonly TrustEntry[]> {
  const names = await readdir(bundle.folder).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw new CliError(
      'file-unreadable',
      `Cannot read "${bundle.folder}": ${systemReason(cause)}`,
      {
        cause,
        details: { file: bundle.folder },
        hint: 'Check --data and --bundle, and that this user may read the folder',
      },
    )
  })
  const files = names.filter((name) => name.endsWith('.crt')).toSorted()
  return Promise.all(files.map((name) => loadEntry(bundle, name)))
}

/** Resolves to those that were not there. All are written, or an error says which could not be. */
export async function addEntries(
  bundle: TrustBundle,
  entries: readonly TrustEntry[],
): Promise<readonly TrustEntry[]> {
  const known = await loadBundle(bundle)
  const added = entries.filter((entry) => !known.some((each) => sameEntry(each, entry)))
  // As the database does: what else is kept in the data folder is for its owner alone.
  await mkdir(bundle.dataFolder, { recursive: true, mode: 0o700 }).catch(unwritable(bundle))
  await writeOutputs(
    added.map((entry) => ({
      path: entryFile(bundle, entry),
      content: encodeCertificatePem(entry.certificate),
      secret: false,
    })),
    // The name is the fingerprint: what stands there by now is the same certificate.
    { force: true },
  )
  // A certificate is either an authority or pinned: the last word counts.
  const replaced = known.filter(
    ({ kind, fingerprint: id }) =>
      entries.some((entry) => entry.fingerprint === id && entry.kind !== kind) &&
      !entries.some((entry) => entry.fingerprint === id && entry.kind === kind),
  )
  for (const entry of replaced) await removeEntry(bundle, entry)
  return added
}

export async function removeEntry(bundle: TrustBundle, entry: TrustEntry): Promise<void> {
  await rm(entryFile(bundle, entry)).catch(unwritable(bundle))
}

export function anchorOf({ kind, certificate }: TrustEntry): Anchor {
  return kind === 'ca' ? caAnchor(certificate) : pinnedAnchor(certificate)
}

function sameEntry(a: TrustEntry, b: TrustEntry): boolean {
  return a.kind === b.kind && a.fingerprint === b.fingerprint
}

function fileName({ kind, fingerprint: id }: TrustEntry): string {
  return kind === 'pinned' ? `${id}.pinned.crt` : `${id}.crt`
}

/** What somebody else put there or changed is not trusted, and not passed over either. */
async function loadEntry(bundle: TrustBundle, name: string): Promise<TrustEntry> {
  const path = join(bundle.folder, name)
  try {
    const kind = name.endsWith('.pinned.crt') ? 'pinned' : 'ca'
    const [certificate, ...others] = parseCertificates(await readEntryFile(path))
    if (certificate === undefined || others.length > 0)
      throw new Error('it holds more than one certificate')
    const entry = trustEntry(certificate, kind)
    if (fileName(entry) !== name) throw new Error('its name is not the fingerprint of its content')
    anchorOf(entry)
    return entry
  } catch (cause) {
    const reason = cause instanceof X509Error ? cause.message : systemReason(cause)
    throw new CliError('trust-bundle-damaged', `Cannot use "${path}": ${reason}`, {
      cause,
      details: { file: path, bundle: bundle.name },
      hint: 'Move the file away, then add the certificate with "handfast trust add"',
    })
  }
}

async function readEntryFile(path: string): Promise<Uint8Array> {
  const { size } = await lstat(path)
  if (size > maxEntryBytes) throw new Error('it is larger than 1 MiB')
  return readFile(path)
}

/** Real certificates have some 2 kB. */
const maxEntryBytes = 1024 * 1024

function unwritable({ folder }: TrustBundle): (cause: unknown) => never {
  return (cause) => {
    throw new CliError('file-unwritable', `Cannot change "${folder}": ${systemReason(cause)}`, {
      cause,
      details: { file: folder },
      hint: 'Check --data, and that this user may write there',
    })
  }
}
