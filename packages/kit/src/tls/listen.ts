import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { TlsError } from './errors.ts'

export interface Address {
  readonly host: string
  /** 0 to 65535; 0 lets the system choose. */
  readonly port: number
}

/** @throws {TlsError} listen-failed */
export async function listenServer(server: Server, { host, port }: Address): Promise<Address> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    const { reason, hint } = explain(cause)
    throw new TlsError('listen-failed', `Cannot listen on ${host}:${port}: ${reason}`, {
      cause,
      details: { host, port },
      hint,
    })
  }
  const bound = server.address()
  return { host, port: bound !== null && typeof bound === 'object' ? bound.port : port }
}

export interface CloseServerOptions {
  readonly graceMs: number
  readonly connections: ReadonlySet<Socket>
}

/** Stops listening, gives the connections `graceMs` to end, then ends them. Resolves when all are gone. */
export async function closeServer(
  server: Server,
  { graceMs, connections }: CloseServerOptions,
): Promise<void> {
  const destroyAll = (): void => {
    for (const socket of connections) socket.destroy()
  }
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  const timer = setTimeout(destroyAll, graceMs)
  if (graceMs === 0) destroyAll()
  await promise
  clearTimeout(timer)
}

function explain(cause: unknown): { readonly reason: string; readonly hint: string } {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const known = explanations[code]
  if (known !== undefined) return known
  const reason = cause instanceof Error ? cause.message : 'unknown error'
  return { reason, hint: 'Check the host and the port' }
}

const ownAddress = 'Use an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them'

const explanations: Readonly<Record<string, { readonly reason: string; readonly hint: string }>> = {
  EADDRINUSE: {
    reason: 'the port is in use',
    hint: 'Choose another port, or end the process that uses this one',
  },
  EACCES: {
    reason: 'this user may not use the port',
    hint: 'Choose a port from 1024 on, or give the program the right to bind lower ones',
  },
  EADDRNOTAVAIL: { reason: 'this machine has no such address', hint: ownAddress },
  ENOTFOUND: { reason: 'the host name has no address', hint: ownAddress },
}
