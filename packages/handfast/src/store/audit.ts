import type { Kysely, Selectable } from 'kysely'
import type { AuditTableRow, Schema } from './schema.ts'
import type { Audit, AuditDetails, AuditRow } from './store.ts'
import { encodeTime, listLimit, malformed, parseJson, parseTime } from './values.ts'

export function auditTable(db: Kysely<Schema>): Audit {
  return {
    async append(record) {
      const { sequence } = await db
        .insertInto('audit')
        .values({
          at: encodeTime(record.at),
          actor: record.actor,
          action: record.action,
          target: record.target,
          details: JSON.stringify(record.details),
        })
        .returning('sequence')
        .executeTakeFirstOrThrow()
      return { ...record, sequence }
    },
    async list(options) {
      const rows = await db
        .selectFrom('audit')
        .selectAll()
        .orderBy('sequence', 'desc')
        .limit(listLimit(options))
        .execute()
      return rows.map(parseRow)
    },
  }
}

function parseRow(row: Selectable<AuditTableRow>): AuditRow {
  return {
    sequence: row.sequence,
    at: parseTime(row.at, { table: 'audit', column: 'at' }),
    actor: row.actor,
    action: row.action,
    target: row.target,
    details: parseDetails(row.details),
  }
}

function parseDetails(text: string): AuditDetails {
  const cell = { table: 'audit', column: 'details' }
  const value = parseJson(text, cell)
  if (isDetails(value)) return value
  throw malformed(cell, 'not a record of plain values')
}

function isDetails(value: unknown): value is AuditDetails {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(isDetail)
  )
}

function isDetail(value: unknown): boolean {
  return Array.isArray(value)
    ? value.every((item) => typeof item === 'string')
    : ['string', 'number', 'boolean'].includes(typeof value)
}
