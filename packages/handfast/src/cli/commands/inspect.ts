import { stat } from 'node:fs/promises'
import { systemClock } from '@handfast/kit/base'
import { X509Error } from '@handfast/kit/x509'
import type { Command } from 'commander'
import { describeFile } from '../certificates/describe-file.ts'
import type { FileDescription } from '../certificates/describe-file.ts'
import { formatFile } from '../certificates/format-description.ts'
import { inFile } from '../certificates/in-file.ts'
import { parseMaterial } from '../certificates/parse-material.ts'
import { CliError } from '../errors.ts'
import { readInput } from '../files.ts'
import { exitStatus, printJson, printText, printable, reportError } from '../output.ts'

const examples = `
Reads PEM and DER: certificates, requests, private and public keys, and files that hold several of them. It needs no
passphrase, and shows nothing that is secret. Status 1 when something could not be read; warnings do not change it.

Examples:
  handfast inspect web.crt
  handfast inspect web.crt web.key client-b.csr --json
  openssl s_client -connect host:443 -showcerts < /dev/null | handfast inspect -`

export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .description(
      'Say in plain words what certificates, requests and keys hold, and what is wrong with them',
    )
    .argument('<file...>', 'files to look into; - reads standard input')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(inspect)
}

async function inspect(
  files: readonly string[],
  { json }: { readonly json?: boolean },
): Promise<void> {
  const inspected = await Promise.all(files.map(inspectFile))
  const failed = inspected.some(
    ({ error, description }) =>
      error !== undefined || description?.items.some(({ type }) => type === 'unreadable'),
  )
  if (failed) process.exitCode = exitStatus.failed
  if (json === true) return printJson({ files: inspected.map(toJson) })
  for (const [index, { file, description, error }] of inspected.entries()) {
    if (error !== undefined) reportError(error, { json: false })
    if (description === undefined) continue
    printText(
      `${index === 0 ? '' : '\n'}${printable(formatFile(file === '-' ? 'standard input' : file, description))}`,
    )
  }
}

interface InspectedFile {
  readonly file: string
  readonly description?: FileDescription
  /** The file could not be read at all; the others are shown all the same. */
  readonly error?: CliError | X509Error
}

async function inspectFile(file: string): Promise<InspectedFile> {
  try {
    const bytes = await readInput(file)
    const content = inFile(file, () => parseMaterial(bytes))
    const mode = await modeOf(file)
    return { file, description: describeFile({ content, mode }, systemClock.now()) }
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
