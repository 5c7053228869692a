import { systemClock } from '@handfast/kit/base'
import { Option } from 'commander'
import type { Command } from 'commander'
import { rm } from 'node:fs/promises'
import { storePassphraseVariable } from '../certificates/store-passphrase.ts'
import type { StorePassphraseOption } from '../certificates/store-passphrase.ts'
import { nameText } from '../certificates/describe-certificate.ts'
import { CliError } from '../errors.ts'
import { writeOutputs } from '../files.ts'
import { printJson, printText, printable, speak, usageError, warn } from '../output.ts'
import { readSecret } from '../secrets.ts'
import { addBundleOptions, parseBundle, sameBundle } from '../trust/bundle-options.ts'
import type { BundleOptions } from '../trust/bundle-options.ts'
import { describeEntry } from '../trust/describe-entry.ts'
import { encodeExport, exportFormats } from '../trust/export-formats.ts'
import type { ExportFormat } from '../trust/export-formats.ts'
import { refuseGeneratedPlace, staleExports } from '../trust/export-place.ts'
import { loadBundle } from '../trust/trust-bundle.ts'
import type { TrustBundle, TrustEntry } from '../trust/trust-bundle.ts'

interface ExportOptions extends BundleOptions, StorePassphraseOption {
  readonly format: ExportFormat
  readonly out: string
  readonly force?: boolean
  readonly json?: boolean
}

const examples = `
pem              one file, for curl --cacert, nginx, Node, Go and most others
jks, p12         one file, for Java; its passphrase guards against changes, what it holds is public
ca-certificates  a folder with one .crt file each, for update-ca-certificates; never /etc/ssl/certs itself, whose
                 ca-certificates.crt is made anew at every run

Examples:
  handfast trust export --format pem --out trust.pem
  handfast trust export --format jks --out truststore.jks --passphrase-file store.passphrase
  handfast trust export --format ca-certificates --out /usr/local/share/ca-certificates --force`

export function addTrustExportCommand(trust: Command): void {
  const command = trust
    .command('export')
    .description('Write a bundle as other programs read it')
    .addOption(
      new Option('--format <format>', 'what to write').choices(exportFormats).makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'the file to write; for ca-certificates a folder')
    .option(
      '--passphrase-file <file>',
      `a file that holds the passphrase that jks and p12 get (or set ${storePassphraseVariable})`,
    )
  addBundleOptions(command)
    .option('--force', 'replace what an earlier export wrote')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(exportBundle)
}

async function exportBundle(options: ExportOptions): Promise<void> {
  const { format, out, force = false, json } = options
  const bundle = parseBundle(options)
  await refuseGeneratedPlace(out)
  const at = systemClock.now()
  const passphrase = await exportPassphrase(options)
  const { entries, leftOut } = exportable(await loadBundle(bundle))
  if (entries.length === 0) throw emptyBundle(bundle, { options, leftOut })
  const files = await encodeExport[format]({ bundle, entries }, { out, passphrase, at })
  const written = files.map(({ path }) => path)
  const stale = format === 'ca-certificates' ? await staleExports(out, { bundle, written }) : []
  refuseStale(stale, force)
  await writeOutputs(files, { force })
  // Left there, it would stay trusted after it was removed from the bundle.
  for (const path of stale) await rm(path, { force: true })
  for (const { certificate } of leftOut) {
    warn(
      `"${nameText(certificate.subject)}" is left out: it is an authority and pinned, and others know no pins: they would trust all that it issued`,
    )
  }
  if (json === true) {
    const exported = entries.map((entry) => describeEntry(entry, at))
    const skipped = leftOut.map((entry) => describeEntry(entry, at))
    const result = { format, written, removed: stale, entries: exported, leftOut: skipped }
    return printJson({ bundle: bundle.name, ...result })
  }
  printText(printable([...written, ...stale.map((path) => `${path} (removed)`)].join('\n')))
  if (format === 'ca-certificates') {
    speak(
      'Next: have the files in /usr/local/share/ca-certificates and run update-ca-certificates; never append to /etc/ssl/certs/ca-certificates.crt, which it makes anew',
    )
  }
}

/** Pinned authorities cannot be told to others: an anchor is an authority to them. */
function exportable(all: readonly TrustEntry[]): {
  readonly entries: readonly TrustEntry[]
  readonly leftOut: readonly TrustEntry[]
} {
  const widens = ({ kind, certificate }: TrustEntry): boolean =>
    kind === 'pinned' && certificate.extensions.basicConstraints?.ca === true
  return { entries: all.filter((entry) => !widens(entry)), leftOut: all.filter(widens) }
}

async function exportPassphrase({ format, passphraseFile }: ExportOptions): Promise<string> {
  if (format === 'jks' || format === 'p12') {
    return readSecret({
      file: passphraseFile,
      variable: storePassphraseVariable,
      purpose: 'the store',
    })
  }
  if (passphraseFile === undefined) return ''
  throw usageError(
    `Cannot use --passphrase-file: ${format} has no passphrase`,
    'Leave it out, or choose --format p12',
  )
}

function refuseStale([first]: readonly string[], force: boolean): void {
  if (first === undefined || force) return
  throw new CliError(
    'file-exists',
    `Cannot export: "${first}" is of an earlier export and would stay trusted`,
    { details: { file: first }, hint: 'Add --force to have it removed, or choose another --out' },
  )
}

function emptyBundle(
  { name, folder }: TrustBundle,
  rest: { readonly options: BundleOptions; readonly leftOut: readonly TrustEntry[] },
): CliError {
  const what =
    rest.leftOut.length === 0
      ? 'holds no certificate'
      : 'holds only pinned authorities, which would vouch for others elsewhere'
  return new CliError('trust-bundle-empty', `Cannot export bundle "${name}": it ${what}`, {
    details: { bundle: name, folder },
    hint: `Add one with "handfast trust add FILE${sameBundle(rest.options)}", or name another bundle with --bundle`,
  })
}
