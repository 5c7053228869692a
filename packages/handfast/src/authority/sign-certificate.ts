import { sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import {
  certificatePublicKey,
  createCertificate,
  generatePrivateKey,
  publicKeyFromPrivate,
  verifySignature,
} from '@handfast/kit/x509'
import type { Certificate, SignatureAlgorithm, Signer } from '@handfast/kit/x509'
import { AuthorityError } from './errors.ts'
import { lintCertificate } from './lint.ts'
import type { LintSubject } from './lint.ts'

/** Keys that sign what nobody will trust: a certificate is looked at before the real key touches it. */
export class TrialKeys {
  readonly #keys = new Map<'ec' | 'rsa', Promise<KeyObject>>()

  /** A signer that looks like the real one: the same algorithm, a worthless key. */
  async signerFor(algorithm: SignatureAlgorithm): Promise<Signer> {
    const type = algorithm.keyType === 'rsa' ? 'rsa' : 'ec'
    const known = this.#keys.get(type)
    const making = known ?? generatePrivateKey(type === 'rsa' ? 'rsa-2048' : 'ec-p256')
    this.#keys.set(type, making)
    const key = await making
    return {
      algorithm,
      publicKey: publicKeyFromPrivate(key),
      sign: (bytes) => Promise.resolve(sign(algorithm.digest, bytes, key)),
    }
  }
}

/**
 * Builds the certificate with a throwaway key, checks it against its profile, and only then has it signed.
 * @throws {AuthorityError} certificate-lint-failed, certificate-signature-invalid; neither is the caller's fault
 */
export async function signCertificate(
  subject: LintSubject,
  keys: { readonly signer: Signer; readonly trials: TrialKeys },
): Promise<Certificate> {
  const { template, issuer } = subject
  const trial = await createCertificate(
    template,
    await keys.trials.signerFor(keys.signer.algorithm),
  )
  const faults = lintCertificate(trial, subject)
  if (faults.length > 0) throw lintFailure(faults)
  const certificate = await createCertificate(template, keys.signer)
  if (Buffer.compare(certificate.tbs, trial.tbs) !== 0) {
    throw lintFailure(['what was signed is what was checked'])
  }
  if (!verifySignature(certificate, certificatePublicKey(issuer ?? certificate))) {
    throw new AuthorityError(
      'certificate-signature-invalid',
      "Cannot issue the certificate: its signature does not verify with its issuer's key",
      { hint: 'Check the key of this issuer; nothing was stored' },
    )
  }
  return certificate
}

function lintFailure(faults: readonly string[]): AuthorityError {
  return new AuthorityError(
    'certificate-lint-failed',
    `Cannot issue the certificate: it does not have ${faults.join('; ')}`,
    { details: { faults }, hint: 'Report this: it is a fault of Handfast, and nothing was signed' },
  )
}
