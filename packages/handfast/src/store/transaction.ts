import type { Kysely } from 'kysely'
import { allowListTable } from './allow-list.ts'
import { auditTable } from './audit.ts'
import { certificatesTable } from './certificates.ts'
import { issuersTable } from './issuers.ts'
import { managersTable } from './managers.ts'
import { revisionTable } from './revision.ts'
import type { Schema } from './schema.ts'
import type { Revision, Transaction } from './store.ts'
import { usersTable } from './users.ts'

/** Every table's operations over one open transaction. */
export function openTables(db: Kysely<Schema>, onBump: (revision: Revision) => void): Transaction {
  return {
    users: usersTable(db),
    managers: managersTable(db),
    allowList: allowListTable(db),
    issuers: issuersTable(db),
    certificates: certificatesTable(db),
    audit: auditTable(db),
    revision: revisionTable(db, onBump),
  }
}
