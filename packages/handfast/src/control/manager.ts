import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '@handfast/kit/base'
import { parseMemberName } from '@handfast/kit/trust'
import type { Manager, Store, Transaction } from '../store/store.ts'
import { ControlError } from './errors.ts'

export interface ManagerOptions {
  /** A member name, in any form. */
  readonly name: string
  /** Ids of the anchors that the group's members may lead to. */
  readonly anchors: readonly string[]
  readonly clock: Clock
  /** For the audit. Default: `handfast:up`, which is nobody's login name (a colon is in none). */
  readonly actor?: string
}

/**
 * The cluster's own manager: created at the first call, with a new group, and the same ever after. Its anchors follow
 * the configuration. Entries of the allow-list stay with the anchor that they were made for: they rest when the anchor
 * goes, and count again if it comes back.
 *
 * @throws {ControlError} manager-renamed
 * @throws {TrustError} member-name-invalid
 */
export async function ensureManager(store: Store, options: ManagerOptions): Promise<Manager> {
  const name = parseMemberName(options.name).canonical
  const anchors = [...new Set(options.anchors)].toSorted()
  return store.transaction(async (tx) => {
    const [known] = await tx.managers.list()
    if (known === undefined) return createManager(tx, { ...options, name, anchors })
    if (known.name !== name) throw renamed(known.name, name)
    if (known.anchors.join() === anchors.join()) return known
    const updated = { ...known, anchors }
    await tx.managers.update(updated)
    await record(tx, { ...options, action: 'manager.set-anchors', manager: updated })
    return updated
  })
}

/** Corda's short hash of a holding identity: 12 upper-case hexadecimal digits. */
export function holdingIdOf(name: string, groupId: string): string {
  return createHash('sha256')
    .update(name + groupId)
    .digest('hex')
    .slice(0, 12)
    .toUpperCase()
}

async function createManager(tx: Transaction, options: ManagerOptions): Promise<Manager> {
  const { name, anchors, clock } = options
  const groupId = randomUUID()
  const holdingId = holdingIdOf(name, groupId)
  const manager = { holdingId, name, groupId, anchors, createdAt: clock.now() }
  await tx.managers.insert(manager)
  await record(tx, { ...options, action: 'manager.create', manager })
  return manager
}

async function record(
  tx: Transaction,
  change: Pick<ManagerOptions, 'actor' | 'clock'> & {
    readonly action: string
    readonly manager: Manager
  },
): Promise<void> {
  const { action, manager, clock, actor = 'handfast:up' } = change
  const at = clock.now()
  const { name, groupId, anchors } = manager
  await tx.audit.append({
    at,
    actor,
    action,
    target: manager.holdingId,
    details: { name, groupId, anchors },
  })
  await tx.revision.bump(at)
}

function renamed(known: string, wanted: string): ControlError {
  return new ControlError(
    'manager-renamed',
    `Cannot host manager "${wanted}": this data folder belongs to manager "${known}"`,
    {
      details: { known, wanted },
      hint: `Put the name "${known}" back into the configuration, or start with an empty data folder`,
    },
  )
}
