import { formatName, publicKeyFingerprint } from '@handfast/kit/x509'
import type { Certificate, Csr } from '@handfast/kit/x509'
import { caNameKey } from '../../authority/issuer.ts'
import { isIssuedBy, isSelfSigned, nameText } from './describe-certificate.ts'
import type { Finding } from './finding.ts'
import { keyFingerprint } from './fingerprints.ts'
import type { Material, PlacedMaterial } from './parse-material.ts'

/** What is wrong with a file that each of its parts alone does not show. */
export function fileFindings({
  content,
  mode,
}: {
  readonly content: readonly PlacedMaterial[]
  readonly mode?: number | undefined
}): readonly Finding[] {
  const materials = content.map(({ material }) => material)
  return [
    ...modeFindings(materials, mode),
    ...keyFindings(materials),
    ...chainFindings(certificatesOf(materials)),
  ]
}

export function modeFindings(
  materials: readonly Material[],
  mode: number | undefined,
): readonly Finding[] {
  const secret = materials.some(({ type }) => type === 'private-key' || type === 'encrypted-key')
  if (!secret || mode === undefined || (mode & 0o077) === 0) return []
  const text = (mode & 0o777).toString(8).padStart(4, '0')
  return [
    {
      reason: 'key-readable-by-others',
      text: `it holds a private key, and its mode ${text} lets other users of this machine at it: chmod 600`,
    },
  ]
}

function keyFindings(materials: readonly Material[]): readonly Finding[] {
  const keys = materials.flatMap((material) =>
    material.type === 'private-key' ? [material.publicKey] : [],
  )
  const requests = materials.flatMap((material) =>
    material.type === 'request' ? [material.csr] : [],
  )
  const certificates = certificatesOf(materials)
  const certified: readonly (Certificate | Csr)[] = [...certificates, ...requests]
  const [first] = certificates
  return keys.flatMap((publicKey): readonly Finding[] => {
    const wanted = keyFingerprint(publicKey)
    const fitting = certified.find((holder) => publicKeyFingerprint(holder) === wanted)
    if (certified.length === 0) return []
    if (fitting === undefined) {
      return [
        {
          reason: 'key-mismatch',
          text: 'its private key is not the key of any certificate or request in it',
        },
      ]
    }
    if (first === undefined || publicKeyFingerprint(first) === wanted || requests.length > 0)
      return []
    return [
      {
        reason: 'chain-out-of-order',
        text: `the certificate of its key, "${nameText(fitting.subject)}", is not the first one: TLS wants it there`,
      },
    ]
  })
}

/** A file in which no certificate issued another is a list of roots, in any order; otherwise each follows its holder. */
function chainFindings(certificates: readonly Certificate[]): readonly Finding[] {
  const bySubject = Map.groupBy(certificates, ({ subject }) => caNameKey(subject))
  const linked = certificates.some((certificate) => {
    const named = bySubject.get(caNameKey(certificate.issuer)) ?? []
    return !isSelfSigned(certificate) && named.some((issuer) => isIssuedBy(certificate, issuer))
  })
  if (!linked) return []
  const pairs = certificates
    .slice(1)
    .map((issuer, index) => ({ issuer, below: certificates[index] }))
  const broken = pairs.find(
    ({ issuer, below }) => below !== undefined && !isIssuedBy(below, issuer),
  )
  if (broken?.below === undefined) return []
  return [
    {
      reason: 'chain-out-of-order',
      text: `"${formatName(broken.below.subject)}" is followed by "${formatName(broken.issuer.subject)}", which did not issue it: a chain goes from the leaf to its issuers`,
    },
  ]
}

function certificatesOf(materials: readonly Material[]): readonly Certificate[] {
  return materials.flatMap((material) =>
    material.type === 'certificate' ? [material.certificate] : [],
  )
}
