import { equalBytes } from './bytes.ts'
import { isSelfIssued } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { commonNameOid, nameValues } from './name.ts'
import { purposeOids } from './oids.ts'
import { faultOf } from './path-fault.ts'
import type { PathFault, PathFaultReason, PathWarning } from './path-fault.ts'
import { profileRules } from './profiles.ts'
import type { ProfileAnswer, ProfileRule, VerificationProfile } from './profiles.ts'

/** Where a certificate stands in a path, and what the path is for. */
export interface PathPlace {
  readonly place: 'leaf' | 'intermediate' | 'root'
  readonly purpose?: 'clientAuth' | 'serverAuth'
}

export function profileFaults(
  certificate: Certificate,
  where: PathPlace,
  profile: VerificationProfile,
): readonly PathFault[] {
  return answered(profile, 'refuse').flatMap((rule) => {
    const { reason = 'form-not-allowed' } = rules[rule]
    const found = rules[rule].find(certificate, where)
    return found === undefined ? [] : [faultOf(certificate)(reason, found)]
  })
}

export function profileWarnings(
  certificate: Certificate,
  where: PathPlace,
  profile: VerificationProfile,
): readonly PathWarning[] {
  return answered(profile, 'warn').flatMap((reason) =>
    rules[reason].find(certificate, where) === undefined ? [] : [{ reason, certificate }],
  )
}

function answered(profile: VerificationProfile, answer: ProfileAnswer): readonly ProfileRule[] {
  return profileRules.filter((rule) => profile.rules[rule] === answer)
}

interface Rule {
  /** Of the fault where a profile refuses; `form-not-allowed` without it. */
  readonly reason?: PathFaultReason
  /** What is wrong, in a few words; `undefined` when nothing is. */
  find(certificate: Certificate, where: PathPlace): string | undefined
}

