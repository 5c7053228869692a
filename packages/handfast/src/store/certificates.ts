import type { Kysely, Selectable } from 'kysely'
import type { CertificateRow, Schema } from './schema.ts'
import type { Certificates, IssuedCertificate, ListOptions } from './store.ts'
import { copyBytes, encodeTime, listLimit, parseTime } from './values.ts'

export function certificatesTable(db: Kysely<Schema>): Certificates {
  const newest = (options: ListOptions | undefined) =>
    db.selectFrom('certificates').selectAll().orderBy('sequence', 'desc').limit(listLimit(options))
  return {
    async insert(certificate) {
      await db.insertInto('certificates').values(encodeCertificate(certificate)).execute()
    },
    async byIssuer(issuerId, options) {
      const rows = await newest(options).where('issuer_id', '=', issuerId).execute()
      return rows.map(parseRow)
    },
    async byPublicKey(fingerprint, options) {
      const rows = await newest(options).where('public_key_fingerprint', '=', fingerprint).execute()
      return rows.map(parseRow)
    },
    async list(options) {
      const rows = await newest(options).execute()
      return rows.map(parseRow)
    },
  }
}

function encodeCertificate(certificate: IssuedCertificate): Omit<CertificateRow, 'sequence'> {
  return {
    issuer_id: certificate.issuerId,
    serial_number: certificate.serialNumber,
    subject: certificate.subject,
    profile: certificate.profile,
    not_before: encodeTime(certificate.notBefore),
    not_after: encodeTime(certificate.notAfter),
    certificate: certificate.certificate,
    public_key_fingerprint: certificate.publicKeyFingerprint,
    issued_at: encodeTime(certificate.issuedAt),
  }
}

function parseRow(row: Selectable<CertificateRow>): IssuedCertificate {
  const time = (column: 'not_before' | 'not_after' | 'issued_at'): Date =>
    parseTime(row[column], { table: 'certificates', column })
  return {
    issuerId: row.issuer_id,
    serialNumber: row.serial_number,
    subject: row.subject,
    profile: row.profile,
    notBefore: time('not_before'),
    notAfter: time('not_after'),
    certificate: copyBytes(row.certificate),
    publicKeyFingerprint: row.public_key_fingerprint,
    issuedAt: time('issued_at'),
  }
}
