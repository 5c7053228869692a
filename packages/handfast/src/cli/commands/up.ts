import type { Command } from 'commander'
import { startCluster } from '../cluster.ts'
import type { Cluster, ClusterEvent } from '../cluster.ts'
import { loadConfig } from '../config.ts'
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
  using _ = onSignal('SIGHUP', () => void reload(cluster))
  if ((await cluster.countUsers()) === 0) {
    warn(
      `nobody can use the REST API yet; run "handfast user add admin --data ${cluster.dataFolder}"`,
    )
  }
  announce(cluster, { json })
  await signal.stopped
  speak('Stopping: finishing requests in flight')
}

function announce(cluster: Cluster, { json }: { readonly json: boolean }): void {
  const { rest, listeners, holdingId } = cluster
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ at: new Date(), type: 'ready', rest, listeners, holdingId })}\n`,
    )
    return
  }
  printText(`REST API   https://${hostPort(rest)}/api/v5_1`)
  for (const { listener, ...address } of listeners)
    printText(`gateway    https://${hostPort(address)}  (${listener})`)
  printText(`manager    ${holdingId}`)
  printText(
    `allow-list https://${hostPort(rest)}/api/v5_1/mgm/${holdingId}/mutual-tls/allowed-client-certificate-subjects`,
  )
}

async function reload(cluster: Cluster): Promise<void> {
  try {
    await cluster.reloadIdentities()
    speak('Read the identities anew')
  } catch (error) {
    reportError(error, { json: false })
    speak('The identities in use stay in use')
  }
}

function speakEvent(event: ClusterEvent): void {
  const line = describeEvent(event)
  if (line !== undefined) speak(`${new Date().toISOString()} ${line}`)
}

function printEventLine(event: ClusterEvent): void {
  process.stdout.write(`${JSON.stringify({ at: new Date(), ...event }, errorsAsText)}\n`)
}

function errorsAsText(_key: string, value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message } : value
}

function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
