import type { Clock } from '@handfast/kit/base'
import { noEvidence, verdict } from '@handfast/kit/trust'
import type { Authorizer, Peer, Policy, Verdict } from '@handfast/kit/trust'

/**
 * Judges by one policy, and remembers whom it accepted for as long as the verdict holds, so that each request can be
 * authorized at the price of a look-up. A change of policy is another authorizer, with nothing remembered.
 */
export function rememberingAuthorizer(policy: Policy, clock: Pick<Clock, 'now'>): Authorizer {
  const accepted = new WeakMap<Peer, Verdict>()
  return {
    authorize(peer): Verdict {
      const at = clock.now()
      const known = accepted.get(peer)
      if (known !== undefined && (known.validUntil === undefined || at < known.validUntil))
        return known
      const judged = verdict(policy, peer, noEvidence, at)
      if (judged.outcome === 'accept') accepted.set(peer, judged)
      return judged
    },
  }
}
