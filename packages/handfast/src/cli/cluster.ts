import { systemClock } from '@handfast/kit/base'
import type { Events } from '@handfast/kit/base'
import type { Address } from '@handfast/kit/tls'
import type { ControlEvent } from '../control/events.ts'
import { ensureManager } from '../control/manager.ts'
import { createRestServer } from '../control/rest-server.ts'
import { createStateSource } from '../control/state-source.ts'
import type { GatewayEvent, ListenerAddress } from '../gateway/events.ts'
import { Gateway } from '../gateway/gateway.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { StoreEvent } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { loadClusterInputs, restIdentity } from './cluster-inputs.ts'
import type { ClusterInputs } from './cluster-inputs.ts'
import type { Config } from './config.ts'
import { databaseFile } from './data-folder.ts'
import { CliError } from './errors.ts'

/** What a room told, and which. */
export type ClusterEvent =
  | { readonly room: 'gateway'; readonly event: GatewayEvent }
  | { readonly room: 'control'; readonly event: ControlEvent }
  | { readonly room: 'store'; readonly event: StoreEvent }

/** One cluster: its REST API and its gateway in this process, over one database. */
export interface Cluster extends AsyncDisposable {
  readonly rest: Address
  readonly listeners: readonly ListenerAddress[]
  /** Of the local manager: 12 upper-case hexadecimal digits. */
  readonly holdingId: string
  readonly dataFolder: string
  /** Users that may log in to the REST API. */
  countUsers(): Promise<number>
  /** Reads every identity's files anew; each is whole or stays as it was. @throws {IdentityError} the first failure */
  reloadIdentities(): Promise<void>
}

/** Starts what a configuration describes, or leaves nothing running. */
export async function startCluster(config: Config, events: Events<ClusterEvent>): Promise<Cluster> {
  const inputs = await loadClusterInputs(config)
  await using stack = new AsyncDisposableStack()
  const store = stack.use(
    await openSqliteStore({
      file: databaseFile(inputs.dataFolder),
      clock: systemClock,
      events: { emit: (event) => events.emit({ room: 'store', event }) },
    }),
  )
  const rooms = await startRooms({ inputs, store, events, stack })
  const running = stack.move()
  return {
    ...rooms,
    dataFolder: inputs.dataFolder,
    countUsers: () =>
      store.transaction(async (tx) => (await tx.users.list()).length, { readOnly: true }),
    reloadIdentities: () => reloadAll(inputs),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

interface Rooms {
  readonly inputs: ClusterInputs
  readonly store: Store
  readonly events: Events<ClusterEvent>
  /** Ends what was started, in reverse order. */
  readonly stack: AsyncDisposableStack
}

async function startRooms(
  rooms: Rooms,
): Promise<Pick<Cluster, 'rest' | 'listeners' | 'holdingId'>> {
  const { inputs, store, stack } = rooms
  const { managerName, managerAnchors, anchors, listeners, identities } = inputs
  const controlEvents = {
    emit: (event: ControlEvent) => rooms.events.emit({ room: 'control', event }),
  }
  const manager = await ensureManager(store, {
    name: managerName,
    anchors: managerAnchors.map(({ id }) => id),
    clock: systemClock,
  })
  const source = await createStateSource({
    store,
    bootstrap: { anchors, listeners },
    events: controlEvents,
  })
  stack.defer(() => source.close())
  const gateway = stack.use(
    new Gateway({
      source,
      identities,
      clock: systemClock,
      events: { emit: (event) => rooms.events.emit({ room: 'gateway', event }) },
    }),
  )
  await gateway.start()
  const rest = stack.use(
    createRestServer({
      identity: identityOf(inputs),
      store,
      cluster: {
        tlsType: listeners.some(({ tlsType }) => tlsType === 'MUTUAL') ? 'MUTUAL' : 'ONE_WAY',
      },
      applied: source,
      clock: systemClock,
      events: controlEvents,
    }),
  )
  const address = await rest.listen(inputs.rest)
  return { rest: address, listeners: gateway.addresses(), holdingId: manager.holdingId }
}

function identityOf({ identities }: ClusterInputs): NonNullable<ReturnType<typeof identities.get>> {
  const identity = identities.get(restIdentity)
  if (identity === undefined)
    throw new CliError('config-invalid', 'Cannot start: the REST API has no identity')
  return identity
}

async function reloadAll({ identities }: ClusterInputs): Promise<void> {
  const results = await Promise.allSettled(
    [...identities.values()].map((identity) => identity.reload()),
  )
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
