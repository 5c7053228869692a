import { stat } from 'node:fs/promises'
import { systemClock } from '@handfast/kit/base'
import { TlsError, fetchPresented } from '@handfast/kit/tls'
import { X509Error } from '@handfast/kit/x509'
import type { ParseKeyStoreOptions } from '@handfast/kit/x509'
import type { Command } from 'commander'
import { describeFile, describeStore } from '../certificates/describe-file.ts'
import type { FileDescription } from '../certificates/describe-file.ts'
import { describeEndpoint } from '../certificates/describe-endpoint.ts'
import type { EndpointDescription } from '../certificates/describe-endpoint.ts'
import { formatEndpoint, formatFile } from '../certificates/format-description.ts'
import { inFile, inFileLater } from '../certificates/in-file.ts'
import { parseMaterial } from '../certificates/parse-material.ts'
import { parseStore } from '../certificates/parse-store.ts'
import {
  addStoreKeyPassphraseOption,
  addStorePassphraseOption,
  findStorePassphrases,
} from '../certificates/store-passphrase.ts'
import type {
  StoreKeyPassphraseOption,
  StorePassphraseOption,
} from '../certificates/store-passphrase.ts'
import { findEndpoint } from '../endpoint.ts'
import { CliError } from '../errors.ts'
import { readInput } from '../files.ts'
import { exitStatus, printJson, printText, printable, reportError } from '../output.ts'
import { parseServerName } from '../verify/question-values.ts'

const examples = `
Reads PEM and DER (certificates, requests, private and public keys, and files that hold several of them), PKCS#12 and
JKS. Only the last two need their passphrase. Nothing that is secret is shown. Of a server it reads what it shows to
whoever connects; it trusts nothing, shows no certificate and sends nothing. Status 1 when something could not be read;
warnings do not change it.

Examples:
  handfast inspect web.crt
  handfast inspect web.crt web.key client-b.csr --json
  handfast inspect truststore.jks --passphrase-file store.passphrase
  handfast inspect web.example:443
  handfast inspect 10.0.0.7:8443 --server-name web.example`

export function addInspectCommand(program: Command): void {
  const command = program
    .command('inspect')
    .description(
      'Say in plain words what certificates, requests and keys hold, and what is wrong with them',
    )
    .argument('<target...>', 'files to look into, or servers as host:port; - reads standard input')
    .option(
      '--server-name <name>',
      'the name to ask servers for, and to compare (default: the host)',
    )
  addStoreKeyPassphraseOption(addStorePassphraseOption(command))
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(inspect)
}

interface InspectOptions extends StorePassphraseOption, StoreKeyPassphraseOption {
  readonly serverName?: string
  readonly json?: boolean
}

async function inspect(files: readonly string[], options: InspectOptions): Promise<void> {
  const { json } = options
  const how = { passphrases: await findStorePassphrases(options), serverName: givenName(options) }
  const inspected = await Promise.all(files.map((file) => inspectTarget(file, how)))
  const failed = inspected.some(
    ({ error, description }) =>
      error !== undefined || description?.items.some(({ type }) => type === 'unreadable'),
  )
  if (failed) process.exitCode = exitStatus.failed
  if (json === true) return printJson({ files: inspected.map(toJson) })
  for (const [index, { file, description, error }] of inspected.entries()) {
    if (error !== undefined) reportError(error, { json: false })
    if (description === undefined) continue
    const text =
      'connection' in description
        ? formatEndpoint(file, description)
        : formatFile(file === '-' ? 'standard input' : file, description)
    printText(`${index === 0 ? '' : '\n'}${printable(text)}`)
  }
}

interface InspectedFile {
  readonly file: string
  readonly description?: FileDescription | EndpointDescription
  /** The file could not be read at all; the others are shown all the same. */
  readonly error?: CliError | X509Error | TlsError
}

interface InspectTargetOptions {
  readonly passphrases: ParseKeyStoreOptions
  readonly serverName: string | undefined
}

function givenName({ serverName }: InspectOptions): string | undefined {
  return serverName === undefined ? undefined : parseServerName(serverName, '--server-name')
}

async function inspectTarget(
  target: string,
  { passphrases, serverName }: InspectTargetOptions,
): Promise<InspectedFile> {
  const endpoint = await findEndpoint(target)
  if (endpoint === undefined) return inspectFile(target, passphrases)
  try {
    const asked = { ...endpoint, serverName: serverName ?? endpoint.host }
    const presented = await fetchPresented(asked)
    const at = systemClock.now()
    const description = inFile(target, () => describeEndpoint(presented, { ...asked, at }))
    return { file: target, description }
  } catch (error) {
    if (error instanceof TlsError || error instanceof X509Error) return { file: target, error }
    throw error
  }
}

async function inspectFile(
  file: string,
  passphrases: ParseKeyStoreOptions,
): Promise<InspectedFile> {
  try {
    const bytes = await readInput(file)
    const mode = await modeOf(file)
    const at = systemClock.now()
    const store = await inFileLater(file, () => parseStore(bytes, passphrases))
    if (store !== undefined) return { file, description: describeStore({ ...store, mode }, at) }
    const content = inFile(file, () => parseMaterial(bytes))
    return { file, description: describeFile({ content, mode }, at) }
  } catch (error) {
    if (error instanceof CliError || error instanceof X509Error) return { file, error }
    throw error
  }
}

/** Permission bits; what is no regular file, and Windows, has none that say who reads it. */
async function modeOf(file: string): Promise<number | undefined> {
  if (file === '-' || process.platform === 'win32') return undefined
  const found = await stat(file).catch(() => undefined)
  return found?.isFile() === true ? found.mode : undefined
}

function toJson({ file, description, error }: InspectedFile): object {
  if (error === undefined) return { file, ...description }
  const { code, reason, message, hint } = error
  return { file, error: { code, reason, message, ...(hint !== undefined && { hint }) } }
}
