import { systemClock } from '@handfast/kit/base'
import { encodeCertificatePem, parseCertificates } from '@handfast/kit/x509'
import type { Command } from 'commander'
import { checkLabel } from '../../authority/issuer.ts'
import { describeIssuer } from '../certificates/describe-issuer.ts'
import { issuerRows } from '../certificates/format-description.ts'
import { inFile } from '../certificates/in-file.ts'
import {
  addDataOption,
  addPassphraseOption,
  createAuthority,
  sameAuthority,
} from '../certificates/open-authority.ts'
import type { DataOption } from '../certificates/open-authority.ts'
import { printRows } from '../certificates/print-rows.ts'
import { addKeyPassphraseOption, readKey } from '../certificates/read-key.ts'
import type { KeyPassphraseOption } from '../certificates/read-key.ts'
import { speakWarnings } from '../certificates/speak-notes.ts'
import { takePassphrase } from '../certificates/take-passphrase.ts'
import type { NewPassphraseOption } from '../certificates/take-passphrase.ts'
import { readInput } from '../files.ts'
import { printJson, speak } from '../output.ts'

interface ImportOptions extends DataOption, NewPassphraseOption, KeyPassphraseOption {
  readonly certificate: string
  readonly key?: string
  readonly chain?: string
  readonly label: string
  readonly json?: boolean
}

const examples = `
Before it is taken over, the CA signs a throwaway certificate, and that is verified as a partner would verify it.

Examples:
  handfast ca import --label client-c --certificate client_c_root_ca.crt --key client_c_root_ca.key \\
    --key-passphrase-file old.passphrase --passphrase-file ca.passphrase --create-passphrase
  handfast ca import --label issuing --certificate intermediate.crt --key intermediate.key --chain root.crt \\
    --passphrase-file ca.passphrase
  handfast ca import --label workshop --certificate ca-key-and-certificate.pem --passphrase-file ca.passphrase`

export function addCaImportCommand(ca: Command): void {
  const command = ca
    .command('import')
    .description('Take over a root or an intermediate that was made elsewhere, with its key')
    .requiredOption(
      '--certificate <file>',
      "the CA's certificate; may hold its chain and its key too",
    )
    .option('--key <file>', 'its private key (default: the key in --certificate)')
    .option('--chain <file>', 'the certificates above it, up to the root, in any order')
    .requiredOption('--label <label>', 'what to call it here')
  addKeyPassphraseOption(command)
  addPassphraseOption(addDataOption(command))
    .option('--create-passphrase', 'make a new passphrase and write it to --passphrase-file')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(importCa)
}

async function importCa(options: ImportOptions): Promise<void> {
  const { label } = options
  checkLabel(label)
  const certificates = await readCertificates(options)
  const key = await readKey(options.key ?? options.certificate, options)
  await using passphrase = await takePassphrase(options)
  await using opened = await createAuthority(options, passphrase.text)
  const { issuer, warnings } = await opened.authority.importIssuer({
    label,
    certificates,
    key: key.export({ type: 'pkcs8', format: 'der' }),
  })
  passphrase.keep()
  speakWarnings({ warnings })
  const described = describeIssuer(issuer, systemClock.now())
  if (options.json === true) return printJson({ issuer: described, warnings })
  printRows(issuerRows(described))
  speak(
    `Next: handfast issue --issuer ${label} --profile server --subject CN=web --san DNS:web.example --out web${sameAuthority(options)}`,
  )
}

async function readCertificates({ certificate, chain }: ImportOptions): Promise<string> {
  const files = chain === undefined ? [certificate] : [certificate, chain]
  const read = await Promise.all(
    files.map(async (file) => {
      const bytes = await readInput(file)
      return inFile(file, () => parseCertificates(bytes))
    }),
  )
  return read.flat().map(encodeCertificatePem).join('')
}
