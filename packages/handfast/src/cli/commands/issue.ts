import { encodeCertificatePem, encodePrivateKeyPem } from '@handfast/kit/x509'
import { systemClock } from '@handfast/kit/base'
import type { Command } from 'commander'
import type { IssuedWithKey } from '../../authority/authority.ts'
import { chooseIssuer } from '../certificates/choose-issuer.ts'
import { describeCertificate } from '../certificates/describe-certificate.ts'
import { certificateRows } from '../certificates/format-description.ts'
import {
  addDataOption,
  addPassphraseOption,
  openAuthority,
} from '../certificates/open-authority.ts'
import type { DataOption, PassphraseOption } from '../certificates/open-authority.ts'
import {
  collect,
  parseAlgorithm,
  parseDays,
  parseNames,
  parsePrefix,
  parseProfileName,
  parseSubject,
} from '../certificates/option-values.ts'
import { printRows } from '../certificates/print-rows.ts'
import { speakWarnings } from '../certificates/speak-notes.ts'
import { writeIssued } from '../certificates/write-issued.ts'
import { reserveOutputs } from '../files.ts'
import { printJson, speak } from '../output.ts'

interface IssueOptions extends DataOption, PassphraseOption {
  readonly profile: string
  readonly subject: string
  readonly san: readonly string[]
  readonly issuer?: string
  readonly days?: string
  readonly algorithm?: string
  readonly out: string
  readonly force?: boolean
  readonly json?: boolean
}

const examples = `
Writes <prefix>.crt (the certificate and the intermediates above it: what TLS sends), <prefix>.key (not encrypted, for
its owner only) and <prefix>-ca.crt (the root: what the other side has to trust). For a key that is made elsewhere, use
"handfast request" there and "handfast sign" here.

Examples:
  handfast issue --profile server --subject CN=web --san DNS:web.example --san IP:192.0.2.7 --out web
  handfast issue --profile client --subject "CN=client-b,O=Client B,L=Paris,C=FR" --out client-b
  handfast issue --profile peer --subject CN=node-1 --san DNS:node-1.example --issuer example --days 30 --out node-1 --json`

export function addIssueCommand(program: Command): void {
  const command = program
    .command('issue')
    .description('Make a key and a certificate for it')
    .requiredOption('--profile <profile>', 'server, client or peer (both)')
    .requiredOption('--subject <name>', 'such as "CN=web,O=Example,C=FR"')
    .option(
      '--san <name>',
      'DNS:, IP:, URI: or email: name; may be given several times',
      collect,
      [],
    )
    .option('--issuer <label>', 'who signs (default: the only intermediate with its key here)')
    .option('--days <days>', 'how long it is valid (default: 90, the most)')
    .option(
      '--algorithm <algorithm>',
      'of the key: ec-p256, ec-p384, rsa-2048, rsa-3072, rsa-4096',
      'ec-p256',
    )
    .requiredOption('--out <prefix>', 'start of the file names to write')
  addPassphraseOption(addDataOption(command))
    .option('--force', 'replace files that exist')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(issue)
}

async function issue(options: IssueOptions): Promise<void> {
  const request = {
    profile: parseProfileName(options.profile),
    subject: parseSubject(options.subject),
    subjectAltNames: parseNames(options.san),
    ...(options.days !== undefined && { lifetimeDays: parseDays(options.days) }),
    algorithm: parseAlgorithm(options.algorithm ?? ''),
  }
  const prefix = parsePrefix(options.out)
  const files = { certificate: `${prefix}.crt`, key: `${prefix}.key`, ca: `${prefix}-ca.crt` }
  await using opened = await openAuthority(options)
  const { authority } = opened
  const issuer = chooseIssuer(await authority.list(), options.issuer)
  await using outputs = await reserveOutputs(
    [
      { path: files.certificate, secret: false },
      { path: files.key, secret: true },
      { path: files.ca, secret: false },
    ],
    { force: options.force === true },
  )
  const issued = await authority.issue({ ...request, issuer })
  const contents = [
    issued.chain.map(encodeCertificatePem).join(''),
    encodePrivateKeyPem(issued.privateKey),
    encodeCertificatePem(issued.root),
  ]
  await writeIssued(outputs, { contents, certificate: issued.certificate })
  report(issued, { files, json: options.json === true })
}

interface Written {
  readonly files: { readonly certificate: string; readonly key: string; readonly ca: string }
  readonly json: boolean
}

function report(issued: IssuedWithKey, { files, json }: Written): void {
  const { issuer, profile, warnings } = issued
  speakWarnings(issued)
  const certificate = describeCertificate(issued.certificate, systemClock.now())
  if (json) return printJson({ issuer, profile, certificate, files, warnings })
  printRows(certificateRows(certificate))
  speak(
    `Wrote ${files.certificate} (certificate and chain), ${files.key} (private key), ${files.ca} (root)`,
  )
  speak(
    `Next: whoever connects to its holder trusts ${files.ca}; look at it with "handfast inspect ${files.certificate}"`,
  )
}
