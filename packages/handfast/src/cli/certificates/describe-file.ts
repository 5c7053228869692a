import type { KeyObject } from 'node:crypto'
import { describeKeyInfo, keyInfoOf } from '@handfast/kit/x509'
import { certificateFindings } from './certificate-findings.ts'
import { describeCertificate } from './describe-certificate.ts'
import type { CertificateDescription } from './describe-certificate.ts'
import { describeRequest, keyFindings, requestFindings } from './describe-request.ts'
import type { RequestDescription } from './describe-request.ts'
import { fileFindings } from './file-findings.ts'
import type { Finding } from './finding.ts'
import { keyFingerprint } from './fingerprints.ts'
import type { PlacedMaterial, StoreEntry } from './parse-material.ts'
import { storeFormatNames, storeMaterial } from './parse-store.ts'
import type { ParsedStore } from './parse-store.ts'
import { storeFindings } from './store-findings.ts'

/** One thing in a file, as data; nothing in it is secret. */
export type ItemDescription = {
  /** Of its BEGIN line; absent in DER. */
  readonly line?: number
  /** In a key store. */
  readonly entry?: StoreEntry
  readonly warnings: readonly Finding[]
} & (
  | ({ readonly type: 'certificate' } & CertificateDescription)
  | ({ readonly type: 'request' } & RequestDescription)
  | KeyDescription
  | { readonly type: 'other'; readonly label: string }
  | { readonly type: 'unreadable'; readonly label: string; readonly error: ErrorDescription }
)

export interface KeyDescription {
  readonly type: 'private-key' | 'public-key'
  /** How it is encrypted; null when it is not. */
  readonly encryption: string | null
  /** Null when it cannot be known without the passphrase. */
  readonly key: string | null
  readonly keyFingerprint: string | null
}

export interface ErrorDescription {
  readonly code: string
  readonly reason: string
  readonly message: string
  readonly hint?: string
}

export interface FileDescription {
  /** `PKCS#12`, `JKS` or `JCEKS`; absent for PEM and DER. */
  readonly store?: string
  readonly items: readonly ItemDescription[]
  /** About the file as a whole. */
  readonly warnings: readonly Finding[]
}

export interface DescribedFile {
  readonly content: readonly PlacedMaterial[]
  /** Permission bits, where the system has them. */
  readonly mode?: number | undefined
}

export function describeFile(file: DescribedFile, at: Date): FileDescription {
  return {
    items: file.content.map((placed) => describeItem(placed, at)),
    warnings: fileFindings(file),
  }
}

export interface DescribedStore extends ParsedStore {
  readonly mode?: number | undefined
}

export function describeStore(store: DescribedStore, at: Date): FileDescription {
  return {
    store: storeFormatNames[store.format],
    items: storeMaterial(store.contents).map((placed) => describeItem(placed, at)),
    warnings: storeFindings(store, store.mode),
  }
}

function describeItem({ material, line, entry }: PlacedMaterial, at: Date): ItemDescription {
  const place = { ...(line !== undefined && { line }), ...(entry && { entry }) }
  switch (material.type) {
    case 'certificate': {
      const { certificate } = material
      const warnings = certificateFindings(certificate, at)
      return { type: 'certificate', ...place, ...describeCertificate(certificate, at), warnings }
    }
    case 'request':
      return {
        type: 'request',
        ...place,
        ...describeRequest(material.csr),
        warnings: requestFindings(material.csr),
      }
    case 'private-key':
    case 'public-key':
      return {
        type: material.type,
        ...place,
        ...describeKey(material.publicKey),
        // How a store protects each key is not kept; it was opened with the passphrase.
        ...(entry && { encryption: 'as its store' }),
      }
    case 'encrypted-key': {
      const { encryption } = material
      const warnings = encryptionFindings(encryption)
      return {
        type: 'private-key',
        ...place,
        encryption,
        key: null,
        keyFingerprint: null,
        warnings,
      }
    }
    case 'other':
      return { type: 'other', ...place, label: material.label, warnings: [] }
    case 'unreadable': {
      const { code, reason, message, hint } = material.error
      const error = { code, reason, message, ...(hint !== undefined && { hint }) }
      return { type: 'unreadable', ...place, label: material.label, error, warnings: [] }
    }
  }
}

function describeKey(
  publicKey: KeyObject,
): Omit<KeyDescription, 'type'> & Pick<ItemDescription, 'warnings'> {
  const info = keyInfoOf(publicKey)
  return {
    encryption: null,
    key: describeKeyInfo(info),
    keyFingerprint: keyFingerprint(publicKey),
    warnings: keyFindings(info),
  }
}

function encryptionFindings(encryption: string): readonly Finding[] {
  if (!encryption.startsWith('traditional')) return []
  return [
    {
      reason: 'encryption-weak',
      text: 'its passphrase can be guessed fast; convert it with: openssl pkcs8 -topk8 -scrypt -in FILE -out NEW',
    },
  ]
}
