/** What profiles differ in; everything else is refused or accepted under each of them. */
export const profileRules = [
  'purpose-absent',
  'purpose-any',
  'purpose-critical',
  'leaf-is-a-ca',
  'alternative-names-absent',
  'alternative-names-critical',
  'common-name-not-alternative',
  'leaf-key-identifier-absent',
  'issuer-key-identifier-absent',
  'root-key-identifier-absent',
  'root-key-identifier-form',
  'root-purpose',
  'root-serial-number-zero',
  'key-usage-absent',
  'basic-constraints-not-critical',
  'name-constraints-not-critical',
  'modulus-not-whole-octets',
] as const

export type ProfileRule = (typeof profileRules)[number]

export type ProfileAnswer = 'ignore' | 'warn' | 'refuse'

export interface VerificationProfile {
  readonly name: string
  readonly rules: Readonly<Record<ProfileRule, ProfileAnswer>>
}

/**
 * For private authorities. RFC 5280, but what people and their tools leave out of roots and leaves made by hand is a
 * warning. openssl 3, Go, keytool, EasyRSA, step and cfssl all write key identifiers into an intermediate; one
 * without them is refused, as the RFC says.
 */
const mtls: VerificationProfile = {
  name: 'mtls',
  rules: {
    'purpose-absent': 'warn',
    'purpose-any': 'warn',
    'purpose-critical': 'ignore',
    'leaf-is-a-ca': 'warn',
    'alternative-names-absent': 'ignore',
    'alternative-names-critical': 'ignore',
    'common-name-not-alternative': 'ignore',
    'leaf-key-identifier-absent': 'warn',
    'issuer-key-identifier-absent': 'refuse',
    'root-key-identifier-absent': 'warn',
    'root-key-identifier-form': 'ignore',
    'root-purpose': 'ignore',
    'root-serial-number-zero': 'warn',
    'key-usage-absent': 'warn',
    // EasyRSA's default.
    'basic-constraints-not-critical': 'warn',
    'name-constraints-not-critical': 'refuse',
    'modulus-not-whole-octets': 'ignore',
  },
}

/** For servers with certificates of public authorities. @see CA/Browser Forum Baseline Requirements for TLS, §6.1.5, §7.1 */
const webpki: VerificationProfile = {
  name: 'webpki',
  rules: {
    'purpose-absent': 'refuse',
    'purpose-any': 'refuse',
    'purpose-critical': 'refuse',
    'leaf-is-a-ca': 'refuse',
    'alternative-names-absent': 'refuse',
    'alternative-names-critical': 'refuse',
    'common-name-not-alternative': 'refuse',
    'leaf-key-identifier-absent': 'refuse',
    'issuer-key-identifier-absent': 'refuse',
    'root-key-identifier-absent': 'refuse',
    'root-key-identifier-form': 'refuse',
    'root-purpose': 'refuse',
    'root-serial-number-zero': 'refuse',
    'key-usage-absent': 'refuse',
    'basic-constraints-not-critical': 'refuse',
    // BR §7.1.2.10.8: "as an explicit exception from RFC 5280", they may be.
    'name-constraints-not-critical': 'ignore',
    'modulus-not-whole-octets': 'refuse',
  },
}

export const verificationProfiles: {
  readonly mtls: VerificationProfile
  readonly webpki: VerificationProfile
} = { mtls, webpki }
