import { randomUUID } from 'node:crypto'
import type { Events } from '@handfast/kit/base'
import { fastify } from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { actorOf, setActor } from './actor.ts'
import { allowedSubjectsRoutes } from './allowed-subjects-routes.ts'
import type { AllowedSubjects } from './allowed-subjects.ts'
import type { Authenticator } from './authenticator.ts'
import { ControlError } from './errors.ts'
import type { ControlEvent } from './events.ts'
import { answerMalformed, createHttpServer } from './http-server.ts'
import { limits } from './limits.ts'
import { apiPrefixes, findResource } from './resources.ts'
import { renderRestError, toRestError } from './rest-error.ts'

export interface RestAppOptions {
  readonly subjects: AllowedSubjects
  readonly authenticator: Authenticator
  readonly events: Events<ControlEvent>
}

/** The REST API as a Fastify application over an HTTP server that does not listen by itself. */
export function createRestApp(options: RestAppOptions): FastifyInstance {
  const app = fastify({
    serverFactory: (handler) => createHttpServer(handler),
    bodyLimit: limits.maxBodyBytes,
    genReqId: () => randomUUID(),
    // Requests that are on their way when the server closes are answered.
    return503OnClosing: false,
    clientErrorHandler: answerMalformed,
    frameworkErrors: (error, request, reply) => {
      void answerError(options, { error, request, reply })
    },
    routerOptions: {
      ignoreTrailingSlash: true,
      // The head's size bounds it.
      maxParamLength: limits.maxHeaderBytes,
    },
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(commonHeaders)
    // Corda reads bodies whatever they say they are: curl -d says x-www-form-urlencoded.
    delete request.headers['content-type']
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => answerError(options, { error, request, reply }))
  app.setNotFoundHandler((request, reply) => answerNotFound(options, { request, reply }))
  for (const prefix of apiPrefixes) {
    app.register(
      (versioned, _, done) => {
        addAuthentication(versioned, options.authenticator)
        versioned.register(allowedSubjectsRoutes, { subjects: options.subjects })
        done()
      },
      { prefix },
    )
  }
  return app
}

function addAuthentication(app: FastifyInstance, authenticator: Authenticator): void {
  // Before the body is read.
  app.addHook('onRequest', async (request) => {
    setActor(request, await authenticator.authenticate(request.headers.authorization))
  })
}

// The body names what the client sent: a browser must not take it for a page.
const commonHeaders = { 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' }

interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

function answerNotFound(options: RestAppOptions, { request, reply }: Exchange): FastifyReply {
  const resource = findResource(request.url)
  if (resource === undefined) {
    const error = new ControlError('path-not-found', 'Not found')
    return answerError(options, { error, request, reply })
  }
  if (resource.path !== request.url) {
    // Corda redirects mixed case to lower case. 308, so that a PUT stays a PUT.
    return reply.redirect(resource.path, 308)
  }
  const error = new ControlError('method-not-allowed', 'Method not allowed', {
    details: { allow: resource.methods.join(', ') },
  })
  return answerError(options, { error, request, reply })
}

function answerError(
  { events }: Pick<RestAppOptions, 'events'>,
  { error, request, reply }: Exchange & { readonly error: unknown },
): FastifyReply {
  const requestId = request.id
  const answer = toRestError(error, {
    requestId,
    contentLength: request.headers['content-length'],
  })
  const { method } = request
  const [path = ''] = request.url.split('?')
  if (answer.internal) events.emit({ type: 'request-failed', requestId, method, path, error })
  else {
    const { status, title, code } = answer
    const actor = actorOf(request)
    events.emit({
      type: 'request-refused',
      requestId,
      method,
      path,
      status,
      title,
      remoteAddress: request.ip,
      ...(code !== undefined && { code }),
      ...(actor !== undefined && { actor }),
    })
  }
  const { contentType, body } = renderRestError(answer, request.headers.accept)
  return reply
    .code(answer.status)
    .headers({ ...commonHeaders, ...answer.headers })
    .type(contentType)
    .send(body)
}
