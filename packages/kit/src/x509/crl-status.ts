import { certificatePublicKey } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { cannotVerify } from './certificate-faults.ts'
import { crlDistributionPoints } from './crl-distribution-points.ts'
import type { DistributionPoint } from './crl-distribution-points.ts'
import type { CrlEntry } from './crl-entry.ts'
import {
  assumedPoint,
  isDeltaOf,
  isIssuedFor,
  reasonsCovered,
  sameIssuer,
  scopeMismatch,
} from './crl-scope.ts'
import type { Crl } from './crl.ts'
import { X509Error } from './errors.ts'
import { describeKeyInfo } from './key-info.ts'
import { formatName } from './name-text.ts'
import { extensionName } from './oids.ts'
import { scopedReasons } from './revocation-reason.ts'
import type { ScopedReason } from './revocation-reason.ts'
import { isPermanent } from './revocation-status.ts'
import type { NotRevoked, Revoked } from './revocation-status.ts'
import { verifySignature } from './signature.ts'

export interface CrlQuestion {
  readonly certificate: Certificate
  /** Its issuer on a verified path: the certificate's signature was made with this one's key. */
  readonly issuer: Certificate
  /** What is at hand, in any order: complete CRLs, deltas, of any issuer. */
  readonly crls: readonly Crl[]
  /**
   * Further certificates that may sign CRLs: of indirect CRLs, and of issuers with a key of its own for them. Each must
   * have been verified to the anchor of the certificate's own path (RFC 5280 §6.3.3 (f)), and is believed.
   */
  readonly crlIssuers?: readonly Certificate[]
  readonly at: Date
  /** How far a CRL may come from the future; 0 without it. */
  readonly skewMs?: number
}

/** Why a CRL does not settle the question. */
export type CrlDoubtReason =
  | 'crl-missing'
  | 'crl-out-of-scope'
  | 'crl-reasons-incomplete'
  | 'crl-delta-without-base'
  | 'crl-critical-extension-unknown'
  | 'crl-issuer-certificate-missing'
  | 'crl-issuer-may-not-sign'
  | 'crl-issuer-key-weak'
  | 'crl-signature-algorithm-unsupported'
  | 'crl-signature-invalid'
  | 'crl-version-unsupported'
  | 'crl-number-missing'
  | 'crl-next-update-missing'
  | 'crl-not-yet-valid'
  | 'crl-expired'
  | 'distribution-points-malformed'

export interface CrlDoubt {
  readonly reason: CrlDoubtReason
  /** The place of the CRL among those given. */
  readonly crl?: number
  /** What was found, in a few words. */
  readonly found: string
}

export type CrlStatus =
  | NotRevoked
  | Revoked
  | { readonly status: 'undetermined'; readonly why: readonly CrlDoubt[] }

/**
 * What the CRLs say of a certificate. `good` needs current CRLs for every reason, in scope, signed by who may;
 * whatever falls short is `undetermined`, with all that was wrong. A list past its time still revokes (but for a hold).
 * @see RFC 5280 §6.3.3
 */
export function crlStatus(question: CrlQuestion): CrlStatus {
  const search: Search = { ...question, covered: new Set(), doubts: new Map(), until: [] }
  for (const point of pointsOf(search)) {
    for (const crl of newestFirst(question.crls)) {
      if (search.covered.size === scopedReasons.length) break
      const revoked = consult(search, crl, point)
      if (revoked !== undefined) return revoked
    }
  }
  const [first, ...more] = search.until
  if (first !== undefined && search.covered.size === scopedReasons.length)
    return { status: 'good', validUntil: more.reduce((a, b) => (a < b ? a : b), first) }
  return { status: 'undetermined', why: doubtsOf(search) }
}

interface Search extends CrlQuestion {
  /** The reasons for which the certificate is known not to be revoked: `reasons_mask`. */
  readonly covered: Set<ScopedReason>
  readonly doubts: Map<string, CrlDoubt>
  /** When each CRL relied on ends. */
  readonly until: Date[]
}

function pointsOf(search: Search): readonly DistributionPoint[] {
  try {
    return [...crlDistributionPoints(search.certificate), assumedPoint(search.certificate)]
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause
    doubt(search, { reason: 'distribution-points-malformed', found: cause.message })
    return []
  }
}

