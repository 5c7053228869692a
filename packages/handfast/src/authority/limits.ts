/** This room's defaults and ceilings, each with its why. */
export const limits = {
  /** A peer's clock may be behind ours: a certificate that starts now would be "not yet valid" there. */
  backdateMs: 300_000,
  /** RFC 5280 §4.1.2.2 allows 20 octets; 16 random ones never meet again, and print as short as a UUID. */
  serialBytes: 16,
  /** A TLS stack sends the whole list in every handshake; public authorities stop at 100 as well. */
  maxSubjectAltNames: 100,
  maxSubjectAttributes: 16,
  /** For attributes to which RFC 5280 appendix A sets no bound of its own. */
  maxAttributeLength: 256,
  /** Root to leaf's issuer; verification stops at 8 certificates including the leaf. */
  maxIssuerDepth: 6,
  /** A request with an RSA 4096 key and 100 names is some 8 kB in PEM. */
  maxRequestBytes: 65_536,
  /** What people hand over with a CA: its chain, perhaps with text around it. */
  maxImportBytes: 262_144,
  maxImportCertificates: 16,
  /** All that stands between a copied database and its CA keys, so not a word to be guessed. */
  minPassphraseLength: 8,
  /** Decrypted keys kept at once: an authority has a handful of issuers. */
  maxOpenKeys: 16,
} as const

export const dayMs = 86_400_000
