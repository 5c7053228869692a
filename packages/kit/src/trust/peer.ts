import { parseCertificate } from '../x509/certificate.ts'
import { X509Error } from '../x509/errors.ts'
import { formatName } from '../x509/name-text.ts'
import type { Certificate } from '../x509/certificate.ts'

/** Facts of the connection that decide what the certificates on it are worth. */
export interface ConnectionFacts {
  /** The handshake resumed an earlier session: nothing was proved anew. */
  readonly sessionResumed: boolean
  /** False where the runtime shows the leaf alone, so that a missing intermediate is not the peer's fault. */
  readonly chainComplete: boolean
}

/** The other end of a connection: what it showed, parsed once. */
export type Peer = ConnectionFacts &
  (
    | { readonly kind: 'anonymous' }
    | { readonly kind: 'malformed'; readonly error: X509Error }
    | {
        readonly kind: 'certified'
        readonly leaf: Certificate
        /** As sent, in the order sent; nothing about them is known to be true. */
        readonly intermediates: readonly Certificate[]
      }
  )

const limits = {
  // The longest path has 8; some peers send the root and a cross-signed one as well.
  maxPresented: 16,
}

const freshConnection: ConnectionFacts = { sessionResumed: false, chainComplete: true }

/** Reads what a peer presented, the leaf first. Never throws for what a peer sent. */
export function parsePeer(
  presented: readonly Uint8Array[],
  facts: ConnectionFacts = freshConnection,
): Peer {
  if (presented.length > limits.maxPresented) {
    const message = `Cannot read chain: ${presented.length} certificates, ${limits.maxPresented} allowed`
    return { ...facts, kind: 'malformed', error: new X509Error('certificate-malformed', message) }
  }
  try {
    const [leaf, ...intermediates] = presented.map(parseCertificate)
    if (leaf === undefined) return { ...facts, kind: 'anonymous' }
    return { ...facts, kind: 'certified', leaf, intermediates }
  } catch (error) {
    if (error instanceof X509Error) return { ...facts, kind: 'malformed', error }
    throw error
  }
}

/** How people call the peer: its subject, or what it is instead. */
export function describePeer(peer: Peer): string {
  if (peer.kind === 'certified') return formatName(peer.leaf.subject) || '(empty subject)'
  return peer.kind === 'anonymous' ? '(no certificate)' : '(unreadable certificate)'
}
