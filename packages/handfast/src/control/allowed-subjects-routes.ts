import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { actorOf } from './actor.ts'
import type { AllowedSubjects } from './allowed-subjects.ts'
import { allowedSubjectPath, allowedSubjectsPath } from './resources.ts'

export interface AllowedSubjectsRoutesOptions {
  readonly subjects: AllowedSubjects
}

// What a parameter must look like is checked by the resource itself, in Corda's order and words.
const listParameters = Type.Object({ holdingId: Type.String() })
const changeParameters = Type.Object({ holdingId: Type.String(), subject: Type.String() })

/** The resource of Corda's guide. */
export const allowedSubjectsRoutes: FastifyPluginCallbackTypebox<AllowedSubjectsRoutesOptions> = (
  app,
  { subjects },
  done,
) => {
  const listed = { params: listParameters, response: { 200: Type.Array(Type.String()) } }
  const changed = { schema: { params: changeParameters } }
  app.get(allowedSubjectsPath, { schema: listed }, async (request, reply) => {
    const names = await subjects.list(request.params.holdingId)
    return reply.send([...names])
  })
  app.put(allowedSubjectPath, changed, async (request, reply) => {
    await subjects.allow({ ...request.params, actor: requireActor(request) })
    return reply.code(204).send()
  })
  app.delete(allowedSubjectPath, changed, async (request, reply) => {
    await subjects.disallow({ ...request.params, actor: requireActor(request) })
    return reply.code(204).send()
  })
  done()
}

/** Fails closed, should the authentication ever be taken off these routes. */
function requireActor(request: FastifyRequest): string {
  const actor = actorOf(request)
  if (actor === undefined) throw new TypeError('A change came from nobody')
  return actor
}
