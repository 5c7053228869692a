import { fingerprint, publicKeyFingerprint } from '../x509/certificate.ts'
import { formatName } from '../x509/name-text.ts'
import type { Certificate } from '../x509/certificate.ts'
import { TrustError } from './errors.ts'

/**
 * A trusted root. A `ca` is trusted by its key and vouches for what it issued; a `pinned` one is a single end-entity
 * certificate, matched byte for byte, that vouches for itself.
 */
export interface Anchor {
  readonly kind: 'ca' | 'pinned'
  /** SHA-256 in lower-case hexadecimal: of the public key for a `ca`, of the certificate for a `pinned` one. */
  readonly id: string
  readonly certificate: Certificate
}

/**
 * An authority as an anchor; an intermediate may be one.
 * @throws {TrustError} anchor-not-a-ca
 */
export function caAnchor(certificate: Certificate): Anchor {
  if (certificate.extensions.basicConstraints?.ca !== true) {
    throw new TrustError(
      'anchor-not-a-ca',
      `Cannot trust "${formatName(certificate.subject)}" as an authority: its certificate does not say CA:TRUE`,
      {
        hint: 'Pin it if it is the one certificate of a peer, or give the certificate of the authority that issued it',
      },
    )
  }
  return { kind: 'ca', id: publicKeyFingerprint(certificate), certificate }
}

/** One peer's own certificate as an anchor, self-signed or not. */
export function pinnedAnchor(certificate: Certificate): Anchor {
  return { kind: 'pinned', id: fingerprint(certificate), certificate }
}
