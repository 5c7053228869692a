import type { Certificate } from './certificate.ts'
import type {
  DistributionPoint,
  DistributionPointName,
  IssuingDistributionPoint,
} from './crl-distribution-points.ts'
import type { Crl } from './crl.ts'
import { formatGeneralName } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { encodeName, issuerNameKey } from './name.ts'
import type { Name, Rdn } from './name.ts'
import { scopedReasons } from './revocation-reason.ts'
import type { ScopedReason } from './revocation-reason.ts'

/**
 * The point that stands for "the CRL of the certificate's issuer", for certificates that name no other.
 * @see RFC 5280 §6.3.3, last paragraph
 */
export function assumedPoint({ issuer }: Certificate): DistributionPoint {
  return { name: { type: 'full', names: [{ type: 'directory-name', value: issuer }] } }
}

/** Whether the CRL comes from whom the point says. RFC 5280 §6.3.3 (b) (1) */
export function isIssuedFor(crl: Crl, certificate: Certificate, point: DistributionPoint): boolean {
  if (point.crlIssuer === undefined) return sameIssuer(crl.issuer, certificate.issuer)
  return point.crlIssuer.some(
    (name) => name.type === 'directory-name' && sameIssuer(name.value, crl.issuer),
  )
}

/** Why the CRL does not cover the certificate; `undefined` when it does. RFC 5280 §6.3.3 (b) */
export function scopeMismatch(
  crl: Crl,
  certificate: Certificate,
  point: DistributionPoint,
): string | undefined {
  const scope = crl.issuingDistributionPoint
  if (point.crlIssuer !== undefined && scope?.indirectCrl !== true)
    return 'the certificate names another CRL issuer, and the CRL is not indirect'
  if (scope === undefined) return undefined
  const isCa = certificate.extensions.basicConstraints?.ca === true
  if (scope.onlyContainsUserCerts && isCa) return 'it covers end entities only'
  if (scope.onlyContainsCaCerts && !isCa) return 'it covers CAs only'
  if (scope.onlyContainsAttributeCerts) return 'it covers attribute certificates only'
  if (scope.name === undefined) return undefined
  const covered = namesOf(scope.name, crl.issuer)
  const wanted = wantedNames(certificate, point)
  if (wanted.some((name) => covered.includes(name))) return undefined
  return 'it covers another distribution point'
}

/** The reasons that the CRL speaks of, at this point. RFC 5280 §6.3.3 (d) */
export function reasonsCovered(crl: Crl, point: DistributionPoint): readonly ScopedReason[] {
  const some = crl.issuingDistributionPoint?.onlySomeReasons ?? scopedReasons
  return some.filter((reason) => point.reasons?.includes(reason) ?? true)
}

/** RFC 5280 §5.2.4, §6.3.3 (c): the delta is of the same issuer, key and scope, and starts no later than the base. */
export function isDeltaOf(delta: Crl, base: Crl): boolean {
  if (delta.deltaBaseNumber === undefined || delta.crlNumber === undefined) return false
  if (base.crlNumber === undefined || base.deltaBaseNumber !== undefined) return false
  return (
    sameIssuer(delta.issuer, base.issuer) &&
    sameScope(delta.issuingDistributionPoint, base.issuingDistributionPoint) &&
    hexOf(delta.authorityKeyIdentifier) === hexOf(base.authorityKeyIdentifier) &&
    delta.deltaBaseNumber <= base.crlNumber &&
    base.crlNumber < delta.crlNumber
  )
}

export function sameIssuer(a: Name, b: Name): boolean {
  return issuerNameKey(a) === issuerNameKey(b)
}

function wantedNames(certificate: Certificate, point: DistributionPoint): readonly string[] {
  const issuers = point.crlIssuer?.flatMap((name) =>
    name.type === 'directory-name' ? [name.value] : [],
  )
  // RFC 5280 §6.3.3 (b) (2) (i): without a name of its own, the point is known by its CRL issuer.
  if (point.name === undefined) return (point.crlIssuer ?? []).map(generalNameKey)
  return namesOf(point.name, issuers?.[0] ?? certificate.issuer)
}

function namesOf(name: DistributionPointName, issuer: Name): readonly string[] {
  return name.type === 'full'
    ? name.names.map(generalNameKey)
    : [generalNameKey({ type: 'directory-name', value: below(issuer, name.rdn) })]
}

/** RFC 5280 §4.2.1.13: the fragment is put behind the CRL issuer's name. */
function below(issuer: Name, rdn: Rdn): Name {
  return encodeName([...issuer.rdns, rdn])
}

function generalNameKey(name: GeneralName): string {
  return name.type === 'directory-name'
    ? `DirName:${issuerNameKey(name.value)}`
    : formatGeneralName(name)
}

function sameScope(
  a: IssuingDistributionPoint | undefined,
  b: IssuingDistributionPoint | undefined,
): boolean {
  if (a === undefined || b === undefined) return a === b
  const names = (point: IssuingDistributionPoint): string =>
    point.name === undefined
      ? ''
      : point.name.type === 'full'
        ? JSON.stringify(point.name.names.map(generalNameKey).toSorted())
        : hexOf(point.name.der)
  return (
    names(a) === names(b) &&
    a.onlyContainsUserCerts === b.onlyContainsUserCerts &&
    a.onlyContainsCaCerts === b.onlyContainsCaCerts &&
    a.onlyContainsAttributeCerts === b.onlyContainsAttributeCerts &&
    a.indirectCrl === b.indirectCrl &&
    (a.onlySomeReasons ?? []).join() === (b.onlySomeReasons ?? []).join()
  )
}

function hexOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('hex')
}
