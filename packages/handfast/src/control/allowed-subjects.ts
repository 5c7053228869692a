import type { Clock, Events } from '@handfast/kit/base'
import { parseMemberName, TrustError } from '@handfast/kit/trust'
import type { Manager, Store, Transaction } from '../store/store.ts'
import { ControlError } from './errors.ts'
import type { ControlEvent } from './events.ts'
import { parseHoldingId } from './holding-id.ts'
import { limits } from './limits.ts'

/** What the REST API must know about the cluster it belongs to. */
export interface ClusterFacts {
  /** Of the listener that the group's members use. */
  readonly tlsType: 'ONE_WAY' | 'MUTUAL'
}

/** Tells when the gateway of this process enforces a revision. */
export interface AppliedRevisions {
  /** False when it did not say so in time. */
  whenApplied(revision: number): Promise<boolean>
}

export interface AllowedSubjectsOptions {
  readonly store: Store
  readonly cluster: ClusterFacts
  readonly clock: Clock
  readonly events: Events<ControlEvent>
  /** Absent: no gateway runs in this process. */
  readonly applied?: AppliedRevisions
  /** Default: 100,000 for the whole cluster. */
  readonly maxAllowedMembers?: number
}

export interface SubjectChange {
  readonly holdingId: string
  readonly subject: string
  readonly actor: string
}

interface Change {
  readonly revision: number
  /** Empty when everything was so already. */
  readonly anchors: readonly string[]
}

/**
 * The allow-list of a group's manager, as Corda's resource has it: checks in Corda's order, in Corda's words. An entry
 * is a member name under each anchor that the manager has at the time; `list` shows the names that count under today's
 * anchors. What changes nothing leaves no audit row and no revision.
 *
 * `allow` and `disallow` fulfil when the change is in force at the gateway of this process, or after two seconds; then
 * it is kept all the same, and an event tells that the gateway is late.
 */
export class AllowedSubjects {
  readonly #options: AllowedSubjectsOptions

  constructor(options: AllowedSubjectsOptions) {
    this.#options = options
  }

  /**
   * Sorted, each once.
   * @throws {ControlError} cluster-one-way, holding-id-invalid, manager-not-found
   */
  async list(holdingId: string): Promise<readonly string[]> {
    this.#refuseOneWay()
    const id = parseHoldingId(holdingId)
    return this.#options.store.transaction(
      async (tx) => {
        const { anchors } = await findManager(tx, id)
        const entries = await tx.allowList.list({
          holdingId: id,
          limit: limits.maxAllowedMembers,
        })
        const names = entries
          .filter(({ anchor }) => anchors.includes(anchor))
          .map(({ name }) => name)
        return [...new Set(names)].toSorted()
      },
      { readOnly: true },
    )
  }

  /**
   * @throws {ControlError} cluster-one-way, subject-invalid, holding-id-invalid, manager-not-found,
   *   manager-without-anchors, allow-list-full
   */
  async allow(request: SubjectChange): Promise<void> {
    const { maxAllowedMembers = limits.maxAllowedMembers } = this.#options
    await this.#change(request, {
      change: 'add',
      async apply(tx, { manager, name, at }) {
        if (manager.anchors.length === 0) throw withoutAnchors(manager.holdingId)
        const added: string[] = []
        for (const anchor of manager.anchors) {
          const entry = { holdingId: manager.holdingId, anchor, name, createdAt: at }
          if (await tx.allowList.add({ ...entry, actor: request.actor })) added.push(anchor)
        }
        if ((await tx.allowList.count()) > maxAllowedMembers) throw full(maxAllowedMembers)
        return added
      },
    })
  }

  /** @throws {ControlError} cluster-one-way, subject-invalid, holding-id-invalid, manager-not-found */
  async disallow(request: SubjectChange): Promise<void> {
    await this.#change(request, {
      change: 'remove',
      async apply(tx, { manager: { holdingId }, name }) {
        const removed = await tx.allowList.remove({ holdingId, name })
        return removed.map(({ anchor }) => anchor)
      },
    })
  }

  async #change(request: SubjectChange, { change, apply }: Operation): Promise<void> {
    this.#refuseOneWay()
    const name = parseSubject(request.subject)
    const holdingId = parseHoldingId(request.holdingId)
    const { store, clock, events } = this.#options
    const { revision, anchors } = await store.transaction(async (tx): Promise<Change> => {
      const manager = await findManager(tx, holdingId)
      const at = clock.now()
      const changed = await apply(tx, { manager, name, at })
      if (changed.length === 0)
        return { revision: (await tx.revision.current()).number, anchors: [] }
      await tx.audit.append({
        at,
        actor: request.actor,
        action: `allow-list.${change}`,
        target: name,
        details: { holdingId, anchors: changed },
      })
      return { revision: (await tx.revision.bump(at)).number, anchors: changed }
    })
    if (anchors.length > 0) {
      const { actor } = request
      events.emit({ type: 'allow-list-changed', change, actor, holdingId, name, anchors, revision })
    }
    await this.#whenApplied(revision)
  }

  async #whenApplied(revision: number): Promise<void> {
    const { applied, events } = this.#options
    const start = performance.now()
    if (applied === undefined || (await applied.whenApplied(revision))) return
    events.emit({ type: 'state-late', revision, waitedMs: performance.now() - start })
  }

  #refuseOneWay(): void {
    if (this.#options.cluster.tlsType === 'MUTUAL') return
    throw new ControlError(
      'cluster-one-way',
      // Corda's words, to the letter.
      'This cluster is configure to use one way TLS. Mutual TLS APIs can not be called.',
      { hint: 'Set the TLS type of the listener to MUTUAL' },
    )
  }
}

interface Operation {
  readonly change: 'add' | 'remove'
  /** Returns the anchors under which something changed. */
  readonly apply: (
    tx: Transaction,
    to: { readonly manager: Manager; readonly name: string; readonly at: Date },
  ) => Promise<readonly string[]>
}

function parseSubject(subject: string): string {
  try {
    return parseMemberName(subject).canonical
  } catch (cause) {
    if (!(cause instanceof TrustError)) throw cause
    throw new ControlError(
      'subject-invalid',
      `subject is not a valid X500 name: ${cause.message}`,
      {
        details: { subject },
        hint: 'Name the subject like CN=Operator, O=Organisation, L=London, C=GB',
        cause,
      },
    )
  }
}

async function findManager(tx: Transaction, holdingId: string): Promise<Manager> {
  const manager = await tx.managers.byHoldingId(holdingId)
  if (manager !== undefined) return manager
  throw new ControlError('manager-not-found', `virtual node '${holdingId}' not found.`, {
    hint: 'Use the holding id that handfast up printed',
  })
}

function withoutAnchors(holdingId: string): ControlError {
  return new ControlError(
    'manager-without-anchors',
    `The manager '${holdingId}' trusts no authority, so that no subject can be allowed.`,
    { hint: 'Name the certificate of an authority in the configuration' },
  )
}

function full(max: number): ControlError {
  return new ControlError('allow-list-full', `The list is full: it holds at most ${max} entries.`, {
    hint: 'Remove subjects that are not used any more',
  })
}
