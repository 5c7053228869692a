/** Object identifiers of certificate extensions and of what they hold. */

export const extensionOids = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
} as const

/** Purposes in ExtendedKeyUsage, RFC 5280 §4.2.1.12. */
export const purposeOids = {
  anyExtendedKeyUsage: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
} as const

const extensionNames = new Map<string, string>([
  ...Object.entries(extensionOids).map(([name, oid]): [string, string] => [oid, name]),
  ['2.5.29.31', 'cRLDistributionPoints'],
  ['2.5.29.18', 'issuerAltName'],
  ['2.5.29.46', 'freshestCRL'],
  ['1.3.6.1.5.5.7.1.1', 'authorityInfoAccess'],
  ['1.3.6.1.5.5.7.1.24', 'tlsFeature'],
  ['1.3.6.1.4.1.11129.2.4.2', 'signedCertificateTimestamps'],
  ['2.16.840.1.113730.1.13', 'netscapeComment'],
  ['2.16.840.1.113730.1.1', 'netscapeCertType'],
])

const purposeNames = new Map<string, string>(
  Object.entries(purposeOids).map(([name, oid]) => [oid, name]),
)

/** The extension's name, or its OID where it has none here. */
export function extensionName(oid: string): string {
  return extensionNames.get(oid) ?? oid
}

/** The purpose's name, or its OID where it has none here. */
export function purposeName(oid: string): string {
  return purposeNames.get(oid) ?? oid
}
