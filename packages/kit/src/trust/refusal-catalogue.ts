/**
 * Every reason to refuse a peer, worst first: verdicts list faults in this order. A code is never reused.
 * `seenBy`: `anyone` may be told; `vouched` only a peer whose certificate an anchor signed for; the rest hear
 * `not-accepted`, so that nobody can find out by trying whom this side trusts.
 */
export const refusalCatalogue: Readonly<Record<RefusalName, RefusalKind>> = {
  'not-accepted': entry('HF-T100', 'anyone', {
    title: 'The certificate is not accepted here',
    why: 'The details are for the operator of this side only',
    fix: 'Send the id of this refusal to the operator of the server; the reason is in its log',
  }),
  'no-certificate': entry('HF-T101', 'anyone', {
    title: 'No client certificate was sent',
    why: 'This listener speaks mutual TLS: both sides show a certificate',
    fix: 'Configure a client certificate and its key; with curl: --cert chain.pem --key key.pem',
  }),
  'certificate-malformed': entry('HF-T102', 'operator', {
    title: 'The certificate cannot be read',
    why: 'Only strict DER of version 1 to 3 certificates is read: what two parsers could read differently is refused',
    fix: 'Have the certificate issued anew; run "handfast inspect FILE" on it to see what is wrong',
  }),
  'session-resumed': entry('HF-T103', 'operator', {
    title: 'A TLS session was resumed',
    why: 'A resumed session repeats an old verdict, and sessions never outlive trust',
    fix: 'Connect with a full handshake; if a proxy sits in front, turn off its session tickets',
  }),
  'judgement-failed': entry('HF-T105', 'operator', {
    title: 'The certificate could not be judged',
    why: 'Deciding failed or took too long, and what is not decided is refused',
    fix: 'Look at the error beside this refusal in the log',
  }),
  'chain-hidden': entry('HF-T106', 'operator', {
    title: 'The runtime shows only the leaf of the chain',
    why: 'This version of Node hides the intermediates that the peer sent, so no path can be built from them',
    fix: 'Run on a Node version that shows the whole chain (26.10, 24.20), or trust the intermediate itself as an anchor',
  }),
  'issuer-key-mismatch': entry('HF-T110', 'operator', {
    title: 'The certificate is not signed by the authority that it names',
    why: 'Another authority uses the same name, or the certificate was altered',
    fix: 'Have the certificate issued by the trusted authority itself, or trust the other authority on purpose',
  }),
  'self-signed-untrusted': entry('HF-T111', 'operator', {
    title: 'The certificate is self-signed',
    why: 'It vouches for itself, and it is not pinned here',
    fix: 'Have it issued by a trusted authority, or pin this one certificate as an anchor',
  }),
  'issuer-unknown': entry('HF-T112', 'operator', {
    title: 'The issuer of the certificate is not known here',
    why: 'The issuer is no anchor, and no certificate of it was sent',
    fix: 'Send the intermediate certificates after the leaf, or trust the issuing root here',
  }),
  'path-too-long': entry('HF-T113', 'operator', {
    title: 'The chain is too long',
    why: 'Chains of more than eight certificates are not followed',
    fix: 'Shorten the chain',
  }),
  'path-search-exhausted': entry('HF-T114', 'operator', {
    title: 'The chain is ambiguous',
    why: 'Too many certificates could have issued one another; searching further would let a peer keep this side busy',
    fix: 'Send only the certificates of one chain, without cross-signed duplicates',
  }),
  'signature-algorithm-weak': entry('HF-T115', 'operator', {
    title: 'A signature in the chain is too weak',
    why: 'SHA-1 and MD5 signatures can be forged',
    fix: 'Have the certificate issued anew with SHA-256 or better',
  }),
  'signature-algorithm-unsupported': entry('HF-T116', 'operator', {
    title: 'A signature in the chain is of an unknown kind',
    why: 'Only ECDSA, RSA PKCS#1 v1.5 with SHA-2, Ed25519 and, where this Node has it, ML-DSA are checked',
    fix: 'Have the certificate issued anew with one of these',
  }),
  'key-weak': entry('HF-T117', 'vouched', {
    title: 'A key in the chain is too weak or of an unknown kind',
    why: 'RSA keys have 2048 bits or more; elliptic curves are P-256, P-384, P-521 or Ed25519; ML-DSA needs a Node that has it',
    fix: 'Make a new key and have a certificate issued for it',
  }),
  'issuer-not-a-ca': entry('HF-T120', 'vouched', {
    title: 'An issuer in the chain is not an authority',
    why: 'Only a certificate that says CA:TRUE may issue others',
    fix: 'Have the certificate issued by an authority',
  }),
  'issuer-may-not-sign': entry('HF-T121', 'vouched', {
    title: 'An issuer in the chain may not sign certificates',
    why: 'Its key usage does not include keyCertSign',
    fix: "Have the authority's certificate issued anew with keyCertSign",
  }),
  'path-length-exceeded': entry('HF-T122', 'vouched', {
    title: 'There are more intermediates than an authority allows',
    why: 'Its path length constraint limits how many authorities may be below it',
    fix: 'Issue from an authority higher up, or have the constraining certificate issued anew',
  }),
  'issuer-purpose-not-allowed': entry('HF-T123', 'vouched', {
    title: 'An issuer in the chain may not issue for this purpose',
    why: "An authority's extended key usage limits what is below it",
    fix: 'Issue from an authority without that limit',
  }),
  'constraint-unsupported': entry('HF-T124', 'vouched', {
    title: 'A constraint in the chain cannot be evaluated',
    why: 'An authority limits names of a kind that cannot be compared here, the certificate has such a name, and ignoring the limit would widen trust',
    fix: 'Have the certificate issued without that name, or by an authority without that constraint',
  }),
  'critical-extension-unknown': entry('HF-T125', 'vouched', {
    title: 'A certificate in the chain has an unknown critical extension',
    why: 'Critical means: refuse what you do not understand',
    fix: 'Have the certificate issued without it',
  }),
  'name-constraint-violated': entry('HF-T127', 'vouched', {
    title: 'A name is outside what an authority in the chain may vouch for',
    why: 'Its name constraints permit or exclude names, and they hold for every certificate below it',
    fix: 'Have the certificate issued with a permitted name, or by an authority that may vouch for this one',
  }),
  'constraint-malformed': entry('HF-T128', 'vouched', {
    title: 'A constraint in the chain cannot be relied on',
    why: 'It stands where none may, is not marked critical, or has a form that others read differently',
    fix: 'Have the certificate issued anew with the constraint as RFC 5280 §4.2.1.10 to §4.2.1.14 say',
  }),
  'policy-missing': entry('HF-T129', 'vouched', {
    title: 'The chain has no valid certificate policy',
    why: 'An authority asks for a policy that every certificate below it was issued under, and there is none',
    fix: "Have the certificate issued under one of the authority's policies",
  }),
  'name-comparisons-exhausted': entry('HF-T136', 'vouched', {
    title: 'The chain has too many names and name constraints',
    why: 'Comparing all of them would let a peer keep this side busy',
    fix: 'Have the certificate issued with fewer names, or by an authority with fewer constraints',
  }),
  'form-not-allowed': entry('HF-T137', 'vouched', {
    title: 'A certificate in the chain lacks something that its profile asks for',
    why: 'Each place in a chain has its form; an issuing authority, for one, has both key identifiers',
    fix: 'Have it issued anew with what is missing; current versions of openssl, step and Go write it by themselves',
  }),
  'version-unsupported': entry('HF-T126', 'vouched', {
    title: 'A certificate in the chain is not of version 3',
    why: 'Older versions cannot say whether they are an authority or what they are for',
    fix: 'Have it issued anew; with openssl give x509 -req an -extfile, or use "handfast sign"',
  }),
  'issuer-expired': entry('HF-T130', 'vouched', {
    title: 'An issuer in the chain has expired',
    why: 'What an expired authority signed is no longer vouched for',
    fix: "Renew the authority's certificate and send the new chain",
  }),
  'issuer-not-yet-valid': entry('HF-T131', 'vouched', {
    title: 'An issuer in the chain is not valid yet',
    why: 'Its validity begins in the future, or a clock is wrong',
    fix: "Check the clocks of both machines, then the dates of the authority's certificate",
  }),
  'certificate-expired': entry('HF-T132', 'vouched', {
    title: 'The certificate has expired',
    why: 'Its validity has ended, or a clock is wrong',
    fix: 'Renew the certificate, and check the clocks of both machines',
  }),
  'certificate-not-yet-valid': entry('HF-T133', 'vouched', {
    title: 'The certificate is not valid yet',
    why: 'Its validity begins in the future, or a clock is wrong',
    fix: 'Check the clocks of both machines, then the dates of the certificate',
  }),
  'purpose-not-allowed': entry('HF-T134', 'vouched', {
    title: 'The certificate is not meant for this side of a connection',
    why: 'Its extended key usage does not include the role that it is used in',
    fix: 'Have it issued for this role: "client" for who connects, "server" for who listens',
  }),
  'key-usage-not-allowed': entry('HF-T135', 'vouched', {
    title: "The certificate's key may not sign a handshake",
    why: 'Its key usage does not include digitalSignature',
    fix: 'Have it issued anew with digitalSignature',
  }),
  'server-name-mismatch': entry('HF-T140', 'vouched', {
    title: 'The certificate is for another server name',
    why: 'The name that was dialled is not among its subject alternative names; a common name does not count (RFC 9525)',
    fix: 'Have it issued with this name as DNS or IP alternative name, or dial a name that it has',
  }),
  'name-not-allowed': entry('HF-T104', 'vouched', {
    title: 'The subject is not on the allow-list',
    why: 'The certificate is sound, but nobody with this name from this authority was introduced here',
    fix: 'Add the subject to the allow-list, for the authority that issued it',
  }),
}

