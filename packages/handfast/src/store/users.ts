import type { Kysely } from 'kysely'
import type { Schema, UserRow } from './schema.ts'
import type { User, Users } from './store.ts'
import { encodeTime, listLimit, parseTime } from './values.ts'

export function usersTable(db: Kysely<Schema>): Users {
  return {
    async upsert(user) {
      const updated = { password_hash: user.passwordHash, updated_at: encodeTime(user.updatedAt) }
      await db
        .insertInto('users')
        .values({ name: user.name, created_at: encodeTime(user.createdAt), ...updated })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(updated))
        .execute()
    },
    async byName(name) {
      const row = await db
        .selectFrom('users')
        .selectAll()
        .where('name', '=', name)
        .executeTakeFirst()
      return row && parseUser(row)
    },
    async list(options) {
      const rows = await db
        .selectFrom('users')
        .selectAll()
        .orderBy('name')
        .limit(listLimit(options))
        .execute()
      return rows.map(parseUser)
    },
  }
}

function parseUser(row: UserRow): User {
  return {
    name: row.name,
    passwordHash: row.password_hash,
    createdAt: parseTime(row.created_at, { table: 'users', column: 'created_at' }),
    updatedAt: parseTime(row.updated_at, { table: 'users', column: 'updated_at' }),
  }
}
