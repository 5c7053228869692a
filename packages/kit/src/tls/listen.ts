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
    throw new TlsError('listen-failed', `Cannot listen on ${host}:${port}: ${reasonOf(cause)}`, {
      cause,
      details: { host, port },
      hint: 'Choose another port, or end the process that uses this one',
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

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE') return 'the port is in use'
  if (code === 'EACCES') return 'this user may not use the port'
  if (code === 'EADDRNOTAVAIL') return 'this machine has no such address'
  return cause instanceof Error ? cause.message : 'unknown error'
}
