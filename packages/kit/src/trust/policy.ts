import type { AllowList } from './allow-list.ts'
import type { Anchor } from './anchor.ts'
import { TrustError } from './errors.ts'

/** Whom to accept. Immutable: a change is a new policy. */
export interface Policy {
  /** `ONE_WAY` asks the peer for nothing and accepts it; `MUTUAL` asks and judges. */
  readonly tlsType: 'ONE_WAY' | 'MUTUAL'
  /** What the peer's certificate must be good for: `clientAuth` on a server, `serverAuth` on a client. */
  readonly purpose: 'clientAuth' | 'serverAuth'
  readonly anchors: readonly Anchor[]
  /** `any-name` accepts every name that an anchor vouches for. */
  readonly allowList: AllowList | 'any-name'
  /** The name (DNS or IP) that the peer's SAN must hold; a client always sets it. */
  readonly serverName?: string
}

/**
 * Checks that a policy can judge at all.
 * @throws {TrustError} anchors-missing
 */
export function createPolicy(policy: Policy): Policy {
  if (policy.tlsType === 'MUTUAL' && policy.anchors.length === 0) {
    throw new TrustError('anchors-missing', 'Cannot judge peers: no anchor is trusted', {
      hint: "Name the certificate of at least one authority, or pin a certificate; the system's own roots are never used",
    })
  }
  return policy
}

/** Accepts whoever connects, without asking for a certificate. */
export const oneWayPolicy: Policy = {
  tlsType: 'ONE_WAY',
  purpose: 'clientAuth',
  anchors: [],
  allowList: 'any-name',
}
