import { generateKeyPairSync } from 'node:crypto'

export type MlDsaName = 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87'

export interface MlDsaParameters {
  /** As Node calls the key's type. */
  readonly type: MlDsaName
  /** As people call it. */
  readonly name: string
  /** Of the key and of its signatures alike, always without parameters: RFC 9881 §2. */
  readonly oid: string
  /** FIPS 204 table 2. */
  readonly publicKeyOctets: number
}

/** FIPS 204's module-lattice signatures, which no known quantum algorithm forges. */
export const mlDsaParameters: readonly MlDsaParameters[] = [
  {
    type: 'ml-dsa-44',
    name: 'ML-DSA-44',
    oid: '2.16.840.1.101.3.4.3.17',
    publicKeyOctets: 1312,
  },
  {
    type: 'ml-dsa-65',
    name: 'ML-DSA-65',
    oid: '2.16.840.1.101.3.4.3.18',
    publicKeyOctets: 1952,
  },
  {
    type: 'ml-dsa-87',
    name: 'ML-DSA-87',
    oid: '2.16.840.1.101.3.4.3.19',
    publicKeyOctets: 2592,
  },
]

export function isMlDsa(type: string): type is MlDsaName {
  return mlDsaParameters.some((parameters) => parameters.type === type)
}

/** True when this Node can make and use ML-DSA keys: 24.6 or later, with OpenSSL 3.5. Tried once, half a millisecond. */
export function supportsMlDsa(): boolean {
  supported ??= tryMlDsa()
  return supported
}

let supported: boolean | undefined

function tryMlDsa(): boolean {
  try {
    generateKeyPairSync('ml-dsa-44')
    return true
  } catch {
    return false
  }
}
