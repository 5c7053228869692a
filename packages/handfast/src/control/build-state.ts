import type { AllowListEntry } from '@handfast/kit/trust'
import type { AnchorRecord, GatewayState, ListenerState } from '../gateway/state.ts'
import type { AllowedMember, Manager } from '../store/store.ts'

/** What the configuration says of a gateway; the rest of its state is in the store. */
export interface GatewayBootstrap {
  readonly anchors: readonly AnchorRecord[]
  readonly listeners: readonly BootstrapListener[]
}

/** A `MUTUAL` listener gets the entries of its anchors. */
export type BootstrapListener = Omit<ListenerState, 'allowList'>

/** What the store says, read in one transaction. */
export interface StoredFacts {
  readonly revision: number
  readonly managers: readonly Manager[]
  readonly members: readonly AllowedMember[]
}

/** The whole state of a gateway. An entry counts where manager and listener both have its anchor. */
export function buildState(bootstrap: GatewayBootstrap, facts: StoredFacts): GatewayState {
  const entries = entriesInForce(facts)
  const listeners = bootstrap.listeners.map((listener) => ({
    ...listener,
    allowList: listener.tlsType === 'MUTUAL' ? entriesOf(listener, entries) : [],
  }))
  return { revision: facts.revision, anchors: bootstrap.anchors, listeners }
}

function entriesInForce({ managers, members }: StoredFacts): readonly AllowListEntry[] {
  const anchorsOf = new Map(managers.map(({ holdingId, anchors }) => [holdingId, new Set(anchors)]))
  // Two managers may admit the same member: one entry is enough.
  const unique = new Map(
    members
      .filter(({ holdingId, anchor }) => anchorsOf.get(holdingId)?.has(anchor) === true)
      .map(({ anchor, name }) => [
        `${anchor} ${name}`,
        { anchor, match: 'member-name', name } as const,
      ]),
  )
  return [...unique.values()]
}

function entriesOf(
  listener: BootstrapListener,
  entries: readonly AllowListEntry[],
): readonly AllowListEntry[] {
  const anchors = new Set(listener.anchors)
  return entries.filter(({ anchor }) => anchors.has(anchor))
}
