import { systemClock } from '@handfast/kit/base'
import { fetchPresented } from '@handfast/kit/tls'
import { X509Error } from '@handfast/kit/x509'
import type { Certificate, ParseKeyStoreOptions } from '@handfast/kit/x509'
import type { Anchor, Peer } from '@handfast/kit/trust'
import { Option } from 'commander'
import type { Command } from 'commander'
import { loadCertificates } from '../certificates/load-certificates.ts'
import { collect } from '../certificates/option-values.ts'
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
import { defaultDataFolder } from '../data-folder.ts'
import { exitStatus, printJson, printText, printable, usageError } from '../output.ts'
import { parseBundle } from '../trust/bundle-options.ts'
import { loadEntries } from '../trust/load-entries.ts'
import { anchorOf, loadBundle } from '../trust/trust-bundle.ts'
import type { TrustEntry } from '../trust/trust-bundle.ts'
import { describeJudgement } from '../verify/describe-judgement.ts'
import { formatJudgement } from '../verify/format-judgement.ts'
import { judge } from '../verify/judge.ts'
import type { Question } from '../verify/judge.ts'
import { parseServerName, parseTime } from '../verify/question-values.ts'

interface VerifyOptions extends StorePassphraseOption, StoreKeyPassphraseOption {
  readonly anchor: readonly string[]
  readonly pin: readonly string[]
  readonly intermediates: readonly string[]
  readonly bundle?: string
  readonly data: string
  readonly purpose?: 'client' | 'server'
  readonly name?: string
  readonly at?: string
  readonly json?: boolean
}

const examples = `
Judges as a Handfast gateway or client would: the first certificate of the file is the leaf, the others may lie between.
Of a server it judges what it shows, and sends nothing. Only what the options name is trusted, never the system's own
roots. Status 0 accepted, 1 refused.

Examples:
  handfast verify web.crt --anchor root.crt --name web.example
  handfast verify client.crt --anchor root.crt --intermediates issuing.crt --purpose client
  handfast verify server.pem --pin server.pem --name example.com
  handfast verify web.example:443 --bundle default
  handfast verify web.crt --bundle default --at 2027-01-31 --json`

export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .description('Judge a certificate: accepted until when, or refused, with every reason')
    .argument(
      '<target>',
      'a file (PEM, DER, PKCS#12 or JKS, the leaf first; - reads standard input), or a server as host:port',
    )
    .option('--anchor <file>', 'an authority to trust (may be given several times)', collect, [])
    .option(
      '--pin <file>',
      'a single certificate to trust (may be given several times)',
      collect,
      [],
    )
    .option('--bundle <name>', 'trust what "handfast trust" keeps under this name')
    .option('--data <folder>', 'the folder of the bundle', defaultDataFolder)
    .option(
      '--intermediates <file>',
      'certificates that may lie between (may be given several times)',
      collect,
      [],
    )
    .addOption(
      new Option('--purpose <purpose>', 'the side that shows the certificate (default: server)') //
        .choices(['client', 'server']),
    )
    .option(
      '--name <name>',
      'the DNS name or IP address that the server is dialled by (default: the host)',
    )
    .option('--at <time>', 'judge as of this time (default: now)')
  addStoreKeyPassphraseOption(addStorePassphraseOption(command))
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(verify)
}

async function verify(target: string, options: VerifyOptions): Promise<void> {
  const { purpose = 'server', name, json } = options
  if (purpose === 'client' && name !== undefined) {
    throw usageError(
      'Cannot use --name with --purpose client: only servers are dialled by a name',
      'Leave one of them out',
    )
  }
  const endpoint = await findEndpoint(target)
  if (purpose === 'client' && endpoint !== undefined) {
    throw usageError(
      `Cannot judge ${target} with --purpose client: what is dialled is a server`,
      'Leave --purpose out, or give the file of the client certificate',
    )
  }
  const given = name === undefined ? undefined : parseServerName(name, '--name')
  const serverName = given ?? endpoint?.host
  const passphrases = await findStorePassphrases(options)
  const anchors = await loadTrust(options, passphrases)
  const intermediates = await loadIntermediates(options, passphrases)
  const presented =
    endpoint && (await fetchPresented({ ...endpoint, ...(serverName && { serverName }) }))
  const peer = presented?.peer ?? (await loadPeer(target, passphrases))
  const at = options.at === undefined ? systemClock.now() : parseTime(options.at)
  const question: Question = {
    peer,
    anchors,
    intermediates,
    purpose: purpose === 'server' ? 'serverAuth' : 'clientAuth',
    serverName,
    at,
  }
  const judged = describeJudgement(judge(question), { ...question, presented })
  if (judged.outcome === 'refused') process.exitCode = exitStatus.failed
  if (json === true) return printJson({ target, ...judged })
  printText(printable(formatJudgement(target === '-' ? 'standard input' : target, judged)))
}

async function loadTrust(
  { anchor, pin, bundle, data }: VerifyOptions,
  passphrases: ParseKeyStoreOptions,
): Promise<readonly Anchor[]> {
  if (anchor.length + pin.length === 0 && bundle === undefined) {
    throw usageError(
      'Cannot judge: nothing says what is trusted',
      'Name an authority with --anchor, a single certificate with --pin, or a bundle with --bundle',
    )
  }
  const entries: TrustEntry[] = []
  for (const [kind, files] of [
    ['ca', anchor],
    ['pinned', pin],
  ] as const) {
    for (const file of files) {
      entries.push(...(await loadEntries(file, { kind, passphrases, pinOption: '--pin' })))
    }
  }
  if (bundle !== undefined) entries.push(...(await loadBundle(parseBundle({ data, bundle }))))
  return entries.map(anchorOf)
}

async function loadIntermediates(
  { intermediates }: VerifyOptions,
  passphrases: ParseKeyStoreOptions,
): Promise<readonly Certificate[]> {
  const loaded: Certificate[] = []
  for (const file of intermediates) loaded.push(...(await loadCertificates(file, passphrases)).all)
  return loaded
}

/** @throws {X509Error} certificate-malformed when there is none */
async function loadPeer(file: string, passphrases: ParseKeyStoreOptions): Promise<Peer> {
  const [leaf, ...intermediates] = (await loadCertificates(file, passphrases)).all
  if (leaf === undefined) {
    throw new X509Error(
      'certificate-malformed',
      `Cannot judge "${file}": it holds no certificate`,
      {
        details: { file },
        hint: 'Look into it with "handfast inspect"',
      },
    )
  }
  return { kind: 'certified', leaf, intermediates, sessionResumed: false, chainComplete: true }
}