const rules: Readonly<Record<ProfileRule, Rule>> = {
  'purpose-absent': {
    reason: 'purpose-not-allowed',
    find: ({ extensions }, { place }) =>
      when(place === 'leaf' && extensions.extendedKeyUsage === undefined, 'no extended key usage'),
  },
  'purpose-any': {
    reason: 'purpose-not-allowed',
    find: ({ extensions }, { place }) =>
      when(
        place === 'leaf' &&
          extensions.extendedKeyUsage?.purposes.includes(purposeOids.anyExtendedKeyUsage) === true,
        'extended key usage anyExtendedKeyUsage',
      ),
  },
  'purpose-critical': {
    find: ({ extensions }, { place }) =>
      when(
        place === 'leaf' && extensions.extendedKeyUsage?.critical === true,
        'extended key usage marked critical',
      ),
  },
  'leaf-is-a-ca': {
    find: (certificate, { place }) => when(place === 'leaf' && isCa(certificate), 'CA:TRUE'),
  },
  'alternative-names-absent': {
    find: ({ extensions }, { place }) =>
      when(
        place === 'leaf' && extensions.subjectAltNames === undefined,
        'no subject alternative names',
      ),
  },
  'alternative-names-critical': {
    // BR §7.1.2.7.12, RFC 5280 §4.2.1.6: critical only in the place of a subject.
    find: ({ extensions, subject }, { place }) =>
      when(
        place === 'leaf' &&
          extensions.subjectAltNames?.critical === true &&
          subject.rdns.length > 0,
        'subject alternative names marked critical beside a subject',
      ),
  },
  'common-name-not-alternative': {
    // A client's common name is its own affair: it names no server.
    find: (certificate, { place, purpose }) =>
      place === 'leaf' && purpose !== 'clientAuth' ? strangeCommonName(certificate) : undefined,
  },
  'leaf-key-identifier-absent': {
    find: (certificate, { place }) =>
      when(
        place === 'leaf' && !isSelfIssued(certificate) && !hasAuthorityKey(certificate),
        'no authority key identifier',
      ),
  },
  'issuer-key-identifier-absent': {
    // RFC 5280 §4.2.1.1, §4.2.1.2
    find: (certificate, { place }) =>
      when(
        place === 'intermediate' && !(hasSubjectKey(certificate) && hasAuthorityKey(certificate)),
        'no key identifiers',
      ),
  },
  'root-key-identifier-absent': {
    // RFC 5280 §4.2.1.1: only a self-signed certificate may leave out the authority's.
    find: (certificate, { place }) =>
      when(
        place === 'root' &&
          !(
            hasSubjectKey(certificate) &&
            (isSelfIssued(certificate) || hasAuthorityKey(certificate))
          ),
        'no key identifiers',
      ),
  },
  'root-key-identifier-form': {
    find: (certificate, { place }) =>
      place === 'root' && isSelfIssued(certificate) ? strangeKeyIdentifier(certificate) : undefined,
  },
  'root-purpose': {
    // BR §7.1.2.1.2: a root has none.
    find: ({ extensions }, { place }) =>
      when(
        place === 'root' && extensions.extendedKeyUsage !== undefined,
        'a root with extended key usage',
      ),
  },
  'root-serial-number-zero': {
    find: ({ serialNumber }, { place }) =>
      when(place === 'root' && /^0+$/.test(serialNumber), 'serial number 0'),
  },
  'key-usage-absent': {
    find: ({ extensions }, { place }) =>
      when(place !== 'leaf' && extensions.keyUsage === undefined, 'no key usage'),
  },
  'basic-constraints-not-critical': {
    // RFC 5280 §4.2.1.9
    find: ({ extensions: { basicConstraints } }, { place }) =>
      when(
        place !== 'leaf' && basicConstraints?.ca === true && !basicConstraints.critical,
        'basic constraints not marked critical',
      ),
  },
  'name-constraints-not-critical': {
    reason: 'constraint-malformed',
    // RFC 5280 §4.2.1.10
    find: ({ extensions }) =>
      when(extensions.nameConstraints?.critical === false, 'name constraints not marked critical'),
  },
  'modulus-not-whole-octets': {
    reason: 'key-weak',
    // BR §6.1.5
    find: ({ keyInfo: { type, bits } }) =>
      when(type === 'rsa' && bits % 8 !== 0, `RSA ${bits}: not a multiple of 8`),
  },
}

function when(wrong: boolean, found: string): string | undefined {
  return wrong ? found : undefined
}

function isCa({ extensions }: Certificate): boolean {
  return extensions.basicConstraints?.ca === true
}

function hasSubjectKey({ extensions }: Certificate): boolean {
  return extensions.subjectKeyIdentifier !== undefined
}

function hasAuthorityKey({ extensions }: Certificate): boolean {
  return extensions.authorityKeyIdentifier?.keyIdentifier !== undefined
}

/** BR §7.1.4.3: a common name is one of the alternative names, written in the same characters. */
function strangeCommonName({ subject, extensions }: Certificate): string | undefined {
  const names = extensions.subjectAltNames?.names ?? []
  const strange = nameValues(subject, commonNameOid).find(
    (value) =>
      !names.some((name) => (name.type === 'dns' || name.type === 'ip') && name.value === value),
  )
  return strange === undefined ? undefined : `common name "${strange}" is no alternative name`
}

/** BR §7.1.2.1.3: the authority's identifier is the root's own, and nothing else is there. */
function strangeKeyIdentifier({ extensions }: Certificate): string | undefined {
  const { authorityKeyIdentifier: authority, subjectKeyIdentifier: own } = extensions
  if (authority === undefined) return undefined
  if (authority.namesIssuer) return 'authority key identifier with issuer and serial number'
  const { keyIdentifier } = authority
  if (keyIdentifier === undefined) return 'authority key identifier without a key identifier'
  return own === undefined || equalBytes(keyIdentifier, own.keyIdentifier)
    ? undefined
    : 'authority key identifier is not its own key identifier'
}
