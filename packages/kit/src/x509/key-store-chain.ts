import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { toHex } from './bytes.ts'
import { isSelfIssued } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import type { StoredCertificate, StoredKey } from './key-store.ts'
import { publicKeyInfoOf } from './key-info.ts'
import { issuerNameKey } from './name.ts'
import type { Name } from './name.ts'

export interface UnpairedKey {
  readonly key: KeyObject
  readonly alias: string | undefined
  readonly localKeyId: string | undefined
}

export interface UnpairedCertificate extends StoredCertificate {
  readonly localKeyId: string | undefined
}

/** The longest path that is verified, and two certificates more. */
const maxChainLength = 10

/**
 * Gives each key its chain. The certificate of a key is the one with its public key, of several the one with its
 * localKeyId; the issuers are found by name and key identifier. No signature is checked: a chain proves nothing here.
 */
export function pairKeyStore(
  keys: readonly UnpairedKey[],
  certificates: readonly UnpairedCertificate[],
): { readonly keys: readonly StoredKey[]; readonly certificates: readonly StoredCertificate[] } {
  const byPublicKey = Map.groupBy(certificates, ({ certificate }) =>
    toHex(certificate.publicKeyInfo),
  )
  const issuers = indexIssuers(certificates)
  const used = new Set<Certificate>()
  const paired = keys.map((entry): StoredKey => {
    const own = byPublicKey.get(toHex(publicKeyInfoOf(createPublicKey(entry.key)))) ?? []
    const leaf = own.find(({ localKeyId }) => localKeyId === entry.localKeyId) ?? own[0]
    const chain = leaf === undefined ? [] : chainFrom(leaf.certificate, issuers)
    for (const certificate of chain) used.add(certificate)
    return { ...entry, alias: entry.alias ?? leaf?.alias, chain }
  })
  return {
    keys: paired,
    certificates: certificates
      .filter(({ certificate, trusted }) => trusted || !used.has(certificate))
      .map(({ certificate, alias, trusted }) => ({ certificate, alias, trusted })),
  }
}

/** Certificates by subject, and by subject and key identifier: a file of thousands with one name takes no longer. */
type Issuers = ReadonlyMap<string, Certificate>

function indexIssuers(certificates: readonly UnpairedCertificate[]): Issuers {
  const issuers = new Map<string, Certificate>()
  for (const { certificate } of certificates) {
    const identifier = certificate.extensions.subjectKeyIdentifier?.keyIdentifier
    for (const key of [
      issuerKey(certificate.subject),
      issuerKey(certificate.subject, identifier ?? none),
    ])
      if (!issuers.has(key)) issuers.set(key, certificate)
  }
  return issuers
}

const none = new Uint8Array(0)

function issuerKey(name: Name, identifier?: Uint8Array): string {
  return `${identifier === undefined ? 'any' : toHex(identifier)} ${issuerNameKey(name)}`
}

function chainFrom(leaf: Certificate, issuers: Issuers): readonly Certificate[] {
  const chain = [leaf]
  let below = leaf
  while (chain.length < maxChainLength && !isSelfIssued(below)) {
    const issuer = likelyIssuer(below, issuers)
    if (issuer === undefined || chain.includes(issuer)) break
    chain.push(issuer)
    below = issuer
  }
  return chain
}

/** RFC 4158 §3.5.12: of several with the name, the one with the key identifier; one with another never. */
function likelyIssuer(
  { issuer, extensions }: Certificate,
  issuers: Issuers,
): Certificate | undefined {
  const wanted = extensions.authorityKeyIdentifier?.keyIdentifier
  if (wanted === undefined) return issuers.get(issuerKey(issuer))
  return issuers.get(issuerKey(issuer, wanted)) ?? issuers.get(issuerKey(issuer, none))
}
