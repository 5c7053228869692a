import { systemClock } from '@handfast/kit/base'
import type { Command } from 'commander'
import { formatFingerprint } from '../certificates/fingerprints.ts'
import { formatTable, printJson, printText, printable, speak } from '../output.ts'
import { addBundleOptions, parseBundle, sameBundle } from '../trust/bundle-options.ts'
import type { BundleOptions } from '../trust/bundle-options.ts'
import { describeEntry } from '../trust/describe-entry.ts'
import { findEntry } from '../trust/find-entry.ts'
import { loadBundle, removeEntry } from '../trust/trust-bundle.ts'
import { addTrustAddCommand } from './trust-add.ts'
import { addTrustExportCommand } from './trust-export.ts'

interface JsonBundleOptions extends BundleOptions {
  readonly json?: boolean
}

const about = `
A bundle is a folder of certificates, <data>/trust/<bundle>/. "handfast verify --bundle NAME" judges by it.

Examples:
  handfast trust add root.crt
  handfast trust list
  handfast trust export --format p12 --out truststore.p12 --passphrase-file store.passphrase`

const removeExamples = `
Examples:
  handfast trust remove "CN=Client B Root CA,O=Client B Organization"
  handfast trust remove 82:6E:26:14:86:57:98:E3:F4:63:7F:AE:C7:46:D0:D9:24:D3:CB:1C:C6:25:EC:E1:40:B5:D3:79:B6:6F:55:6F`

const listExamples = `
Examples:
  handfast trust list
  handfast trust list --bundle partners --json`

export function addTrustCommands(program: Command): void {
  const trust = program
    .command('trust')
    .description('Keep a set of trusted certificates, and write it as other programs read it')
    .addHelpText('after', about)
  addTrustAddCommand(trust)
  addBundleOptions(trust.command('remove'))
    .description('Trust a certificate no more')
    .argument('<certificate>', 'its SHA-256 fingerprint, or its subject')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', removeExamples)
    .action(remove)
  addBundleOptions(trust.command('list'))
    .description('List the trusted certificates')
    .option('--json', 'print the list as JSON')
    .addHelpText('after', listExamples)
    .action(list)
  addTrustExportCommand(trust)
}

async function remove(wanted: string, options: JsonBundleOptions): Promise<void> {
  const bundle = parseBundle(options)
  const entry = findEntry(wanted, { bundle, entries: await loadBundle(bundle) })
  await removeEntry(bundle, entry)
  const removed = describeEntry(entry, systemClock.now())
  if (options.json === true) return printJson({ bundle: bundle.name, removed })
  printText(printable(`Removed "${removed.subject}" (${formatFingerprint(removed.fingerprint)})`))
  speak('What was exported before still holds it: export again')
}

async function list(options: JsonBundleOptions): Promise<void> {
  const bundle = parseBundle(options)
  const now = systemClock.now()
  const entries = (await loadBundle(bundle)).map((entry) => describeEntry(entry, now))
  if (options.json === true)
    return printJson({ bundle: bundle.name, folder: bundle.folder, entries })
  if (entries.length === 0) {
    return speak(
      `Bundle "${bundle.name}" is empty; add a certificate with "handfast trust add FILE${sameBundle(options)}"`,
    )
  }
  const rows = entries.map(({ kind, notAfter, validity, subject, fingerprint }) => [
    kind,
    notAfter.slice(0, 10),
    validity,
    printable(subject),
    formatFingerprint(fingerprint),
  ])
  printText(formatTable([['KIND', 'NOT AFTER', '', 'SUBJECT', 'SHA-256'], ...rows]))
}
