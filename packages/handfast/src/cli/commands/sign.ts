import { encodeCertificatePem, parseCsr } from '@handfast/kit/x509'
import { systemClock } from '@handfast/kit/base'
import type { Command } from 'commander'
import type { Issued } from '../../authority/issue-leaf.ts'
import { chooseIssuer } from '../certificates/choose-issuer.ts'
import { describeCertificate } from '../certificates/describe-certificate.ts'
import { describeRequest } from '../certificates/describe-request.ts'
import type { RequestDescription } from '../certificates/describe-request.ts'
import { certificateRows, formatRows, requestRows } from '../certificates/format-description.ts'
import { inFile } from '../certificates/in-file.ts'
import {
  addDataOption,
  addPassphraseOption,
  openAuthority,
} from '../certificates/open-authority.ts'
import type { DataOption, PassphraseOption } from '../certificates/open-authority.ts'
import {
  collect,
  parseDays,
  parseNames,
  parseProfileName,
  parseSubject,
} from '../certificates/option-values.ts'
import { speakWarnings } from '../certificates/speak-notes.ts'
import { writeIssued } from '../certificates/write-issued.ts'
import { readInput, reserveOutputs } from '../files.ts'
import { printJson, printable, speak } from '../output.ts'

interface SignOptions extends DataOption, PassphraseOption {
  readonly profile: string
  readonly subject?: string
  readonly san: readonly string[]
  readonly issuer?: string
  readonly days?: string
  readonly out: string
  readonly force?: boolean
  readonly json?: boolean
}

const examples = `
The request proves that its sender has the key. Its subject and names are taken under the profile's rules; everything
else that it asks for is dropped, and said. Confirm the fingerprint of its key with its sender by another way first:
"handfast inspect REQUEST" shows it.

Examples:
  handfast sign client-b.csr --profile client --out client-b.crt
  handfast sign web.csr --profile server --san DNS:web.example --issuer example --days 30 --out web.crt
  ssh partner cat node.csr | handfast sign - --profile peer --out node.crt --json`

export function addSignCommand(program: Command): void {
  const command = program
    .command('sign')
    .description('Sign a certificate request, and write the certificate with its chain')
    .argument('<request>', 'the file of the request, PEM or DER; - reads standard input')
    .requiredOption('--profile <profile>', 'what it may be used for: server, client or peer (both)')
    .option('--subject <name>', 'instead of the subject that it asks for')
    .option(
      '--san <name>',
      'instead of the names that it asks for; may be given several times',
      collect,
      [],
    )
    .option('--issuer <label>', 'who signs (default: the only intermediate with its key here)')
    .option('--days <days>', 'how long it is valid (default: 90, the most)')
    .requiredOption('--out <file>', 'where to write the certificate and its chain')
  addPassphraseOption(addDataOption(command))
    .option('--force', 'replace the file if it exists')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(sign)
}

async function sign(file: string, options: SignOptions): Promise<void> {
  const order = {
    profile: parseProfileName(options.profile),
    ...(options.subject !== undefined && { subject: parseSubject(options.subject) }),
    ...(options.san.length > 0 && { subjectAltNames: parseNames(options.san) }),
    ...(options.days !== undefined && { lifetimeDays: parseDays(options.days) }),
  }
  const bytes = await readInput(file)
  const asked = describeRequest(inFile(file, () => parseCsr(bytes)))
  await using opened = await openAuthority(options)
  const { authority } = opened
  const issuer = chooseIssuer(await authority.list(), options.issuer)
  const place = { path: options.out, secret: false }
  await using outputs = await reserveOutputs([place], { force: options.force === true })
  speakSection(
    `Asked for, by ${file === '-' ? 'standard input' : file}:`,
    formatRows(requestRows(asked), '  '),
  )
  const issued = await authority.signCsr({ ...order, csr: bytes, issuer })
  const contents = [issued.chain.map(encodeCertificatePem).join('')]
  await writeIssued(outputs, { contents, certificate: issued.certificate })
  report(issued, { asked, options })
}

function report(
  issued: Issued,
  { asked, options }: { readonly asked: RequestDescription; readonly options: SignOptions },
): void {
  const { issuer, profile, dropped, warnings } = issued
  const granted = describeCertificate(issued.certificate, systemClock.now())
  const files = { certificate: options.out }
  speakSection(
    `Granted by "${issuer}", with profile ${profile}:`,
    formatRows(certificateRows(granted), '  '),
  )
  if (dropped.length > 0) {
    speakSection(
      'Dropped:',
      dropped.map(({ what, why }) => `  ${what}: ${why}`),
    )
  }
  speakWarnings(issued)
  if (options.json === true)
    printJson({ issuer, profile, asked, granted, dropped, warnings, files })
  speak(`Wrote ${options.out} (certificate and chain)`)
  speak(`Next: send ${options.out} back; its holder also needs your root, to know your servers by`)
}

function speakSection(title: string, lines: readonly string[]): void {
  speak(printable([title, ...lines].join('\n')))
}
