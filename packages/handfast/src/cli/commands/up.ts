import type { Command } from 'commander'
import { startCluster } from '../cluster.ts'
import type { Cluster, ClusterEvent } from '../cluster.ts'
import { loadConfig } from '../config.ts'
import type { Config } from '../config.ts'
import { describeEvent } from '../describe-event.ts'
import { printText, reportError, speak, warn } from '../output.ts'
import { StopSignal, onSignal } from '../signals.ts'

interface UpOptions {
  readonly config: string
  readonly json?: boolean
}

const examples = `
Runs until Ctrl-C or SIGTERM; requests in flight are finished first. SIGHUP reads the identities' files anew.

Examples:
  handfast up
  handfast up -c /etc/handfast/handfast.yaml
  handfast up --json                             one JSON object a line for every event`

export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('Run the cluster: its REST API and its gateway')
    .option('-c, --config <file>', 'the configuration file', 'handfast.yaml')
    .option('--json', 'print events as JSON, one a line')
    .addHelpText('after', examples)
    .action(up)
}

async function up({ config: file, json = false }: UpOptions): Promise<void> {
  const config = await loadConfig(file)
  const emit = json ? printEventLine : speakEvent
  await using cluster = await startCluster(config, { emit })
  using signal = new StopSignal()
  using _ = onSignal('SIGHUP', () => void reload(cluster, { config, json }))
  if ((await cluster.countUsers()) === 0) {
    warn(
      `nobody can use the REST API yet; run "handfast user add admin --data ${cluster.dataFolder}"`,
    )
  }
  announce(cluster, { json })
  await signal.stopped
  tell('Stopping: finishing requests in flight', { json, type: 'stopping' })
}

function announce(cluster: Cluster, { json }: { readonly json: boolean }): void {
  const { rest, listeners, holdingId } = cluster
  if (json) {
    printLine({ type: 'ready', rest, listeners, holdingId, pid: process.pid })
    return
  }
  printText(`REST API   https://${hostPort(rest)}/api/v5_1`)
  for (const { listener, ...address } of listeners)
    printText(`gateway    https://${hostPort(address)}  (${listener})`)
  printText(`manager    ${holdingId}`)
  printText(
    `process    ${process.pid}  (kill -HUP reads certificates and keys anew, kill -TERM ends it)`,
  )
  printText(
    `allow-list https://${hostPort(rest)}/api/v5_1/mgm/${holdingId}/mutual-tls/allowed-client-certificate-subjects`,
  )
}

async function reload(
  cluster: Cluster,
  { config, json }: { readonly config: Config; readonly json: boolean },
): Promise<void> {
  try {
    await cluster.reloadIdentities()
    tell('Read certificates and keys anew', { json, type: 'identities-reloaded' })
  } catch (error) {
    if (json) printLine({ type: 'identities-kept', error })
    else {
      reportError(error, { json: false })
      speak('The certificates and keys in use stay in use')
    }
  }
  if (await hasChanged(config)) {
    const text = `"${config.file}" has changed: restart to apply it`
    if (json) printLine({ type: 'configuration-changed', message: text })
    else warn(text)
  }
}

async function hasChanged(config: Config): Promise<boolean> {
  const now = await loadConfig(config.file).catch(() => undefined)
  return JSON.stringify(now?.content) !== JSON.stringify(config.content)
}

function tell(
  text: string,
  { json, type }: { readonly json: boolean; readonly type: string },
): void {
  if (json) printLine({ type })
  else speak(`${new Date().toISOString()} ${text}`)
}

function printLine(value: object): void {
  process.stdout.write(`${JSON.stringify({ at: new Date(), ...value }, errorsAsText)}\n`)
}

function speakEvent(event: ClusterEvent): void {
  const line = describeEvent(event)
  if (line !== undefined) speak(`${new Date().toISOString()} ${line}`)
}

function printEventLine(event: ClusterEvent): void {
  printLine(event)
}

function errorsAsText(_key: string, value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message } : value
}

function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
