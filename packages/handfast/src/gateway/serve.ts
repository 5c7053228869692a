import type { Clock, Events } from '@handfast/kit/base'
import type { Verdict } from '@handfast/kit/trust'
import { randomUUID } from 'node:crypto'
import type { CompiledListener } from './compile-state.ts'
import type { Connection } from './connection.ts'
import type { GatewayEvent, RequestEvent } from './events.ts'
import { upstreamHeaders } from './forwarded-headers.ts'
import type { Exchange } from './http-server.ts'
import type { GatewayLimits } from './limits.ts'
import { refuseRequest } from './refuse-request.ts'
import type { Outcome } from './relay.ts'
import { refusals } from './refusals.ts'
import type { RefusalReason } from './refusals.ts'
import { checkRequest } from './request-rules.ts'
import { explain, upstreamRefusal } from './upstream-failure.ts'
import type { Upstream } from './upstream.ts'

/** What a listener runs on right now; a change of state puts another one in its place. */
export interface ActiveListener {
  readonly compiled: CompiledListener
  readonly upstream: Upstream
}

export interface ServeContext {
  readonly listener: string
  /** Asked anew for each request. */
  readonly active: () => ActiveListener
  readonly closing: () => boolean
  readonly clock: Clock
  readonly events: Events<GatewayEvent>
  readonly limits: GatewayLimits
}

type Ending = Pick<RequestEvent, 'outcome' | 'status' | 'code' | 'id'>

/** Answers one request: authorized again, judged by the rules, sent on. Resolves when its answer is out or lost. */
export async function serve(
  exchange: Exchange,
  { connection, ...context }: ServeContext & { readonly connection: Connection },
): Promise<void> {
  const started = performance.now()
  const { request } = exchange
  const { peerName } = connection
  const ending = await answer(exchange, { connection, ...context })
  context.events.emit({
    type: 'request',
    listener: context.listener,
    method: request.method ?? '',
    path: pathOf(request.url ?? ''),
    ...ending,
    ...(peerName !== undefined && { peer: peerName }),
    tookMs: performance.now() - started,
  })
}

async function answer(
  exchange: Exchange,
  context: ServeContext & { readonly connection: Connection },
): Promise<Ending> {
  const { connection, limits } = context
  const { request } = exchange
  const { judged, upstream } = await authorize(exchange, context)
  if (judged.outcome !== 'accept') {
    connection.cut()
    const code = judged.faults[0]?.code
    return { outcome: 'cut', ...(code !== undefined && { code }) }
  }
  // Bytes behind the head may have ended the connection meanwhile.
  if (request.socket.destroyed) return { outcome: 'aborted' }
  const refusal = exchange.refusal ?? checkRequest(request, limits.maxHeaders)
  if (refusal !== undefined) return refuse(exchange, { reason: refusal, close: true, context })
  const identity = connection.forwardedIdentity
  const headers = upstreamHeaders(request.rawHeaders, {
    ...(identity !== undefined && { identity }),
    remoteAddress: request.socket.remoteAddress,
  })
  const outcome = await upstream.forward({ ...exchange, headers, closing: context.closing })
  return conclude(exchange, { outcome, context })
}

/** By what is in use when the answer is there: a policy that was replaced meanwhile has no say, nor has its upstream. */
async function authorize(
  { request }: Exchange,
  { connection, active }: ServeContext & { readonly connection: Connection },
): Promise<{ readonly judged: Verdict; readonly upstream: Upstream }> {
  const { method = '', url: target = '', headers } = request
  const asked = { method, target, host: headers.host ?? '' }
  for (;;) {
    const current = active()
    const { authorizer } = current.compiled
    const judged = await authorizer.authorize(connection.accepted.peer, asked)
    if (current === active()) return { judged, upstream: current.upstream }
  }
}

async function conclude(
  exchange: Exchange,
  { outcome, context }: { readonly outcome: Outcome; readonly context: ServeContext },
): Promise<Ending> {
  if (outcome.type === 'answered' || outcome.type === 'aborted') {
    const { type, status } = outcome
    return { outcome: type, ...(status !== undefined && { status }) }
  }
  const { listener, closing, events } = context
  const reason = upstreamRefusal(outcome.error)
  const { code } = refusals[reason]
  const id = randomUUID()
  events.emit({ type: 'upstream-failed', listener, code, why: explain(outcome.error), id })
  if (outcome.type === 'broken') return { outcome: 'broken', status: outcome.status, code, id }
  return refuse(exchange, { reason, id, close: closing(), context })
}

async function refuse(
  exchange: Exchange,
  options: {
    readonly reason: RefusalReason
    readonly id?: string
    readonly close: boolean
    readonly context: ServeContext
  },
): Promise<Ending> {
  const { reason, id = randomUUID(), close, context } = options
  const { clock, limits } = context
  const { lingerTimeoutMs } = limits
  await refuseRequest(exchange, { reason, id, close, clock, lingerTimeoutMs })
  const { code, status } = refusals[reason]
  return { outcome: 'refused', status, code, id }
}

function pathOf(target: string): string {
  const end = target.indexOf('?')
  return end < 0 ? target : target.slice(0, end)
}
