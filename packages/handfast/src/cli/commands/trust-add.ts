import { systemClock } from '@handfast/kit/base'
import type { Command } from 'commander'
import { certificateFindings } from '../certificates/certificate-findings.ts'
import type { Finding } from '../certificates/finding.ts'
import { formatFingerprint } from '../certificates/fingerprints.ts'
import { addStorePassphraseOption, findStorePassphrases } from '../certificates/store-passphrase.ts'
import type { StorePassphraseOption } from '../certificates/store-passphrase.ts'
import { printJson, printText, printable, speak, warn } from '../output.ts'
import { addBundleOptions, parseBundle, sameBundle } from '../trust/bundle-options.ts'
import type { BundleOptions } from '../trust/bundle-options.ts'
import { describeEntry } from '../trust/describe-entry.ts'
import { loadEntries } from '../trust/load-entries.ts'
import { addEntries } from '../trust/trust-bundle.ts'
import type { TrustEntry } from '../trust/trust-bundle.ts'

interface AddOptions extends BundleOptions, StorePassphraseOption {
  readonly pinned?: boolean
  readonly json?: boolean
}

const examples = `
An authority vouches for all that it issues. With --pinned a certificate vouches for itself alone: for a server with a
self-signed certificate. Either all certificates are added, or none. Of a key store, the trusted ones are.

Examples:
  handfast trust add client_b_root_ca.crt client_c_root_ca.crt
  handfast trust add server.pem --pinned
  handfast trust add truststore.jks --passphrase-file store.passphrase --bundle partners`

export function addTrustAddCommand(trust: Command): void {
  const command = trust
    .command('add')
    .description('Trust authorities, or pin single certificates')
    .argument('<file...>', 'PEM, DER, PKCS#12 or JKS')
    .option('--pinned', 'trust the certificate itself, and nothing that it issued')
  addBundleOptions(addStorePassphraseOption(command))
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(add)
}

async function add(files: readonly string[], options: AddOptions): Promise<void> {
  const { pinned = false, json } = options
  const bundle = parseBundle(options)
  const passphrases = await findStorePassphrases(options)
  const loaded: TrustEntry[] = []
  const how = { kind: pinned ? 'pinned' : 'ca', passphrases, pinOption: '--pinned' } as const
  for (const file of files) loaded.push(...(await loadEntries(file, how)))
  const entries = [...new Map(loaded.map((entry) => [entry.fingerprint, entry])).values()]
  const added = await addEntries(bundle, entries)
  const now = systemClock.now()
  const reported = entries.map((entry) => ({
    ...describeEntry(entry, now),
    added: added.includes(entry),
    warnings: entryFindings(entry, now),
  }))
  for (const { subject, warnings } of reported)
    for (const { text } of warnings) warn(`"${subject}": ${text}`)
  if (json === true)
    return printJson({ bundle: bundle.name, folder: bundle.folder, entries: reported })
  for (const { kind, subject, fingerprint, added: isNew } of reported) {
    const what = isNew ? 'Added' : 'Has already'
    printText(
      printable(
        `${what} "${subject}"${kind === 'pinned' ? ', pinned' : ''} (${formatFingerprint(fingerprint)})`,
      ),
    )
  }
  speak('Compare the fingerprints with those that the owner tells you by another way')
  speak(`Next: handfast trust export --format pem --out trust.pem${sameBundle(options)}`)
}

/** What its owner should know of a certificate that is trusted from now on. */
function entryFindings({ kind, certificate }: TrustEntry, at: Date): readonly Finding[] {
  const ca = certificate.extensions.basicConstraints?.ca === true
  const pinnedCa = {
    reason: 'pinned-authority',
    text: 'it is an authority, and pinned: nothing that it issued is trusted',
  }
  return [
    ...certificateFindings(certificate, at).filter(
      // What pinning is for.
      ({ reason }) =>
        kind === 'ca' || !['self-signed', 'subject-equals-issuer', 'leaf-is-a-ca'].includes(reason),
    ),
    ...(kind === 'pinned' && ca ? [pinnedCa] : []),
  ]
}
