import type { Kysely } from 'kysely'
import { StoreError } from './errors.ts'
import type { ManagerRow, Schema } from './schema.ts'
import type { Manager, Managers } from './store.ts'
import { encodeTime, listLimit, parseTextList, parseTime } from './values.ts'

export function managersTable(db: Kysely<Schema>): Managers {
  return {
    async insert(manager) {
      await db
        .insertInto('managers')
        .values({
          holding_id: manager.holdingId,
          ...encodeManager(manager),
          created_at: encodeTime(manager.createdAt),
        })
        .execute()
    },
    async byHoldingId(holdingId) {
      const row = await db
        .selectFrom('managers')
        .selectAll()
        .where('holding_id', '=', holdingId)
        .executeTakeFirst()
      return row && parseManager(row)
    },
    async update(manager) {
      const { numUpdatedRows } = await db
        .updateTable('managers')
        .set(encodeManager(manager))
        .where('holding_id', '=', manager.holdingId)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw missing(manager.holdingId)
    },
    async list(options) {
      const rows = await db
        .selectFrom('managers')
        .selectAll()
        .orderBy('created_at')
        .orderBy('holding_id')
        .limit(listLimit(options))
        .execute()
      return rows.map(parseManager)
    },
  }
}

function encodeManager(manager: Manager): Pick<ManagerRow, 'name' | 'group_id' | 'anchors'> {
  return {
    name: manager.name,
    group_id: manager.groupId,
    anchors: JSON.stringify(manager.anchors),
  }
}

function parseManager(row: ManagerRow): Manager {
  return {
    holdingId: row.holding_id,
    name: row.name,
    groupId: row.group_id,
    anchors: parseTextList(row.anchors, { table: 'managers', column: 'anchors' }),
    createdAt: parseTime(row.created_at, { table: 'managers', column: 'created_at' }),
  }
}

function missing(holdingId: string): StoreError {
  return new StoreError(
    'row-missing',
    `Cannot update manager "${holdingId}": there is none with this holding id`,
    { details: { holdingId }, hint: 'Create the manager first' },
  )
}
