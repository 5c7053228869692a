import type { TLSSocket } from 'node:tls'
import { parsePeer } from '../trust/peer.ts'
import type { Peer } from '../trust/peer.ts'

// One more than a peer may send, so that too many are seen as too many.
const maxChainLength = 17

/**
 * What the other end of a connection showed. Read once for each connection, and nowhere else: some runtimes show less
 * the second time.
 */
export function readPeer(socket: TLSSocket): Peer {
  const presented: Uint8Array[] = []
  let certificate = socket.getPeerX509Certificate()
  while (certificate !== undefined && presented.length < maxChainLength) {
    presented.push(certificate.raw)
    certificate = certificate.issuerCertificate
  }
  return parsePeer(presented, {
    sessionResumed: socket.isSessionReused(),
    // Node 24.21 and 26.8 hide the chain of a peer that OpenSSL accepted. A listener that trusts nothing itself
    // (`ca: []`) never has one.
    chainComplete: !socket.authorized || presented.length > 1,
  })
}
