/** Every bound of this room, each with its why. Tests shorten times; nothing here is configuration yet. */
export const gatewayLimits = {
  /** Node's own default, and what most backends take. */
  maxHeaderBytes: 16_384,
  /** Beyond any browser or API client; bounds the work for each request. */
  maxHeaders: 100,
  /** The whole head must have come by then (slow loris); as long as a handshake may take. */
  headersTimeoutMs: 10_000,
  /** How often Node looks for heads that are late. */
  headersCheckMs: 1_000,
  /** nginx's default; long enough for clients that poll once a minute. */
  keepAliveTimeoutMs: 75_000,
  /** No byte in either direction during a request. Choreo Connect: `streamIdleTimeoutInSeconds`, `routeIdleTimeoutInSeconds`. */
  idleTimeoutMs: 300_000,
  /** Requests that one client may send ahead; they wait, because answering in parallel could reorder effects (RFC 9112 §9.3.2). */
  maxPipelinedRequests: 32,
  /** How long the rest of a body is read and thrown away after an early answer, so that the client can read the answer. */
  lingerTimeoutMs: 5_000,
  /** TCP and TLS to the upstream. Choreo Connect: `clusterTimeoutInSeconds`. */
  connectTimeoutMs: 20_000,
  /** From the sent request to the response's head. Choreo Connect: `routeTimeoutInSeconds`. */
  responseTimeoutMs: 60_000,
  /** Responses carry long policies and cookies more often than requests do. */
  maxResponseHeaderBytes: 65_536,
  /** Choreo Connect: `maxConnections`. */
  maxUpstreamConnections: 1_024,
  /** In flight or waiting for a connection, for each upstream; beyond it is 503, not a queue without end. */
  maxUpstreamRequests: 4_096,
  /** An upstream's certificate is judged when dialling: an old connection must not outlive it by much. */
  upstreamConnectionAgeMs: 600_000,
  /** What `close` waits for requests in flight by default. */
  graceMs: 10_000,
}

export type GatewayLimits = Readonly<typeof gatewayLimits>
