import { readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { CliError } from '../errors.ts'
import { systemReason } from '../files.ts'
import { usageError } from '../output.ts'
import { isExportOf } from './export-formats.ts'
import type { TrustBundle } from './trust-bundle.ts'

/** What programs of the system make from other folders, and overwrite. */
const generatedFolders = [
  '/etc/ssl/certs',
  '/etc/pki/ca-trust/extracted',
  '/etc/pki/tls/certs',
  '/etc/ca-certificates/extracted',
]

/** @throws {CliError} usage for a place whose content the system makes by itself */
export async function refuseGeneratedPlace(out: string): Promise<void> {
  const places = [resolve(out), await realPlace(resolve(out))]
  const folder = generatedFolders.find((generated) =>
    places.some((place) => place === generated || place.startsWith(`${generated}${sep}`)),
  )
  if (folder === undefined) return
  throw usageError(
    `Cannot export to "${out}": the system makes what is in ${folder} anew, and would lose it`,
    'Export with --format ca-certificates --out /usr/local/share/ca-certificates, then run update-ca-certificates',
  )
}

/** Certificates that an earlier export left in a folder, and that are not in this one. */
export async function staleExports(
  folder: string,
  { bundle, written }: { readonly bundle: TrustBundle; readonly written: readonly string[] },
): Promise<readonly string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw new CliError('file-unwritable', `Cannot write to "${folder}": ${systemReason(cause)}`, {
      cause,
      details: { file: folder },
      hint: 'Name a folder with --out that this user may read and write',
    })
  })
  return names
    .filter((name) => isExportOf(bundle, name))
    .map((name) => join(folder, name))
    .filter((path) => !written.includes(path))
}

/** Through symbolic links, as far as the path exists. */
async function realPlace(path: string): Promise<string> {
  const found = await realpath(path).catch(() => undefined)
  if (found !== undefined) return found
  const parent = dirname(path)
  return parent === path ? path : join(await realPlace(parent), basename(path))
}
