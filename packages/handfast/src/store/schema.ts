import type { Generated } from 'kysely'

/** The tables as the engine keeps them: times and JSON as text, certificates as bytes. */
export interface Schema {
  users: UserRow
  managers: ManagerRow
  allow_list: AllowListRow
  issuers: IssuerRow
  certificates: CertificateRow
  audit: AuditTableRow
  revision: RevisionRow
}

export interface UserRow {
  name: string
  password_hash: string
  created_at: string
  updated_at: string
}

export interface ManagerRow {
  holding_id: string
  name: string
  group_id: string
  anchors: string
  created_at: string
}

export interface AllowListRow {
  holding_id: string
  anchor: string
  name: string
  created_at: string
  actor: string
}

export interface IssuerRow {
  id: string
  name: string
  kind: string
  certificate: Uint8Array
  chain: string
  private_key_pem: string | null
  parent_id: string | null
  created_at: string
}

export interface CertificateRow {
  sequence: Generated<number>
  issuer_id: string
  serial_number: string
  subject: string
  profile: string
  not_before: string
  not_after: string
  certificate: Uint8Array
  public_key_fingerprint: string
  issued_at: string
}

export interface AuditTableRow {
  sequence: Generated<number>
  at: string
  actor: string
  action: string
  target: string
  details: string
}

export interface RevisionRow {
  /** Always 1: the table has one row. */
  id: number
  number: number
  at: string
}
