import { once } from 'node:events'
import type { Refusal } from '@handfast/kit/trust'
import { callOnce, callWith, changeAllowList, openClient } from './call.ts'
import type { CallResult } from './call.ts'
import type { Credential } from './organisation.ts'
import type { Stage } from './stage.ts'

export interface StepResult {
  /** What is tried, and by whom. */
  readonly caller: string
  readonly expected: string
  readonly actual: string
  /** The refusal's code as the gateway's log has it; what the caller was told may say less. */
  readonly code?: string
  readonly reason?: string
  /** What the caller saw. */
  readonly seen: string
  readonly elapsedMs?: number
  readonly ok: boolean
}

interface CallStep {
  readonly caller: string
  readonly credential?: Credential
  /** `accepted`, or the code of the refusal that is expected. */
  readonly expected: string
}

const waitLimitMs = 10_000

/** Makes every call of the demo, one after the other, and yields each result as it comes. */
export async function* runSteps(stage: Stage): AsyncGenerator<StepResult, void> {
  const { credentials, newcomer } = stage
  yield await call(stage, {
    caller: 'Client B, with the certificate that Client C signed for it',
    credential: credentials.clientB,
    expected: 'accepted',
  })
  yield await call(stage, { caller: 'somebody without a certificate', expected: 'HF-T101' })
  yield await call(stage, {
    caller: "the same subject, signed by Client B's own authority",
    credential: credentials.sameSubjectOtherAuthority,
    expected: 'HF-T112',
  })
  yield await call(stage, {
    caller: 'a valid certificate, but its subject was not introduced',
    credential: credentials.newcomer,
    expected: 'HF-T104',
  })
  yield await change(stage, 'PUT')
  yield await call(stage, {
    caller: 'the same certificate again',
    credential: credentials.newcomer,
    expected: 'accepted',
  })
  yield await cutLive(stage, newcomer)
  yield await call(stage, {
    caller: 'a certificate that expired',
    credential: credentials.expired,
    expected: 'HF-T132',
  })
  yield await call(stage, {
    caller: 'a certificate for servers only',
    credential: credentials.serverOnly,
    expected: 'HF-T134',
  })
}

async function call(stage: Stage, { caller, credential, expected }: CallStep): Promise<StepResult> {
  const result = await callOnce(stage.gateway, credential)
  const seen = describeCall(result)
  if (result.status === 200) {
    return {
      caller,
      expected,
      actual: 'accepted',
      seen,
      ok: expected === 'accepted' && greets(result, stage, credential),
    }
  }
  // The caller's problem and the gateway's log carry the same id.
  const [refusal] = await stage.refusalsOf(result.id ?? '')
  return {
    caller,
    expected,
    ...refused(refusal),
    seen,
    ok: refusal?.code === expected && result.status === 403,
  }
}

/** The backend saw who called, and not the gateway or what the client might claim. */
function greets(result: CallResult, stage: Stage, credential: Credential | undefined): boolean {
  const name = credential === stage.credentials.newcomer ? stage.newcomerName : stage.clientName
  return result.body === `Hello, ${name}!\n`
}

async function change(stage: Stage, method: 'PUT' | 'DELETE'): Promise<StepResult> {
  const startedAt = performance.now()
  await changeAllowList(stage.rest, { method, subject: stage.newcomer })
  const verb = method === 'PUT' ? 'introduces' : 'removes'
  return {
    caller: `the operator ${verb} that subject: ${method} on the allow-list`,
    expected: 'done',
    actual: 'done',
    seen: 'HTTP 204',
    elapsedMs: performance.now() - startedAt,
    ok: true,
  }
}

/** A connection that is open and idle when its subject is removed. */
async function cutLive(stage: Stage, subject: string): Promise<StepResult> {
  const client = openClient(stage.gateway, stage.credentials.newcomer)
  try {
    const first = await callWith(client)
    const gone = once(client, 'disconnect', { signal: AbortSignal.timeout(waitLimitMs) })
    const startedAt = performance.now()
    const deleted = changeAllowList(stage.rest, { method: 'DELETE', subject })
    await gone
    const elapsedMs = performance.now() - startedAt
    await deleted
    const [refusal] = await stage.cutOf(stage.newcomer)
    return {
      caller: 'the operator removes it (DELETE) while its keep-alive connection is open',
      expected: 'cut, HF-T104',
      ...refused(refusal),
      actual: 'cut',
      seen: 'the connection was closed',
      elapsedMs,
      ok: first.status === 200 && refusal?.code === 'HF-T104',
    }
  } finally {
    await client.destroy()
  }
}

function refused(refusal: Refusal | undefined): { actual: string; code?: string; reason?: string } {
  if (refusal === undefined) return { actual: 'refused, and the gateway did not say why' }
  return { actual: 'refused', code: refusal.code, reason: refusal.what }
}

function describeCall({ status, body, publicCode }: CallResult): string {
  return publicCode === undefined
    ? `HTTP ${status} "${body.trim()}"`
    : `HTTP ${status} ${publicCode}`
}
