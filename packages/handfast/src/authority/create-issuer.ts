import type { KeyObject } from 'node:crypto'
import {
  fingerprint,
  generatePrivateKey,
  keySigner,
  publicKeyFromPrivate,
} from '@handfast/kit/x509'
import type { Certificate, KeyAlgorithm, Name } from '@handfast/kit/x509'
import type { Issuer as IssuerRow, Transaction } from '../store/store.ts'
import { checkClaim } from './claims.ts'
import type { Claim } from './claims.ts'
import { everyIssuer, findIssuerRow, readStore } from './context.ts'
import type { Asked, AuthorityContext } from './context.ts'
import { AuthorityError } from './errors.ts'
import { emitSafely } from './events.ts'
import { checkLabel, parseIssuer, remainingPathLength } from './issuer.ts'
import type { AuthorityIssuer } from './issuer.ts'
import { checkKey } from './key-policy.ts'
import { authorityProfiles } from './profiles.ts'
import { recordCertificate, recordIssuer } from './record.ts'
import type { IssuerRecord } from './record.ts'
import { signCertificate } from './sign-certificate.ts'
import { checkSubject } from './subject-policy.ts'
import { authorityTemplate } from './templates.ts'
import { subjectText } from './text.ts'
import type { Note } from './text.ts'
import { planValidity } from './validity.ts'
import type { Clamped } from './validity.ts'

export interface RootRequest extends Asked {
  readonly label: string
  readonly name: Name
  readonly algorithm?: KeyAlgorithm | undefined
  readonly lifetimeDays?: number | undefined
}

export interface IntermediateRequest extends RootRequest {
  /** The label of the issuer above. */
  readonly parent: string
  /** How many intermediates may stand below this one; by default none. */
  readonly pathLength?: number | undefined
}

/** An issuer that is stored, and what was decided on the way. */
export interface CreatedIssuer {
  readonly issuer: AuthorityIssuer
  readonly warnings: readonly Note[]
  /** What a request asked for and did not get. */
  readonly dropped: readonly Note[]
  readonly clamped?: Clamped
}

/** @throws {AuthorityError} */
export async function createRoot(
  context: AuthorityContext,
  request: RootRequest,
): Promise<CreatedIssuer> {
  const { label, name: subject } = request
  const profile = authorityProfiles.root
  const now = context.clock.now()
  checkLabel(label)
  checkSubject(subject, { hasNames: false })
  const validity = planValidity({ now, profile, lifetimeDays: request.lifetimeDays })
  const beside = await readStore(context, async (tx) => {
    await checkLabelFree(tx, label)
    return issuerWithKey(tx)
  })
  // P-384: a root is verified rarely and lives long.
  const key = await generatePrivateKey(request.algorithm ?? 'ec-p384')
  const publicKey = publicKeyFromPrivate(key)
  const privateKeyPem = await context.keys.encrypt(key, beside)
  const certificate = await signCertificate(
    { template: authorityTemplate({ subject, publicKey, validity }, { profile }), profile },
    { signer: keySigner(key), trials: context.trials },
  )
  const issuer = newIssuer(certificate, { label, kind: 'root', createdAt: now, hasKey: true })
  await storeIssuer(context, {
    claim: { subject, publicKey },
    record: { issuer, privateKeyPem, action: 'issuer.init', actor: request.actor },
  })
  return { issuer, warnings: [], dropped: [] }
}

/** @throws {AuthorityError} */
export async function createIntermediate(
  context: AuthorityContext,
  request: IntermediateRequest,
): Promise<CreatedIssuer> {
  const beside = await readStore(context, issuerWithKey)
  // P-256: every handshake of every leaf below verifies with it.
  const key = await generatePrivateKey(request.algorithm ?? 'ec-p256')
  const privateKeyPem = await context.keys.encrypt(key, beside)
  return certifyIntermediate(context, {
    ...request,
    publicKey: publicKeyFromPrivate(key),
    privateKeyPem,
    dropped: [],
  })
}

export interface IntermediateOrder extends Omit<IntermediateRequest, 'algorithm'> {
  readonly publicKey: KeyObject
  /** Null when the key is kept elsewhere: the request came from there. */
  readonly privateKeyPem: string | null
  readonly dropped: readonly Note[]
}

