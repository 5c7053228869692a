import type { Kysely } from 'kysely'
import type { AllowListRow, Schema } from './schema.ts'
import type { AllowedMember, AllowList } from './store.ts'
import { encodeTime, listLimit, parseTime } from './values.ts'

export function allowListTable(db: Kysely<Schema>): AllowList {
  return {
    async add(entry) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('allow_list')
        .values({
          holding_id: entry.holdingId,
          anchor: entry.anchor,
          name: entry.name,
          created_at: encodeTime(entry.createdAt),
          actor: entry.actor,
        })
        .onConflict((conflict) => conflict.columns(['holding_id', 'anchor', 'name']).doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async remove({ holdingId, name }) {
      const rows = await db
        .deleteFrom('allow_list')
        .where('holding_id', '=', holdingId)
        .where('name', '=', name)
        .returningAll()
        .execute()
      return rows.map(parseEntry).toSorted((a, b) => (a.anchor < b.anchor ? -1 : 1))
    },
    async list(options) {
      const all = db.selectFrom('allow_list').selectAll().limit(listLimit(options))
      const holdingId = options?.holdingId
      const chosen = holdingId === undefined ? all : all.where('holding_id', '=', holdingId)
      const rows = await chosen.orderBy('name').orderBy('anchor').orderBy('holding_id').execute()
      return rows.map(parseEntry)
    },
    async count() {
      const { rows } = await db
        .selectFrom('allow_list')
        .select(({ fn }) => fn.countAll<number>().as('rows'))
        .executeTakeFirstOrThrow()
      return rows
    },
  }
}

function parseEntry(row: AllowListRow): AllowedMember {
  return {
    holdingId: row.holding_id,
    anchor: row.anchor,
    name: row.name,
    createdAt: parseTime(row.created_at, { table: 'allow_list', column: 'created_at' }),
    actor: row.actor,
  }
}
