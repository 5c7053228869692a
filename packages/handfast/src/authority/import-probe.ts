import {
  createCertificate,
  findPaths,
  generatePrivateKey,
  isSelfIssued,
  parseName,
  publicKeyFromPrivate,
  verifySignature,
  certificatePublicKey,
} from '@handfast/kit/x509'
import type { Certificate, PathAttempt, PathFaultReason, Signer, Use } from '@handfast/kit/x509'
import { AuthorityError } from './errors.ts'
import type { AuthorityErrorReason } from './errors.ts'
import { authorityKeyIdentifier } from './templates.ts'
import { newSerialNumber } from './serial-number.ts'
import { subjectText } from './text.ts'
import type { Note } from './text.ts'

export interface ProbedIssuer {
  readonly certificate: Certificate
  readonly signer: Signer
  readonly at: Date
}

export interface ProbePool {
  readonly intermediates: readonly Certificate[]
  readonly roots: readonly Certificate[]
}

export interface Probe {
  /** Above the issuer, its own issuer first, the root last. */
  readonly chain: readonly Certificate[]
  readonly warnings: readonly Note[]
}

const purposes = ['serverAuth', 'clientAuth'] as const

/**
 * Has the CA sign a throwaway leaf and verifies that as any peer would: whatever would refuse every certificate that
 * it is going to issue (dates, path length, a missing intermediate, a weak signature above it) shows here.
 * @throws {AuthorityError}
 */
export async function probeIssuer(issuer: ProbedIssuer, pool: ProbePool): Promise<Probe> {
  const leaf = await signProbe(issuer)
  const found = purposes.map((purpose) => ({
    purpose,
    ...bestAttempt(issuer, { leaf, pool, purpose }),
  }))
  const good = found.find(({ sound }) => sound !== undefined)?.sound
  if (good === undefined) throw failure(issuer, found[0]?.failed)
  return {
    chain: good.path.slice(2),
    warnings: found
      .filter(({ sound }) => sound === undefined)
      .map(({ purpose, failed }) => ({
        what: `extendedKeyUsage ${purpose}`,
        why: `no certificate for it can be issued here: ${failed?.faults[0]?.found ?? 'no path'}`,
      })),
  }
}

async function signProbe({ certificate, signer, at }: ProbedIssuer): Promise<Certificate> {
  return createCertificate(
    {
      serialNumber: newSerialNumber(),
      issuer: certificate.subject,
      subject: parseName('CN=probe,O=Handfast'),
      notBefore: at,
      notAfter: new Date(at.getTime() + 1000),
      publicKey: publicKeyFromPrivate(await generatePrivateKey('ec-p256')),
      extensions: {
        basicConstraints: { ca: false },
        keyUsage: ['digitalSignature'],
        extendedKeyUsage: purposes,
        authorityKeyIdentifier: authorityKeyIdentifier(certificate),
      },
    },
    signer,
  )
}

interface Attempts {
  readonly sound: PathAttempt | undefined
  readonly failed: PathAttempt | undefined
}

function bestAttempt(
  { certificate, at }: ProbedIssuer,
  search: { leaf: Certificate; pool: ProbePool; purpose: Use['purpose'] },
): Attempts {
  const { leaf, pool, purpose } = search
  const all = [certificate, ...pool.intermediates]
  let failed: PathAttempt | undefined
  for (const attempt of findPaths({
    leaf,
    intermediates: all.filter((candidate) => !isSelfSigned(candidate)),
    roots: [...all.filter(isSelfSigned), ...pool.roots],
    purpose,
    at,
  })) {
    // Another certificate of the same CA is not the one that is being imported.
    if (attempt.path[1] !== certificate) continue
    if (attempt.root !== undefined && attempt.faults.length === 0) {
      return { sound: attempt, failed: undefined }
    }
    if (failed === undefined || closer(attempt, failed)) failed = attempt
  }
  return { sound: undefined, failed }
}

function closer(a: PathAttempt, b: PathAttempt): boolean {
  if ((a.root === undefined) !== (b.root === undefined)) return a.root !== undefined
  return a.faults.length < b.faults.length
}

function isSelfSigned(certificate: Certificate): boolean {
  if (!isSelfIssued(certificate)) return false
  // A self-signature proves nothing, so a digest that is too weak for others (SHA-1) is left unread.
  if (certificate.signatureAlgorithm.keyType === undefined) return true
  return verifySignature(certificate, certificatePublicKey(certificate))
}

const reasons: Readonly<Partial<Record<PathFaultReason, AuthorityErrorReason>>> = {
  'issuer-expired': 'issuer-expired',
  'issuer-not-yet-valid': 'issuer-not-yet-valid',
  'issuer-not-a-ca': 'issuer-not-a-ca',
  'issuer-may-not-sign': 'issuer-not-a-ca',
  'version-unsupported': 'issuer-not-a-ca',
  'path-length-exceeded': 'path-length-exceeded',
  'issuer-purpose-not-allowed': 'issuer-purpose-mismatch',
  'issuer-key-mismatch': 'issuer-signature-invalid',
  'signature-algorithm-weak': 'issuer-signature-invalid',
  'signature-algorithm-unsupported': 'issuer-signature-invalid',
  'constraint-unsupported': 'issuer-unsupported',
  'constraint-malformed': 'issuer-unsupported',
  // A probe's name is nobody's: names that such a CA may issue for are not known here.
  'name-constraint-violated': 'issuer-unsupported',
  'name-comparisons-exhausted': 'issuer-unsupported',
  // The authority writes no policies into what it issues.
  'policy-missing': 'issuer-unsupported',
  'form-not-allowed': 'issuer-unsupported',
  'critical-extension-unknown': 'issuer-unsupported',
  'key-weak': 'key-not-allowed',
}

function failure({ certificate }: ProbedIssuer, failed: PathAttempt | undefined): AuthorityError {
  const fault = failed?.faults[0]
  const name = subjectText(certificate.subject)
  if (isSelfIssued(certificate) && !isSelfSigned(certificate)) {
    return new AuthorityError(
      'issuer-signature-invalid',
      `Cannot import "${name}": its signature was not made with its own key`,
      { hint: 'Get the file again from where it was made: it was altered on its way' },
    )
  }
  const reason = (fault && reasons[fault.reason]) ?? 'issuer-chain-incomplete'
  const at = fault?.certificate ?? certificate
  return new AuthorityError(
    reason,
    `Cannot import "${name}": nothing that it signs would be accepted: "${subjectText(at.subject)}": ${fault?.found ?? 'no path to a root'}`,
    {
      hint:
        reason === 'issuer-chain-incomplete'
          ? `Add the certificates above it, up to the root: "${subjectText(at.issuer)}" is next`
          : 'Have the CA issued anew, or import another one',
      details: { fault: fault?.reason ?? 'issuer-unknown' },
    },
  )
}
