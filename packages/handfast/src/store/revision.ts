import type { Kysely } from 'kysely'
import type { RevisionRow, Schema } from './schema.ts'
import type { Revision, Revisions } from './store.ts'
import { encodeTime, parseTime } from './values.ts'

/** `onBump` hears of each new revision before it is committed. */
export function revisionTable(db: Kysely<Schema>, onBump: (revision: Revision) => void): Revisions {
  return {
    async current() {
      return parseRevision(await db.selectFrom('revision').selectAll().executeTakeFirstOrThrow())
    },
    async bump(at) {
      const row = await db
        .updateTable('revision')
        .set((column) => ({ number: column('number', '+', 1), at: encodeTime(at) }))
        .returningAll()
        .executeTakeFirstOrThrow()
      const revision = parseRevision(row)
      onBump(revision)
      return revision
    },
  }
}

function parseRevision(row: RevisionRow): Revision {
  return { number: row.number, at: parseTime(row.at, { table: 'revision', column: 'at' }) }
}
