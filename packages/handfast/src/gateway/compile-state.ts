import type { Clock } from '@handfast/kit/base'
import type { IdentitySource } from '@handfast/kit/identity'
import { createAllowList, TrustError } from '@handfast/kit/trust'
import type { AllowList, Authorizer, Policy } from '@handfast/kit/trust'
import { anchorsOf, compileAnchors } from './compile-anchors.ts'
import type { AnchorsById } from './compile-anchors.ts'
import { compileUpstream } from './compile-upstream.ts'
import type { CompiledUpstream } from './compile-upstream.ts'
import { GatewayError } from './errors.ts'
import { rememberingAuthorizer } from './remembering-authorizer.ts'
import type { GatewayState, ListenerState } from './state.ts'
import { stateDigest } from './state-digest.ts'

/** A state, checked whole and made ready to judge and to dial. */
export interface CompiledState {
  readonly state: GatewayState
  readonly digest: string
  /** By name. */
  readonly listeners: ReadonlyMap<string, CompiledListener>
}

export interface CompiledListener {
  readonly state: ListenerState
  readonly identity: IdentitySource
  readonly authorizer: Authorizer
  readonly upstream: CompiledUpstream
}

export interface CompileOptions {
  /** By name; what a state may refer to. */
  readonly identities: ReadonlyMap<string, IdentitySource>
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Turns plain data into what the gateway runs on, or refuses it as a whole. Does no I/O.
 * @throws {GatewayError} HF-G101 to HF-G111, naming the listener and what is wrong with it
 */
export function compileState(state: GatewayState, options: CompileOptions): CompiledState {
  const anchors = compileAnchors(state.anchors)
  refuseDuplicates(state.listeners)
  const listeners = new Map(
    state.listeners.map((listener) => [
      listener.name,
      compileListener(listener, { ...options, anchors }),
    ]),
  )
  return { state, digest: stateDigest(state), listeners }
}

function compileListener(
  state: ListenerState,
  { identities, clock, anchors }: CompileOptions & { readonly anchors: AnchorsById },
): CompiledListener {
  checkListener(state)
  const who = { listener: state.name }
  const policy: Policy = {
    tlsType: state.tlsType,
    purpose: 'clientAuth',
    anchors: anchorsOf(state.anchors, { anchors, ...who }),
    allowList: compileAllowList(state),
  }
  return {
    state,
    identity: identityOf(state.identity, { identities, ...who }),
    authorizer: rememberingAuthorizer(policy, clock),
    upstream: compileUpstream(state.upstream, {
      ...who,
      anchors,
      identityOf: (name) => identityOf(name, { identities, ...who }),
    }),
  }
}

function checkListener(state: ListenerState): void {
  const { name, host, port, tlsType, anchors, allowList } = state
  const refuse = (reason: 'listener-invalid' | 'listener-anchors-missing', what: string): never => {
    throw new GatewayError(reason, `Cannot use listener "${name}": ${what}`, {
      details: { listener: name },
    })
  }
  if (name === '') refuse('listener-invalid', 'it has no name')
  if (host === '') refuse('listener-invalid', 'it has no host to listen on')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    refuse('listener-invalid', `port ${port} is not between 0 and 65535`)
  }
  // A state may come from JSON, where types are only promised. OBSERVE must not become one of the others.
  if (!['ONE_WAY', 'MUTUAL'].includes(tlsType)) {
    refuse('listener-invalid', `tlsType "${tlsType}" is neither ONE_WAY nor MUTUAL`)
  }
  if (tlsType === 'MUTUAL' && anchors.length === 0) {
    refuse('listener-anchors-missing', 'it is MUTUAL, but no anchor may vouch for a client')
  }
  if (tlsType === 'ONE_WAY' && (anchors.length > 0 || allowList.length > 0)) {
    throw withoutEffect(
      name,
      'it is ONE_WAY, so its anchors and its allow-list would admit and refuse nobody',
    )
  }
}

function compileAllowList({
  name,
  tlsType,
  anchors,
  allowList,
}: ListenerState): AllowList | 'any-name' {
  if (tlsType === 'ONE_WAY') return 'any-name'
  const stray = allowList.find((entry) => !anchors.includes(entry.anchor))
  const refuse = (what: string, cause?: unknown): GatewayError =>
    new GatewayError('allow-list-invalid', `Cannot use listener "${name}": ${what}`, {
      cause,
      details: { listener: name },
    })
  if (stray !== undefined) {
    throw refuse(
      `allow-list entry "${stray.name}" is for anchor ${stray.anchor}, which it does not trust`,
    )
  }
  try {
    return createAllowList(allowList)
  } catch (error) {
    if (error instanceof TrustError) throw refuse(error.message, error)
    throw error
  }
}

function identityOf(
  name: string,
  { identities, listener }: Pick<CompileOptions, 'identities'> & { readonly listener: string },
): IdentitySource {
  const identity = identities.get(name)
  if (identity !== undefined) return identity
  const known = [...identities.keys()].map((key) => `"${key}"`).join(', ')
  throw new GatewayError(
    'identity-unknown',
    `Cannot use listener "${listener}": identity "${name}" is not loaded (loaded: ${known || 'none'})`,
    { details: { listener, identity: name } },
  )
}

function refuseDuplicates(listeners: readonly ListenerState[]): void {
  const names = new Set<string>()
  const addresses = new Map<string, string>()
  for (const { name, host, port } of listeners) {
    const address = `${host}:${port}`
    const other = names.has(name) ? name : port === 0 ? undefined : addresses.get(address)
    if (other !== undefined) {
      const what = names.has(name)
        ? 'another listener has this name'
        : `"${other}" listens on ${address} too`
      throw new GatewayError('listener-duplicate', `Cannot use listener "${name}": ${what}`, {
        details: { listener: name },
      })
    }
    names.add(name)
    addresses.set(address, name)
  }
}

function withoutEffect(listener: string, what: string): GatewayError {
  return new GatewayError('setting-without-effect', `Cannot use listener "${listener}": ${what}`, {
    details: { listener },
    hint: 'Remove the settings, or set what gives them an effect',
  })
}
