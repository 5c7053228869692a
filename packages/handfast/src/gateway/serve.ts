import type { Clock, Events } from '@handfast/kit/base'
import { describePeer } from '@handfast/kit/trust'
import type { Verdict } from '@handfast/kit/trust'
import { randomUUID } from 'node:crypto'
import type { CompiledListener } from './compile-state.ts'
import type { Connection } from './connection.ts'
import type { GatewayEvent, RequestEvent } from './events.ts'
import { upstreamHeaders } from './forwarded-headers.ts'
import type { Exchange } from './http-server.ts'
import type { GatewayLimits } from './limits.ts'
import { refuseRequest } from './refuse-request.ts'
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
  const { peer } = connection.accepted
  const ending = await answer(exchange, { connection, ...context })
  context.events.emit({
    type: 'request',
    listener: context.listener,
    method: request.method ?? '',
    path: pathOf(request.url ?? ''),
    ...ending,
    ...(peer.kind === 'certified' && { peer: describePeer(peer) }),
    tookMs: performance.now() - started,
  })
}

async function answer(
  exchange: Exchange,
  context: ServeContext & { readonly connection: Connection },
): Promise<Ending> {
  const { connection, limits } = context
  const { request, response, expectsContinue } = exchange
  const { compiled, upstream } = context.active()
  const judged = await authorize(exchange, { connection, compiled })
  if (judged.outcome !== 'accept') {
    connection.cut()
    const code = judged.faults[0]?.code
    return { outcome: 'cut', ...(code !== undefined && { code }) }
  }
  const refusal = exchange.refusal ?? checkRequest(request, limits.maxHeaders)
  if (refusal !== undefined) return refuse(exchange, { reason: refusal, close: true, context })
  const identity = connection.forwardedIdentity
  const outcome = await upstream.forward({
    request,
    response,
    expectsContinue,
    headers: upstreamHeaders(request.rawHeaders, {
      ...(identity !== undefined && { identity }),
      remoteAddress: request.socket.remoteAddress,
    }),
    closing: context.closing,
  })
  if (outcome.type === 'answered' || outcome.type === 'aborted') {
    const { type, status } = outcome
    return { outcome: type, ...(status !== undefined && { status }) }
  }
  const reason = upstreamRefusal(outcome.error)
  const { code } = refusals[reason]
  const id = randomUUID()
  const why = explain(outcome.error)
  context.events.emit({ type: 'upstream-failed', listener: context.listener, code, why, id })
  if (outcome.type === 'broken') return { outcome: 'broken', status: outcome.status, code, id }
  return refuse(exchange, { reason, id, close: context.closing(), context })
}

async function authorize(
  { request }: Exchange,
  {
    connection,
    compiled,
  }: { readonly connection: Connection; readonly compiled: CompiledListener },
): Promise<Verdict> {
  return compiled.authorizer.authorize(connection.accepted.peer, {
    method: request.method ?? '',
    host: request.headers.host ?? '',
    target: request.url ?? '',
  })
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