/** The current one settles it: an older one may still hold what was released since. */
function newestFirst(crls: readonly Crl[]): readonly Crl[] {
  return crls
    .filter(({ deltaBaseNumber }) => deltaBaseNumber === undefined)
    .toSorted((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime() || byNumber(a, b))
}

function byNumber({ crlNumber: a = 0n }: Crl, { crlNumber: b = 0n }: Crl): number {
  if (a === b) return 0
  return a < b ? 1 : -1
}

/** RFC 5280 §6.3.3 (b) to (l), for one complete CRL at one point. */
function consult(search: Search, crl: Crl, point: DistributionPoint): Revoked | undefined {
  if (!isIssuedFor(crl, search.certificate, point)) return undefined
  const mismatch = scopeMismatch(crl, search.certificate, point)
  if (mismatch !== undefined) {
    doubt(search, { reason: 'crl-out-of-scope', found: mismatch }, crl)
    return undefined
  }
  const reasons = reasonsCovered(crl, point)
  if (reasons.every((reason) => search.covered.has(reason))) return undefined
  const signer = signerOf(search, crl)
  if (signer === undefined) return undefined

  const delta = consultDelta(search, { base: crl, signer })
  const faults = currencyFaults(crl, search)
  for (const fault of faults) doubt(search, fault, crl)
  const entry = delta?.released === true ? undefined : (delta?.entry ?? entryOf(search, crl))
  if (entry !== undefined && (faults.length === 0 || isPermanent(entry))) return revokedBy(entry)
  if (faults.length > 0) return undefined
  for (const reason of reasons) search.covered.add(reason)
  for (const end of [crl.nextUpdate, delta?.validUntil]) if (end) search.until.push(end)
  return undefined
}

interface DeltaAnswer {
  readonly entry: CrlEntry | undefined
  /** The certificate was on hold in the base, and is no more. */
  readonly released: boolean
  readonly validUntil: Date | undefined
}

/** The newest delta of the base; `undefined` when there is none to rely on: the base alone will do then. */
function consultDelta(
  search: Search,
  { base, signer }: { readonly base: Crl; readonly signer: Certificate },
): DeltaAnswer | undefined {
  const [delta] = search.crls
    // RFC 5280 §6.3.3 (h): with the key of the complete CRL.
    .filter((crl) => isDeltaOf(crl, base) && isUsable(search, crl) && isSignedBy(crl, signer))
    .toSorted(byNumber)
  if (delta === undefined) return undefined
  const entry = entryOf(search, delta)
  const faults = currencyFaults(delta, search)
  for (const fault of faults) doubt(search, fault, delta)
  if (faults.length > 0 && (entry === undefined || !isPermanent(entry))) return undefined
  const released = entry?.reason === 'remove-from-crl'
  return { entry: released ? undefined : entry, released, validUntil: delta.nextUpdate }
}

function entryOf({ certificate }: Search, crl: Crl): CrlEntry | undefined {
  return crl.entries.find(certificate.serialNumber, certificate.issuer)
}

function revokedBy({ revokedAt, reason, invalidityDate }: CrlEntry): Revoked {
  return { status: 'revoked', revokedAt, reason, ...(invalidityDate && { invalidityDate }) }
}

/** RFC 5280 §5.2, §5.3: what it says in a critical extension that is not known here may change all the rest. */
function isUsable(search: Search, crl: Crl): boolean {
  const [unknown] = crl.unknownCritical
  if (unknown === undefined) return true
  doubt(search, { reason: 'crl-critical-extension-unknown', found: extensionName(unknown) }, crl)
  return false
}

/** Who signed the CRL: one that may, and whose key did. RFC 5280 §6.3.3 (f), (g) */
function signerOf(search: Search, crl: Crl): Certificate | undefined {
  if (!isUsable(search, crl)) return undefined
  const { keyType, name } = crl.signatureAlgorithm
  if (keyType === undefined) {
    doubt(search, { reason: 'crl-signature-algorithm-unsupported', found: name }, crl)
    return undefined
  }
  const named = [search.issuer, ...(search.crlIssuers ?? [])].filter(({ subject }) =>
    sameIssuer(subject, crl.issuer),
  )
  if (named.length === 0) {
    const found = `no certificate of ${formatName(crl.issuer)}`
    doubt(search, { reason: 'crl-issuer-certificate-missing', found }, crl)
  }
  const signer = named.find(
    (candidate) => signerFault(candidate) === undefined && isSignedBy(crl, candidate),
  )
  if (signer !== undefined || named.length === 0) return signer
  const fault = named.map(signerFault).find((found) => found !== undefined)
  const found = 'not made with a key of the issuer it names'
  doubt(search, fault ?? { reason: 'crl-signature-invalid', found }, crl)
  return undefined
}

function signerFault(certificate: Certificate): Omit<CrlDoubt, 'crl'> | undefined {
  const usages = certificate.extensions.keyUsage?.usages
  if (usages?.includes('cRLSign') === false)
    return { reason: 'crl-issuer-may-not-sign', found: `key usage ${usages.join(', ')}` }
  if (!cannotVerify(certificate)) return undefined
  return { reason: 'crl-issuer-key-weak', found: describeKeyInfo(certificate.keyInfo) }
}

const verified = new WeakMap<Crl, WeakMap<Certificate, boolean>>()

/** Once for each CRL and key: it is asked at every handshake. */
function isSignedBy(crl: Crl, signer: Certificate): boolean {
  const known = verified.get(crl) ?? new WeakMap<Certificate, boolean>()
  verified.set(crl, known)
  const answer = known.get(signer) ?? isSignatureOf(crl, signer)
  known.set(signer, answer)
  return answer
}

function isSignatureOf(crl: Crl, signer: Certificate): boolean {
  try {
    return verifySignature(crl, certificatePublicKey(signer))
  } catch {
    // A key that OpenSSL does not take has signed nothing.
    return false
  }
}

/** What keeps a CRL from proving that a certificate is *not* revoked. */
function currencyFaults(
  crl: Crl,
  { at, skewMs = 0 }: CrlQuestion,
): readonly Omit<CrlDoubt, 'crl'>[] {
  const faults: Omit<CrlDoubt, 'crl'>[] = []
  const { thisUpdate, nextUpdate } = crl
  // RFC 5280 §5: conforming CAs write version 2, a CRL number and nextUpdate.
  if (crl.version !== 2) faults.push({ reason: 'crl-version-unsupported', found: 'version 1' })
  else if (crl.crlNumber === undefined)
    faults.push({ reason: 'crl-number-missing', found: 'no CRL number' })
  if (nextUpdate === undefined)
    faults.push({ reason: 'crl-next-update-missing', found: 'it does not say until when it holds' })
  else if (at > nextUpdate)
    faults.push({ reason: 'crl-expired', found: `next update at ${nextUpdate.toISOString()}` })
  if (at.getTime() + skewMs < thisUpdate.getTime())
    faults.push({ reason: 'crl-not-yet-valid', found: `of ${thisUpdate.toISOString()}` })
  return faults
}

function doubtsOf(search: Search): readonly CrlDoubt[] {
  if (search.covered.size > 0) {
    const missing = scopedReasons.filter((reason) => !search.covered.has(reason))
    doubt(search, { reason: 'crl-reasons-incomplete', found: `none for ${missing.join(', ')}` })
  }
  if (search.doubts.size === 0) {
    const delta = search.crls.find(
      (crl) =>
        crl.deltaBaseNumber !== undefined && sameIssuer(crl.issuer, search.certificate.issuer),
    )
    if (delta === undefined)
      doubt(search, { reason: 'crl-missing', found: 'no CRL of the certificate’s issuer' })
    else doubt(search, { reason: 'crl-delta-without-base', found: 'a delta alone' }, delta)
  }
  return [...search.doubts.values()]
}

function doubt(search: Search, { reason, found }: Omit<CrlDoubt, 'crl'>, crl?: Crl): void {
  const place = crl === undefined ? -1 : search.crls.indexOf(crl)
  search.doubts.set(`${reason} ${place}`, { reason, ...(place >= 0 && { crl: place }), found })
}
