import type { Cancel } from '@handfast/kit/base'
import type { AllowListEntry } from '@handfast/kit/trust'

/**
 * All that a gateway needs to know, as plain data: whole, immutable, serialisable as JSON. Identities are named, never
 * held: no private key is ever in a state.
 */
export interface GatewayState {
  /** Grows with every change; the same revision is always the same state. */
  readonly revision: number
  readonly anchors: readonly AnchorRecord[]
  readonly listeners: readonly ListenerState[]
}

export interface AnchorRecord {
  /** `ca`: SHA-256 of the public key; `pinned`: SHA-256 of the certificate. Lower-case hex. */
  readonly id: string
  readonly kind: 'ca' | 'pinned'
  /** The certificate's DER in base64. */
  readonly certificate: string
}

export interface ListenerState {
  readonly name: string
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** The name of an identity that the gateway was given. */
  readonly identity: string
  readonly tlsType: 'ONE_WAY' | 'MUTUAL'
  /** Ids of the anchors that client certificates may lead to. Empty when `tlsType` is `ONE_WAY`. */
  readonly anchors: readonly string[]
  readonly allowList: readonly AllowListEntry[]
  readonly upstream: UpstreamState
}

export interface UpstreamState {
  /** `http:` for a plain upstream, `https:` for TLS. Path, query and credentials are not allowed. */
  readonly url: string
  /** The name (DNS or IP) that the upstream's certificate must carry in its SAN. Only for `https:`. */
  readonly serverName?: string
  /** Ids of the anchors that the upstream's certificate may lead to. Only for `https:`. */
  readonly anchors: readonly string[]
  /** The identity shown to the upstream; absent means TLS without a client certificate. */
  readonly identity?: string
}

/** What changed between two states, for reports; the next state is always whole. */
export interface StateChange {
  readonly from: number
  readonly to: number
  /** When the change was committed, so that "applied at" can be measured. */
  readonly at: Date
}

/** Where a gateway takes its state from. `watch` calls back in order of revision, and never re-enters itself. */
export interface StateSource {
  current(): GatewayState
  watch(fn: (change: StateChange, next: GatewayState) => void): Cancel
  /** The gateway has applied `revision`; `digest` is the SHA-256 of the state as it understood it. */
  acknowledge(revision: number, digest: string): void
}
