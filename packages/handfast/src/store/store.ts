import type { Cancel } from '@handfast/kit/base'

/**
 * What the program keeps. One engine implements it today (SQLite); everything an engine must keep is said by
 * `storeSuite`.
 */
export interface Store extends AsyncDisposable {
  /**
   * Runs `fn` in one transaction: all of it is kept when its promise fulfils, nothing when it rejects. Transactions of
   * one store run one after the other; waiting for one's turn has a limit. Never start one inside another, and never
   * use `tx` after `fn` ended.
   *
   * @throws {StoreError} and whatever `fn` throws
   */
  transaction<T>(fn: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>
  /**
   * Calls back with each revision that was committed, by this process or by another one on the same database, in
   * order. A revision that was overtaken before it was seen is passed over.
   */
  watchRevision(fn: (revision: Revision) => void): Cancel
  /** Ends watching and waits for the running transaction; later calls of `transaction` reject. */
  close(): Promise<void>
}

export interface TransactionOptions {
  /** Refuses writes, and never waits for another process. */
  readonly readOnly?: boolean
}

/** The tables, as operations. Lists are bounded: see `limits.ts`. */
export interface Transaction {
  readonly users: Users
  readonly managers: Managers
  readonly allowList: AllowList
  readonly issuers: Issuers
  readonly certificates: Certificates
  readonly audit: Audit
  readonly revision: Revisions
}

export interface User {
  /** Compared as it is written: upper and lower case differ. */
  readonly name: string
  /** Whatever the control room needs to check a password; never the password. */
  readonly passwordHash: string
  readonly createdAt: Date
  /** When `passwordHash` was last set. */
  readonly updatedAt: Date
}

export interface Users {
  /** Inserts the user, or replaces the hash of the one with this name (its `createdAt` stays). */
  upsert(user: User): Promise<void>
  byName(name: string): Promise<User | undefined>
  /** By name, ascending. */
  list(options?: ListOptions): Promise<readonly User[]>
}

/** A group's manager that this cluster hosts. */
export interface Manager {
  /** 12 upper-case hexadecimal digits. */
  readonly holdingId: string
  /** A member name in its canonical form. */
  readonly name: string
  readonly groupId: string
  /** Ids of the anchors that the group's members may lead to. */
  readonly anchors: readonly string[]
  readonly createdAt: Date
}

export interface Managers {
  /** @throws {StoreError} conflict: the holding id exists */
  insert(manager: Manager): Promise<void>
  byHoldingId(holdingId: string): Promise<Manager | undefined>
  /** Replaces all but `createdAt`. @throws {StoreError} row-missing */
  update(manager: Manager): Promise<void>
  /** Oldest first. */
  list(options?: ListOptions): Promise<readonly Manager[]>
}

export interface AllowedMember {
  readonly holdingId: string
  /** The anchor that the member's certificate must lead to. */
  readonly anchor: string
  /** A member name in its canonical form. */
  readonly name: string
  readonly createdAt: Date
  readonly actor: string
}

export interface AllowList {
  /** False when the same (holding id, anchor, name) is there already; the row then stays as it was. */
  add(entry: AllowedMember): Promise<boolean>
  /** Removes the name under every anchor; returns what was removed. */
  remove(entry: {
    readonly holdingId: string
    readonly name: string
  }): Promise<readonly AllowedMember[]>
  /** By name, then anchor, ascending; of one manager, or of all. */
  list(options?: ListOptions & { readonly holdingId?: string }): Promise<readonly AllowedMember[]>
  /** The rows of every manager together. */
  count(): Promise<number>
}

export type IssuerKind = 'root' | 'intermediate' | 'imported'

export interface Issuer {
  readonly id: string
  /** What people call it; unique. */
  readonly name: string
  readonly kind: IssuerKind
  /** DER. */
  readonly certificate: Uint8Array
  /** The certificates above it, DER each, its own issuer first. Empty for a root. */
  readonly chain: readonly Uint8Array[]
  /** PKCS#8 PEM, encrypted; null when the key is not kept here. */
  readonly privateKeyPem: string | null
  /** The issuer above it, when that one is kept here too. */
  readonly parentId: string | null
  readonly createdAt: Date
}

export interface Issuers {
  /** @throws {StoreError} conflict: the id or the name exists; reference-missing: there is no such parent */
  insert(issuer: Issuer): Promise<void>
  byName(name: string): Promise<Issuer | undefined>
  byId(id: string): Promise<Issuer | undefined>
  /** Oldest first. */
  list(options?: ListOptions): Promise<readonly Issuer[]>
}

export interface IssuedCertificate {
  readonly issuerId: string
  /** Lower-case hexadecimal. Unique within its issuer. */
  readonly serialNumber: string
  /** For people. */
  readonly subject: string
  /** The name of the profile it was issued from. */
  readonly profile: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** DER. */
  readonly certificate: Uint8Array
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal. */
  readonly publicKeyFingerprint: string
  readonly issuedAt: Date
}

export interface Certificates {
  /** @throws {StoreError} conflict: the serial number was used; reference-missing: there is no such issuer */
  insert(certificate: IssuedCertificate): Promise<void>
  /** Newest first. */
  byIssuer(issuerId: string, options?: ListOptions): Promise<readonly IssuedCertificate[]>
  /** Newest first. */
  byPublicKey(fingerprint: string, options?: ListOptions): Promise<readonly IssuedCertificate[]>
  /** Newest first. */
  list(options?: ListOptions): Promise<readonly IssuedCertificate[]>
}

/** What was done, for the audit: names, numbers, lists of names. Never a secret. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>

export interface AuditRecord {
  readonly at: Date
  /** A login name, or the program's own name for what it did by itself. */
  readonly actor: string
  /** `room.verb`: `allow-list.add`, `user.add`, `certificate.issue`. */
  readonly action: string
  /** What it was done to. */
  readonly target: string
  readonly details: AuditDetails
}

export interface AuditRow extends AuditRecord {
  /** Grows by at least one with each row, and is never used twice. */
  readonly sequence: number
}

/** Rows can be appended and read; there is no way to change one. */
export interface Audit {
  append(record: AuditRecord): Promise<AuditRow>
  /** Newest first. */
  list(options?: ListOptions): Promise<readonly AuditRow[]>
}

/** A number that grows with every change of what gateways enforce. */
export interface Revision {
  readonly number: number
  /** When it was made. */
  readonly at: Date
}

export interface Revisions {
  /** 0 before the first change. */
  current(): Promise<Revision>
  /** The next revision; watchers hear of it once the transaction is committed. */
  bump(at: Date): Promise<Revision>
}

export interface ListOptions {
  /** At most this many rows: 1 to 100,000, by default 1,000. */
  readonly limit?: number
}
