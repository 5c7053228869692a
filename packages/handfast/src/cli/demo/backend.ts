import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock } from '@handfast/kit/base'
import { loadAnchors, loadIdentity, fixedIdentity } from '@handfast/kit/identity'
import { Guard } from '@handfast/kit/tls'
import type { Address } from '@handfast/kit/tls'
import { createAllowList, createPolicy, policyAuthorizer } from '@handfast/kit/trust'
import type { Credential } from './organisation.ts'

export interface BackendOptions {
  readonly credential: Credential
  readonly rootFile: string
  /** The subject of the gateway's client certificate: the only one that may call. */
  readonly gatewaySubject: string
}

export interface Backend extends AsyncDisposable {
  readonly address: Address
}

/** A TLS server of its own that greets by name, and that accepts nobody but the gateway. */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const { certificateFile, keyFile } = options.credential
  const anchors = await loadAnchors([{ path: options.rootFile, kind: 'ca' }])
  const allowList = createAllowList(
    anchors.map(({ id }) => ({ anchor: id, match: 'rdn-sequence', name: options.gatewaySubject })),
  )
  const policy = createPolicy({ tlsType: 'MUTUAL', purpose: 'clientAuth', anchors, allowList })
  const server = createServer(greet)
  const guard = new Guard({
    identity: fixedIdentity(await loadIdentity({ name: 'backend', certificateFile, keyFile })),
    authorizer: policyAuthorizer(() => policy, systemClock),
    tlsType: 'MUTUAL',
    onConnection: ({ socket }) => server.emit('connection', socket),
  })
  const address = await guard.listen({ host: '127.0.0.1', port: 0 })
  return { address, [Symbol.asyncDispose]: () => guard.close() }
}

function greet(request: IncomingMessage, response: ServerResponse): void {
  // The gateway is the only one that can connect, and it removes what a client sends under this name.
  const forwarded = request.headers['x-forwarded-client-cert']
  const subject = /Subject="([^"]*)"/.exec(String(forwarded ?? ''))?.[1] ?? ''
  const name = /(?:^|,)CN=([^,]*)/.exec(subject)?.[1] ?? 'Stranger'
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.end(`Hello, ${name}!\n`)
}
