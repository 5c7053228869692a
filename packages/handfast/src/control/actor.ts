import type { FastifyRequest } from 'fastify'

// Not a decorator: Fastify hands requests to error handlers that it has not decorated.
const actors = new WeakMap<object, string>()

/** Notes whose request this is, once it is proved. */
export function setActor(request: FastifyRequest, name: string): void {
  actors.set(request.raw, name)
}

/** The login name, or `undefined` when nobody was logged in. */
export function actorOf(request: FastifyRequest): string | undefined {
  return actors.get(request.raw)
}
