import type { Clock, Events } from '@handfast/kit/base'
import type { Issuer as IssuerRow, Store, Transaction } from '../store/store.ts'
import { AuthorityError } from './errors.ts'
import type { AuthorityEvent } from './events.ts'
import { parseIssuer } from './issuer.ts'
import type { AuthorityIssuer } from './issuer.ts'
import type { KeyRing } from './key-ring.ts'
import type { TrialKeys } from './sign-certificate.ts'
import { printable } from './text.ts'

/** What the operations of this room share. */
export interface AuthorityContext {
  readonly store: Store
  readonly clock: Clock
  readonly events: Events<AuthorityEvent>
  readonly keys: KeyRing
  readonly trials: TrialKeys
}

/** Who asks, for the audit. */
export interface Asked {
  /** A login name; by default the program's own. */
  readonly actor?: string | undefined
}

export const ownActor = 'handfast'

/** A database holds a handful of issuers; this is the most that the store reads at once. */
export const everyIssuer = { limit: 10_000 } as const

/** Reads without holding up those who write. */
export async function readStore<T>(
  { store }: AuthorityContext,
  fn: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return store.transaction(fn, { readOnly: true })
}

/** @throws {AuthorityError} issuer-not-found */
export async function findIssuerRow(tx: Transaction, label: string): Promise<IssuerRow> {
  const row = await tx.issuers.byName(label)
  if (row !== undefined) return row
  const known = (await tx.issuers.list({ limit: 20 })).map(({ name }) => name)
  throw new AuthorityError(
    'issuer-not-found',
    `Cannot find issuer "${printable(label)}": it is not kept here`,
    {
      details: { known },
      hint:
        known.length === 0
          ? 'Make one with `handfast ca init`, or bring one with `handfast ca import`'
          : `Choose one of: ${known.join(', ')}`,
    },
  )
}

export async function listIssuers(tx: Transaction): Promise<readonly AuthorityIssuer[]> {
  return (await tx.issuers.list(everyIssuer)).map(parseIssuer)
}
