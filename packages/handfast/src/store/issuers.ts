import type { Kysely } from 'kysely'
import type { IssuerRow, Schema } from './schema.ts'
import type { Issuer, IssuerKind, Issuers } from './store.ts'
import { copyBytes, encodeTime, listLimit, malformed, parseTextList, parseTime } from './values.ts'

export function issuersTable(db: Kysely<Schema>): Issuers {
  const by = async (column: 'id' | 'name', value: string): Promise<Issuer | undefined> => {
    const row = await db
      .selectFrom('issuers')
      .selectAll()
      .where(column, '=', value)
      .executeTakeFirst()
    return row && parseIssuer(row)
  }
  return {
    async insert(issuer) {
      await db.insertInto('issuers').values(encodeIssuer(issuer)).execute()
    },
    byName: async (name) => by('name', name),
    byId: async (id) => by('id', id),
    async list(options) {
      const rows = await db
        .selectFrom('issuers')
        .selectAll()
        .orderBy('created_at')
        .orderBy('name')
        .limit(listLimit(options))
        .execute()
      return rows.map(parseIssuer)
    },
  }
}

function encodeIssuer(issuer: Issuer): IssuerRow {
  return {
    id: issuer.id,
    name: issuer.name,
    kind: issuer.kind,
    certificate: issuer.certificate,
    chain: JSON.stringify(issuer.chain.map((der) => Buffer.from(der).toString('base64'))),
    private_key_pem: issuer.privateKeyPem,
    parent_id: issuer.parentId,
    created_at: encodeTime(issuer.createdAt),
  }
}

function parseIssuer(row: IssuerRow): Issuer {
  return {
    id: row.id,
    name: row.name,
    kind: parseKind(row.kind),
    certificate: copyBytes(row.certificate),
    chain: parseTextList(row.chain, { table: 'issuers', column: 'chain' }).map((base64) =>
      copyBytes(Buffer.from(base64, 'base64')),
    ),
    privateKeyPem: row.private_key_pem,
    parentId: row.parent_id,
    createdAt: parseTime(row.created_at, { table: 'issuers', column: 'created_at' }),
  }
}

function parseKind(text: string): IssuerKind {
  if (text === 'root' || text === 'intermediate' || text === 'imported') return text
  throw malformed({ table: 'issuers', column: 'kind' }, 'not a kind of issuer')
}
