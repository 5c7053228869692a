import type { Clock } from '@handfast/kit/base'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import { clientHeaders } from './forwarded-headers.ts'
import { linger } from './linger.ts'
import { hasBody, RequestBody } from './request-body.ts'

/** One request that is to be answered by an upstream. */
export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** What the upstream is sent, complete; names and values in turn. */
  readonly headers: string[]
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean
  /** Whether the client's connection ends after this answer; asked when the answer begins. */
  readonly closing: () => boolean
}

export type Outcome =
  /** The upstream's answer was sent whole. */
  | { readonly type: 'answered'; readonly status: number }
  /** The client went away before that. */
  | { readonly type: 'aborted'; readonly status?: number }
  /** Nothing was sent to the client yet: the caller answers. */
  | { readonly type: 'failed'; readonly error: Error }
  /** The upstream failed in the middle of its answer; the client's connection was cut. */
  | { readonly type: 'broken'; readonly status: number; readonly error: Error }

export interface RelayOptions {
  readonly clock: Clock
  readonly lingerTimeoutMs: number
}

/**
 * The byte path: sends one request through `dispatcher`, and its answer back, as the other side takes them. Never rejects.
 */
export function relay(
  call: Call,
  options: RelayOptions & { dispatcher: Dispatcher },
): Promise<Outcome> {
  const handler = new Relay(call, options)
  const { request, response, expectsContinue } = call
  options.dispatcher.dispatch(
    {
      path: request.url ?? '/',
      method: request.method ?? 'GET',
      headers: call.headers,
      body: hasBody(request)
        ? new RequestBody(request, () => {
            if (expectsContinue && !response.headersSent) response.writeContinue()
          })
        : null,
    },
    handler,
  )
  return handler.outcome
}

class Relay implements Dispatcher.DispatchHandler {
  readonly outcome: Promise<Outcome>
  readonly #call: Call
  readonly #options: RelayOptions
  readonly #settle: (outcome: Outcome) => void
  #controller: Dispatcher.DispatchController | undefined
  #clientGone = false
  #error: Error | undefined

  constructor(call: Call, options: RelayOptions) {
    this.#call = call
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    this.outcome = promise
    this.#settle = resolve
    call.response
      .once('close', () => this.#onClientClose())
      // A write after the client left; `close` tells the same.
      .on('error', () => undefined)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#clientGone) controller.abort(clientGone())
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    message?: string,
  ): void {
    // Interim answers (103) are for whoever is one hop away, which is us. 100 and 101 undici refuses itself.
    if (status < 200) return
    const headers = clientHeaders(rawHeaders(controller))
    if (this.#call.closing()) headers.push('Connection', 'close')
    const { response } = this.#call
    if (isReasonPhrase(message)) response.writeHead(status, message, headers)
    else response.writeHead(status, headers)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#call.response.write(chunk)) return
    controller.pause()
    this.#call.response.once('drain', () => controller.resume())
  }

  onResponseEnd(): void {
    const { request, response } = this.#call
    response.end()
    if (request.complete) return
    // An early answer, such as 413: the client may still be sending.
    const { clock, lingerTimeoutMs: timeoutMs } = this.#options
    void linger(request, { clock, timeoutMs })
  }

  onResponseError(_controller: unknown, error: Error): void {
    const { request, response } = this.#call
    // Without a client nobody is owed an answer; its `close` may still be on the way.
    if (this.#clientGone || request.socket.destroyed) return
    this.#error = error
    if (response.headersSent) response.destroy()
    else this.#settle({ type: 'failed', error })
  }

  #onClientClose(): void {
    const { response } = this.#call
    const status = response.headersSent ? { status: response.statusCode } : {}
    if (response.writableFinished) {
      this.#settle({ type: 'answered', status: response.statusCode })
    } else if (this.#error === undefined) {
      this.#clientGone = true
      this.#controller?.abort(clientGone())
      this.#settle({ type: 'aborted', ...status })
    } else {
      this.#settle({ type: 'broken', status: response.statusCode, error: this.#error })
    }
  }
}

function rawHeaders(controller: Dispatcher.DispatchController): string[] {
  const raw = controller.rawHeaders
  if (!Array.isArray(raw)) throw new TypeError('undici gave no raw headers')
  return raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')))
}

function isReasonPhrase(message: string | undefined): message is string {
  return message !== undefined && /^[\x20-\x7e]+$/.test(message)
}

function clientGone(): Error {
  return new Error('the client went away')
}
