/** This room's defaults and ceilings, each with its why. */
export const limits = {
  /** OWASP's scrypt advice is N=2^17 for interactive logins of people; a REST call pays on each cache miss: 2^15 is some 80 ms. */
  scryptLogCost: 15,
  scryptBlockSize: 8,
  scryptParallelization: 1,
  /** What a stored record may ask for: it was ours when it was written, but a database can be edited. */
  maxScryptBytes: 268_435_456,
  passwordSaltBytes: 16,
  passwordHashBytes: 32,
  /** 192 bits: not to be guessed, and no padding in base64url. */
  generatedPasswordBytes: 24,
  /** NIST SP 800-63B asks for 8 beside other factors, and for 15 alone; there is a limit on tries here, and no dictionary. */
  minPasswordLength: 12,
  maxPasswordLength: 256,
  maxUserNameLength: 64,
  /** Each takes 32 MB and a thread of libuv's four for some 80 ms. */
  maxVerifications: 4,
  /** Spares clients that send the password with each call the 80 ms; a changed user is noticed at once nevertheless. */
  verifiedForMs: 60_000,
  maxVerifiedCredentials: 1_000,
  retryAfterSeconds: 1,

  /** No resource here reads a body yet; clients may send one. */
  maxBodyBytes: 65_536,
  /** Node's own default; a member's name in the path is at most some 4 kB percent-encoded. */
  maxHeaderBytes: 16_384,
  /** The head must have come by then, and the whole request (slow loris). */
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  /** How often Node looks for requests that are late. */
  timeoutCheckMs: 1_000,
  /** No byte in either direction. */
  idleTimeoutMs: 60_000,
  keepAliveTimeoutMs: 60_000,
  /** Operators and their scripts; some 60 kB each. */
  maxConnections: 1_000,
  /** What `close` gives requests in flight. */
  graceMs: 2_000,

  /** A change is answered when the gateway has applied it, or after this long. */
  appliedTimeoutMs: 2_000,
  /** After the store could not be read. */
  reloadRetryMs: 1_000,
  /** States that were handed out and not acknowledged; a gateway may pass over some. */
  maxUnacknowledged: 100,
  /** (anchor, name) pairs of the whole cluster: what one state is built from. */
  maxAllowedMembers: 100_000,
} as const
