import { basename } from 'node:path'
import {
  createCsr,
  encodeCsrPem,
  encodePrivateKeyPem,
  generatePrivateKey,
  keySigner,
} from '@handfast/kit/x509'
import { Option } from 'commander'
import type { Command } from 'commander'
import { checkSubject } from '../../authority/subject-policy.ts'
import { describeRequest, requestFindings } from '../certificates/describe-request.ts'
import { requestRows } from '../certificates/format-description.ts'
import {
  collect,
  parseAlgorithm,
  parseNames,
  parsePrefix,
  parseSubject,
} from '../certificates/option-values.ts'
import { printRows } from '../certificates/print-rows.ts'
import { addKeyPassphraseOption, readKey } from '../certificates/read-key.ts'
import type { KeyPassphraseOption } from '../certificates/read-key.ts'
import { reserveOutputs } from '../files.ts'
import { printJson, speak, warn } from '../output.ts'

interface RequestOptions extends KeyPassphraseOption {
  readonly subject: string
  readonly san: readonly string[]
  readonly key?: string
  readonly algorithm?: string
  readonly out: string
  readonly force?: boolean
  readonly json?: boolean
}

const examples = `
The key stays here; only the request is sent. Writes <prefix>.csr, and <prefix>.key (not encrypted, for its owner only)
unless --key names one.

Examples:
  handfast request --subject "CN=client-b,O=Client B,L=Paris,C=FR" --out client-b
  handfast request --subject CN=web --san DNS:web.example --san IP:192.0.2.7 --out web
  handfast request --subject CN=web --key web.key --out web-renewal --json`

export function addRequestCommand(program: Command): void {
  const command = program
    .command('request')
    .description('Make a key, and a request for a certificate that another organisation signs')
    .requiredOption('--subject <name>', 'such as "CN=client-b,O=Client B,L=Paris,C=FR"')
    .option(
      '--san <name>',
      'DNS:, IP:, URI: or email: name; may be given several times',
      collect,
      [],
    )
    .option('--key <file>', 'a private key that exists, instead of a new one')
    .addOption(
      new Option(
        '--algorithm <algorithm>',
        'of the new key: ec-p256 (default), ec-p384, rsa-2048, rsa-3072, rsa-4096',
      ).conflicts('key'),
    )
    .requiredOption('--out <prefix>', 'start of the file names to write')
  addKeyPassphraseOption(command)
    .option('--force', 'replace files that exist')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(request)
}

async function request(options: RequestOptions): Promise<void> {
  const subject = parseSubject(options.subject)
  const subjectAltNames = parseNames(options.san)
  const algorithm = parseAlgorithm(options.algorithm ?? 'ec-p256')
  // Whoever signs would refuse it, days later.
  checkSubject(subject, { hasNames: subjectAltNames.length > 0 })
  const prefix = parsePrefix(options.out)
  const known = options.key === undefined ? undefined : await readKey(options.key, options)
  const files = { request: `${prefix}.csr`, ...(known === undefined && { key: `${prefix}.key` }) }
  await using outputs = await reserveOutputs(
    [
      { path: files.request, secret: false },
      ...(files.key === undefined ? [] : [{ path: files.key, secret: true }]),
    ],
    { force: options.force === true },
  )
  const key = known ?? (await generatePrivateKey(algorithm))
  const csr = await createCsr({ subject, extensions: { subjectAltNames } }, keySigner(key))
  await outputs.write([encodeCsrPem(csr), encodePrivateKeyPem(key)])
  const described = describeRequest(csr)
  const warnings = requestFindings(csr)
  for (const { text } of warnings) warn(text)
  if (options.json === true) return printJson({ request: described, files, warnings })
  printRows(requestRows(described))
  speak(
    files.key === undefined
      ? `Wrote ${files.request}`
      : `Wrote ${files.request}, and ${files.key}, which stays here`,
  )
  speak(
    `Next: send ${files.request} to whoever signs it, and let them confirm its key SHA-256 by another way`,
  )
  const profile = subjectAltNames.length > 0 ? 'server' : 'client'
  speak(
    `Next: they run "handfast sign ${basename(files.request)} --profile ${profile} --out ${basename(prefix)}.crt" and send that back`,
  )
}
