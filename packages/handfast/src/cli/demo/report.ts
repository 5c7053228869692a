import { styleText } from 'node:util'
import { printable } from '../output.ts'
import type { Stage } from './stage.ts'
import type { StepResult } from './steps.ts'

/** What the demo shows, as text. */

export const picture = `
   Client B                    Client C
  ┌─────────┐  mutual TLS   ┌─────────┐  mutual TLS   ┌─────────┐
  │ client  ├──────────────▶│ gateway ├──────────────▶│ backend │
  └─────────┘               └────┬────┘               └─────────┘
                                 │ who may talk
                            ┌────┴────┐
                operator ──▶│ REST API│  allow-list
                            └─────────┘
`

export function formatStep(step: StepResult, number: number): string {
  const { ok, actual, code, reason = '', elapsedMs } = step
  const mark = ok ? paint('green', '✔') : paint('red', '✘')
  const outcome = elapsedMs === undefined ? actual : `${actual} in ${elapsedMs.toFixed(1)} ms`
  const style = actual === 'accepted' || actual === 'done' ? 'green' : 'yellow'
  const why = code === undefined ? '' : `  ${paint('bold', code)} ${printable(reason)}`
  const lines = [
    `${mark} ${String(number).padStart(2)}. ${step.caller}`,
    `       ${paint(style, printable(outcome))}${why}`,
    `       ${paint('dim', `the caller sees: ${printable(step.seen)}`)}`,
  ]
  if (!ok) lines.push(`       ${paint('red', `expected: ${step.expected}`)}`)
  return lines.join('\n')
}

/** Commands to copy, with the files that the demo made. */
export function formatCommands(stage: Stage): string {
  const { gateway, rest, credentials, rootFile, restConfigFile, newcomer } = stage
  const { clientB, newcomer: second } = credentials
  const allowList = `https://127.0.0.1:${rest.port}${rest.allowListPath}`
  const root = quote(rootFile)
  const call = (cert: string, key: string): string =>
    `curl --cacert ${root} --cert ${quote(cert)} --key ${quote(key)} https://127.0.0.1:${gateway.port}/hello`
  return [
    paint(
      'bold',
      'Call the gateway yourself, as Client B, as the subject that was removed, and as nobody:',
    ),
    `  ${call(clientB.certificateFile, clientB.keyFile)}`,
    `  ${call(second.certificateFile, second.keyFile)}`,
    `  curl --cacert ${root} https://127.0.0.1:${gateway.port}/hello`,
    '',
    paint(
      'bold',
      'Read and change the allow-list over REST (the user and its password are in the file):',
    ),
    `  curl -K ${quote(restConfigFile)} ${quote(allowList)}`,
    `  curl -K ${quote(restConfigFile)} -X PUT ${quote(`${allowList}/${newcomer.replaceAll(' ', '%20')}`)}`,
    `  curl -K ${quote(restConfigFile)} -X DELETE ${quote(`${allowList}/${newcomer.replaceAll(' ', '%20')}`)}`,
  ].join('\n')
}

/** For `--json`. */
export function demoData(stage: Stage, steps: readonly StepResult[]): object {
  const { gateway, rest, cluster, credentials, rootFile, restConfigFile } = stage
  return {
    ok: steps.every(({ ok }) => ok),
    steps,
    gateway: { url: `https://127.0.0.1:${gateway.port}` },
    rest: {
      url: `https://127.0.0.1:${rest.port}/api/v5_1`,
      allowList: `https://127.0.0.1:${rest.port}${rest.allowListPath}`,
      curlConfigFile: restConfigFile,
    },
    holdingId: cluster.holdingId,
    rootFile,
    client: {
      certificateFile: credentials.clientB.certificateFile,
      keyFile: credentials.clientB.keyFile,
    },
  }
}

function paint(style: 'green' | 'red' | 'yellow' | 'bold' | 'dim', text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** For a POSIX shell. */
function quote(text: string): string {
  return /^[A-Za-z0-9_/.:=,@%+-]+$/.test(text)
    ? text
    : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