/** Makes a CA of a key, under the issuer above. @throws {AuthorityError} */
export async function certifyIntermediate(
  context: AuthorityContext,
  order: IntermediateOrder,
): Promise<CreatedIssuer> {
  const { label, name: subject, publicKey, privateKeyPem, dropped } = order
  const profile = authorityProfiles.intermediate
  const now = context.clock.now()
  checkLabel(label)
  checkKey(publicKey)
  checkSubject(subject, { hasNames: false })
  const row = await readStore(context, async (tx) => {
    await checkLabelFree(tx, label)
    await checkClaim(tx, { subject, publicKey })
    return findIssuerRow(tx, order.parent)
  })
  const parent = parseIssuer(row)
  const pathLength = checkPathLength(order.pathLength ?? 0, parent)
  const validity = planValidity({ now, profile, lifetimeDays: order.lifetimeDays }, parent)
  const template = authorityTemplate(
    { subject, publicKey, validity, pathLength },
    { profile, issuer: parent.certificate },
  )
  const certificate = await signCertificate(
    { template, profile, issuer: parent.certificate },
    { signer: await context.keys.open(row), trials: context.trials },
  )
  const issuer = newIssuer(certificate, {
    label,
    kind: 'intermediate',
    createdAt: now,
    parent,
    hasKey: privateKeyPem !== null,
  })
  await storeIssuer(context, {
    claim: { subject, publicKey },
    record: {
      issuer,
      privateKeyPem,
      action: privateKeyPem === null ? 'issuer.sign' : 'issuer.init',
      actor: order.actor,
    },
    under: { parent, dropped },
  })
  return { issuer, warnings: [], dropped, ...(validity.clamped && { clamped: validity.clamped }) }
}

/** @throws {AuthorityError} issuer-exists */
export async function checkLabelFree(tx: Transaction, label: string): Promise<void> {
  if ((await tx.issuers.byName(label)) === undefined) return
  throw new AuthorityError('issuer-exists', `Cannot create issuer "${label}": it exists`, {
    hint: 'Choose another label; issuers are never replaced, because certificates depend on them',
  })
}

/** Any issuer whose key can be tried with the passphrase, so that one database has one. */
export async function issuerWithKey(tx: Transaction): Promise<IssuerRow | undefined> {
  const rows = await tx.issuers.list(everyIssuer)
  return rows.find(({ privateKeyPem }) => privateKeyPem !== null)
}

interface NewIssuer extends Pick<AuthorityIssuer, 'label' | 'kind' | 'createdAt' | 'hasKey'> {
  readonly parent?: AuthorityIssuer
}

function newIssuer(certificate: Certificate, { parent, ...rest }: NewIssuer): AuthorityIssuer {
  const chain = parent === undefined ? [] : [parent.certificate, ...parent.chain]
  return { id: fingerprint(certificate), certificate, chain, ...rest }
}

interface StoredIssuer {
  readonly claim: Claim
  readonly record: IssuerRecord
  readonly under?: { readonly parent: AuthorityIssuer; readonly dropped: readonly Note[] }
}

async function storeIssuer(
  context: AuthorityContext,
  { claim, record, under }: StoredIssuer,
): Promise<void> {
  const { issuer, actor } = record
  await context.store.transaction(async (tx) => {
    await checkLabelFree(tx, issuer.label)
    await checkClaim(tx, claim)
    await recordIssuer(tx, record)
    if (under === undefined) return
    await recordCertificate(tx, {
      at: issuer.createdAt,
      actor,
      issuer: under.parent,
      profile: authorityProfiles.intermediate.name,
      certificate: issuer.certificate,
      dropped: under.dropped,
    })
  })
  announceIssuer(context, issuer)
}

export function announceIssuer(context: AuthorityContext, issuer: AuthorityIssuer): void {
  emitSafely(context.events, {
    type: 'issuer-created',
    at: issuer.createdAt,
    label: issuer.label,
    kind: issuer.kind,
    subject: subjectText(issuer.certificate.subject),
    fingerprint: issuer.id,
    notAfter: issuer.certificate.notAfter,
  })
}

function checkPathLength(wanted: number, parent: AuthorityIssuer): number {
  if (!Number.isInteger(wanted) || wanted < 0) {
    throw new RangeError('pathLength must be a whole number, 0 or more')
  }
  const remaining = remainingPathLength(parent)
  if (remaining === undefined || wanted < remaining) return wanted
  throw new AuthorityError(
    'path-length-exceeded',
    `Cannot create an intermediate of path length ${wanted} under "${parent.label}": its own path length allows ${remaining === 0 ? 'none' : `at most ${remaining - 1}`}`,
    {
      hint: 'Create it under the root, or under an intermediate that was made with a greater pathLength',
    },
  )
}
