import {
  commonNameOid,
  leafFaults,
  leafWarnings,
  nameValues,
  purposeOids,
} from '@handfast/kit/x509'
import type { Certificate, PathFaultReason, PathWarning } from '@handfast/kit/x509'
import { caNameKey } from '../../authority/issuer.ts'
import { isSelfSigned } from './describe-certificate.ts'
import { describePeriod, expiresSoon } from './describe-time.ts'
import type { Finding } from './finding.ts'

/** What is wrong with a certificate by itself, or surprises those who use it; nothing about who trusts it. */
export function certificateFindings(certificate: Certificate, at: Date): readonly Finding[] {
  const ca = certificate.extensions.basicConstraints?.ca === true
  return [
    ...periodFindings(certificate, at),
    ...formFindings(certificate, at),
    ...signatureFindings(certificate, ca),
    ...(ca ? authorityFindings(certificate) : leafFindings(certificate)),
    ...issuerFindings(certificate, ca),
  ]
}

function periodFindings(certificate: Certificate, at: Date): readonly Finding[] {
  const words = describePeriod(certificate, at)
  if (at < certificate.notBefore)
    return [{ reason: 'not-yet-valid', text: `it is not valid yet: it ${words}` }]
  // RFC 5280 §4.1.2.5: the last second belongs to the period.
  if (at.getTime() > certificate.notAfter.getTime() + 999)
    return [{ reason: 'expired', text: `it ${words}` }]
  return expiresSoon(certificate, at)
    ? [{ reason: 'expires-soon', text: `it ${words}: renew it` }]
    : []
}

const formTexts: Readonly<Partial<Record<PathFaultReason, string>>> = {
  'version-unsupported': 'it is refused, because it is of',
  'key-weak': 'its key is too weak, or of a type that is not known here:',
  'constraint-malformed':
    'it is refused, because its limits on what is below it cannot be relied on:',
  'critical-extension-unknown':
    'it is refused, because it has a critical extension that is not known here:',
}

/** The faults that verification would find in it, wherever it stands in a path. */
function formFindings(certificate: Certificate, at: Date): readonly Finding[] {
  return leafFaults(certificate, { purpose: 'serverAuth', at }).flatMap(({ reason, found }) => {
    const text = formTexts[reason]
    return text === undefined ? [] : [{ reason, text: `${text} ${found}` }]
  })
}

function signatureFindings(certificate: Certificate, ca: boolean): readonly Finding[] {
  const { keyType, name } = certificate.signatureAlgorithm
  // Nobody relies on the signature of a root: it is trusted by its key.
  if (keyType !== undefined || (ca && isSelfSigned(certificate))) return []
  return [
    {
      reason: 'signature-weak',
      text: `its signature algorithm is too weak, or not known here: ${name}`,
    },
  ]
}

function authorityFindings({ extensions }: Certificate): readonly Finding[] {
  const { keyUsage, subjectAltNames } = extensions
  const findings: Finding[] = []
  if (keyUsage === undefined) {
    const text = 'a CA without keyUsage: its key may be used for anything'
    findings.push({ reason: 'ca-key-usage-absent', text })
  } else if (!keyUsage.usages.includes('keyCertSign')) {
    const text = 'a CA whose keyUsage does not include keyCertSign: nothing below it is accepted'
    findings.push({ reason: 'ca-may-not-sign', text })
  }
  // What `openssl req -x509` makes for a server, and what people then add to their trust store.
  if (subjectAltNames?.names.some(({ type }) => type === 'dns' || type === 'ip') === true) {
    const text =
      'a CA that names hosts: as an authority, it lets its holder name anybody; pin it instead'
    findings.push({ reason: 'leaf-is-a-ca', text })
  }
  return findings
}

function leafFindings(certificate: Certificate): readonly Finding[] {
  const { keyUsage } = certificate.extensions
  const signs = keyUsage === undefined || keyUsage.usages.includes('digitalSignature')
  return [
    ...serverNameFindings(certificate),
    ...leafWarnings(certificate).flatMap(({ reason }) => {
      const text = leafTexts[reason]
      return text === undefined ? [] : [{ reason, text }]
    }),
    ...(signs
      ? []
      : [
          {
            reason: 'key-usage-not-allowed',
            text: 'keyUsage without digitalSignature: its key may not sign a TLS handshake',
          },
        ]),
  ]
}

const leafTexts: Readonly<Partial<Record<PathWarning['reason'], string>>> = {
  'purpose-absent': 'no extendedKeyUsage: it may be used as server and as client alike',
  'purpose-any': 'extendedKeyUsage "any": it may be used for everything',
}

/** RFC 9525 §2: server names are in the SAN; the CN is none. */
function serverNameFindings(certificate: Certificate): readonly Finding[] {
  const { subjectAltNames, extendedKeyUsage } = certificate.extensions
  if (subjectAltNames?.names.some(({ type }) => type === 'dns' || type === 'ip') === true) return []
  const purposes = extendedKeyUsage?.purposes
  if (purposes?.includes(purposeOids.serverAuth) === true) {
    return [
      {
        reason: 'server-name-absent',
        text: 'a server certificate without a DNS or IP name: clients refuse it, and never look at the CN',
      },
    ]
  }
  const [commonName] = nameValues(certificate.subject, commonNameOid)
  if (purposes !== undefined || commonName === undefined) return []
  return [
    {
      reason: 'common-name-only',
      text: 'its only name is its CN: enough for a client, but no name of a server',
    },
  ]
}

function issuerFindings(certificate: Certificate, ca: boolean): readonly Finding[] {
  if (isSelfSigned(certificate)) {
    if (ca) return []
    return [
      {
        reason: 'self-signed',
        text: 'it is signed with its own key: it can be trusted only by pinning this one certificate',
      },
    ]
  }
  if (caNameKey(certificate.subject) !== caNameKey(certificate.issuer)) return []
  return [
    {
      reason: 'subject-equals-issuer',
      text: 'its subject is also its issuer, but another key signed it: OpenSSL takes it for self-signed',
    },
  ]
}
