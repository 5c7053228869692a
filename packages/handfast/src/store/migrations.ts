import type { CreateTableBuilder, Kysely } from 'kysely'
import { sql } from 'kysely'

/** A step of the schema. Steps are only ever added: a database remembers how many it has taken. */
type Migration = (db: Kysely<unknown>) => Promise<void>

export const migrations: readonly Migration[] = [createFirstTables]

async function createFirstTables(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  for (const table of [
    schema
      .createTable('users')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('password_hash', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'text', (column) => column.notNull()),
    schema
      .createTable('managers')
      .addColumn('holding_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('group_id', 'text', (column) => column.notNull())
      .addColumn('anchors', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull()),
    schema
      .createTable('allow_list')
      .addColumn('holding_id', 'text', (column) =>
        column.notNull().references('managers.holding_id'),
      )
      .addColumn('anchor', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('allow_list_key', ['holding_id', 'name', 'anchor']),
    schema
      .createTable('audit')
      // AUTOINCREMENT: a number is never used twice, not even after rows were removed by hand.
      .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('at', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('target', 'text', (column) => column.notNull())
      .addColumn('details', 'text', (column) => column.notNull()),
  ]) {
    await strict(table)
  }
  await createAuthorityTables(db)
  await createRevision(db)
}

async function createAuthorityTables({ schema }: Kysely<unknown>): Promise<void> {
  await strict(
    schema
      .createTable('issuers')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('certificate', 'blob', (column) => column.notNull())
      .addColumn('chain', 'text', (column) => column.notNull())
      .addColumn('private_key_pem', 'text')
      .addColumn('parent_id', 'text', (column) => column.references('issuers.id'))
      .addColumn('created_at', 'text', (column) => column.notNull()),
  )
  await strict(
    schema
      .createTable('certificates')
      .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('issuer_id', 'text', (column) => column.notNull().references('issuers.id'))
      .addColumn('serial_number', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('profile', 'text', (column) => column.notNull())
      .addColumn('not_before', 'text', (column) => column.notNull())
      .addColumn('not_after', 'text', (column) => column.notNull())
      .addColumn('certificate', 'blob', (column) => column.notNull())
      .addColumn('public_key_fingerprint', 'text', (column) => column.notNull())
      .addColumn('issued_at', 'text', (column) => column.notNull())
      .addUniqueConstraint('certificates_serial', ['issuer_id', 'serial_number']),
  )
  await schema
    .createIndex('certificates_public_key')
    .on('certificates')
    .column('public_key_fingerprint')
    .execute()
}

async function createRevision(db: Kysely<unknown>): Promise<void> {
  await strict(
    db.schema
      .createTable('revision')
      .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('at', 'text', (column) => column.notNull()),
  )
  await sql`insert into revision (id, number, at) values (1, 0, '1970-01-01T00:00:00.000Z')`.execute(
    db,
  )
}

/** STRICT: a column holds its own type only (https://sqlite.org/stricttables.html). */
async function strict<Table extends string, Column extends string>(
  table: CreateTableBuilder<Table, Column>,
): Promise<void> {
  await table.modifyEnd(sql`strict`).execute()
}
