/** Why a handshake did not come about: the same for the log and for whoever diagnoses. */
export interface HandshakeFailure {
  readonly code: `HF-L2${string}`
  readonly name: HandshakeFailureName
  readonly what: string
  readonly fix: string
}

export type HandshakeFailureName =
  | 'handshake-failed'
  | 'plain-text-to-tls'
  | 'protocol-version-unsupported'
  | 'no-shared-cipher'
  | 'handshake-timeout'
  | 'peer-left'
  | 'no-shared-protocol'
  | 'peer-refused-our-certificate'
  | 'no-shared-group'

/** Every way in which a handshake fails before anybody was judged. A code is never reused. */
export const handshakeFailures: Readonly<
  Record<HandshakeFailureName, Omit<HandshakeFailure, 'name'>>
> = {
  'handshake-failed': {
    code: 'HF-L200',
    what: 'The handshake failed',
    fix: "Look at the TLS library's own words beside this code",
  },
  'plain-text-to-tls': {
    code: 'HF-L201',
    what: 'The client spoke plain text, perhaps http://, to a TLS port',
    fix: "Use https:// in the client's URL",
  },
  'protocol-version-unsupported': {
    code: 'HF-L202',
    what: 'The client offers no TLS version that is spoken here: 1.2 is the least',
    fix: 'Upgrade the client, or let it offer TLS 1.2 or 1.3',
  },
  'no-shared-cipher': {
    code: 'HF-L203',
    what: "The client offers no cipher suite, or no signature algorithm, that fits this side's key",
    fix: "Let the client offer ECDHE with AES-GCM or ChaCha20, and signatures of this side's kind of key",
  },
  'handshake-timeout': {
    code: 'HF-L204',
    what: 'The client did not finish its handshake in time',
    fix: 'Check that the client speaks TLS at all, and the network between',
  },
  'peer-left': {
    code: 'HF-L205',
    what: 'The client went away during the handshake',
    fix: "Look at the client: it may not trust this side's certificate, or have been a port check",
  },
  'no-shared-protocol': {
    code: 'HF-L206',
    what: 'The client insists on another application protocol than HTTP/1.1 (ALPN)',
    fix: 'Let the client offer http/1.1; HTTP/2 is not spoken here yet',
  },
  'peer-refused-our-certificate': {
    code: 'HF-L207',
    what: "The client refuses this side's certificate",
    fix: "Give the client the root of this side's certificate, and check that it dials a name in it",
  },
  'no-shared-group': {
    code: 'HF-L208',
    what: 'The client offers no key exchange group that is known here',
    fix: 'Let the client offer X25519 or P-256',
  },
}

const namesByCode: Readonly<Record<string, HandshakeFailureName>> = {
  ERR_SSL_HTTP_REQUEST: 'plain-text-to-tls',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'plain-text-to-tls',
  ERR_SSL_WRONG_VERSION_NUMBER: 'plain-text-to-tls',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'protocol-version-unsupported',
  ERR_SSL_VERSION_TOO_LOW: 'protocol-version-unsupported',
  ERR_SSL_NO_SHARED_CIPHER: 'no-shared-cipher',
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'no-shared-cipher',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'handshake-timeout',
  ECONNRESET: 'peer-left',
  ERR_SSL_UNEXPECTED_EOF_WHILE_READING: 'peer-left',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'no-shared-protocol',
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'no-shared-group',
}

/** By the code of Node's `tlsClientError`; alerts about certificates come from the peer. */
export function handshakeFailure(nodeCode: string): HandshakeFailure {
  const refusedOurs =
    /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE)$/.test(nodeCode)
  const name = refusedOurs
    ? 'peer-refused-our-certificate'
    : (namesByCode[nodeCode] ?? 'handshake-failed')
  return { ...handshakeFailures[name], name }
}
