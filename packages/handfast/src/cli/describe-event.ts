import type { GuardEvent } from '@handfast/kit/tls'
import type { ClusterEvent } from './cluster.ts'
import type { ControlEvent } from '../control/events.ts'
import type { GatewayEvent } from '../gateway/events.ts'
import { printable } from './output.ts'

/** One line about an event for people; `undefined` for what only machines count. */
export function describeEvent({ room, event }: ClusterEvent): string | undefined {
  const line =
    room === 'gateway'
      ? gatewayLine(event)
      : room === 'control'
        ? controlLine(event)
        : `${event.type}: ${textOf(event.error)}`
  return line === undefined
    ? undefined
    : printable(`${room.padEnd(7)} ${line}`).replaceAll('\n', ' ')
}

function gatewayLine(event: GatewayEvent): string | undefined {
  switch (event.type) {
    case 'connection':
      return guardLine(event.event, event.listener)
    case 'request':
      return `${event.listener}: ${event.method} ${event.path} ${event.outcome}${event.status === undefined ? '' : ` ${event.status}`}${event.code === undefined ? '' : ` ${event.code}`} by ${event.peer ?? 'anybody'}, ${event.tookMs.toFixed(1)} ms`
    case 'state-applied':
      return `revision ${event.revision} in force after ${event.tookMs.toFixed(1)} ms: ${event.cut} connections cut, ${event.kept} kept`
    case 'state-refused':
      return `revision ${event.revision} refused, the one before stays: ${event.error.message} [${event.error.code}]`
    case 'upstream-failed':
      return `${event.listener}: upstream failed: ${event.why} [${event.code}] id ${event.id}`
    case 'internal-error':
      return `internal error: ${textOf(event.error)}`
    case 'started':
    case 'closed':
      return undefined
  }
}

function controlLine(event: ControlEvent): string | undefined {
  switch (event.type) {
    case 'connection':
      return guardLine(event.event, 'rest')
    case 'request-refused':
      return `${event.method} ${event.path} from ${event.remoteAddress} refused ${event.status}: ${event.title}`
    case 'request-failed':
      return `${event.method} ${event.path} failed: ${textOf(event.error)} id ${event.requestId}`
    case 'allow-list-changed':
      return `${event.actor} ${event.change === 'add' ? 'added' : 'removed'} "${event.name}" at revision ${event.revision}`
    case 'state-late':
      return `revision ${event.revision} not in force after ${event.waitedMs} ms`
    case 'state-mismatch':
      return `revision ${event.revision}: the gateway enforces another state`
    case 'state-unreadable':
    case 'watcher-failed':
      return `${event.type}: ${textOf(event.error)}`
    case 'state-applied':
      return undefined
  }
}

function guardLine(event: GuardEvent, listener: string): string | undefined {
  switch (event.type) {
    case 'connection-accepted':
      return undefined
    case 'connection-refused':
      return `${listener}: refused ${event.peer} from ${event.remoteAddress}: ${reasons(event.refusals)} id ${event.id}`
    case 'connection-cut':
      return `${listener}: cut ${event.peer} from ${event.remoteAddress}: ${reasons(event.refusals)}`
    case 'handshake-failed':
      return `${listener}: ${event.failure.code} ${event.failure.what}${event.remoteAddress === '' ? '' : `, from ${event.remoteAddress}`}${event.failure.name === 'handshake-failed' ? ` (${event.message})` : ''}`
  }
}

function reasons(refusals: readonly { readonly code: string; readonly what: string }[]): string {
  return refusals.map(({ code, what }) => `${code} ${what}`).join('; ')
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
