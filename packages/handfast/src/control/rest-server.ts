import { silentEvents, systemClock } from '@handfast/kit/base'
import type { Clock, Events } from '@handfast/kit/base'
import type { IdentitySource } from '@handfast/kit/identity'
import { Guard } from '@handfast/kit/tls'
import { oneWayPolicy, policyAuthorizer } from '@handfast/kit/trust'
import type { Store } from '../store/store.ts'
import { AllowedSubjects } from './allowed-subjects.ts'
import type { AppliedRevisions, ClusterFacts } from './allowed-subjects.ts'
import { Authenticator } from './authenticator.ts'
import { tolerant } from './events.ts'
import type { ControlEvent } from './events.ts'
import { createFeed } from './http-server.ts'
import { limits } from './limits.ts'
import { createRestApp } from './rest-app.ts'

export interface RestServerOptions {
  /** What the server shows; clients show nothing but their credentials. */
  readonly identity: IdentitySource
  readonly store: Store
  readonly cluster: ClusterFacts
  /** The gateway of this process, so that an answer means that the change is in force. */
  readonly applied?: AppliedRevisions
  readonly clock?: Clock
  readonly events?: Events<ControlEvent>
}

export interface Address {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
}

export interface RestServer extends AsyncDisposable {
  /** Where it listens. @throws {TlsError} listen-failed */
  listen(address: Address): Promise<Address>
  /** Takes no more connections and gives requests in flight two seconds. The store stays open. */
  close(): Promise<void>
}

/** The REST API over TLS, for users with a password. */
export function createRestServer(options: RestServerOptions): RestServer {
  const { identity, store, clock = systemClock } = options
  const events = tolerant(options.events ?? silentEvents)
  const app = createRestApp({
    subjects: new AllowedSubjects({ ...options, clock, events }),
    authenticator: new Authenticator({ store, clock }),
    events,
  })
  const feed = createFeed(app.server)
  const guard = new Guard({
    identity,
    clock,
    tlsType: 'ONE_WAY',
    authorizer: policyAuthorizer(() => oneWayPolicy, clock),
    maxConnections: limits.maxConnections,
    onConnection: ({ socket }) => feed.connect(socket),
    events: { emit: (event) => events.emit({ type: 'connection', event }) },
  })
  const close = async (): Promise<void> => {
    const ended = guard.close({ graceMs: limits.graceMs })
    await app.close()
    await feed.end()
    await ended
    // It never listened; this ends its search for late requests.
    app.server.close()
  }
  return {
    async listen(address) {
      await app.ready()
      return guard.listen(address)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