export type RefusalName =
  | 'not-accepted'
  | 'no-certificate'
  | 'certificate-malformed'
  | 'session-resumed'
  | 'judgement-failed'
  | 'chain-hidden'
  | 'issuer-key-mismatch'
  | 'self-signed-untrusted'
  | 'issuer-unknown'
  | 'path-too-long'
  | 'path-search-exhausted'
  | 'signature-algorithm-weak'
  | 'signature-algorithm-unsupported'
  | 'key-weak'
  | 'issuer-not-a-ca'
  | 'issuer-may-not-sign'
  | 'path-length-exceeded'
  | 'issuer-purpose-not-allowed'
  | 'constraint-unsupported'
  | 'name-constraint-violated'
  | 'constraint-malformed'
  | 'policy-missing'
  | 'name-comparisons-exhausted'
  | 'form-not-allowed'
  | 'critical-extension-unknown'
  | 'version-unsupported'
  | 'issuer-expired'
  | 'issuer-not-yet-valid'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'purpose-not-allowed'
  | 'key-usage-not-allowed'
  | 'server-name-mismatch'
  | 'name-not-allowed'

/** Who may be told a refusal's true code. */
export type RefusalAudience = 'anyone' | 'vouched' | 'operator'

export interface RefusalKind {
  readonly code: `HF-T${string}`
  readonly seenBy: RefusalAudience
  readonly title: string
  readonly why: string
  readonly fix: string
}

function entry(
  code: RefusalKind['code'],
  seenBy: RefusalAudience,
  text: { readonly title: string; readonly why: string; readonly fix: string },
): RefusalKind {
  return { code, seenBy, ...text }
}
