import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/**
 * The body of a client's request, to be sent on. Nothing is read before it is asked for, and no more than it is taken.
 *
 * Destroying an `IncomingMessage` destroys the client's connection, and with it an answer that came early (413). Destroying
 * this leaves the connection alone: the rest of the body flows away unread.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage
  readonly #onFirstRead: () => void
  #started = false

  /** @param onFirstRead the upstream is ready for the body; the moment for `100 Continue` */
  constructor(request: IncomingMessage, onFirstRead: () => void) {
    super()
    this.#request = request
    this.#onFirstRead = onFirstRead
    // Whoever destroys it knows why; without a listener Node would end the process.
    this.on('error', () => undefined)
  }

  override _read(): void {
    if (!this.#started) this.#start()
    this.#request.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#request
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('error', this.#onBroken)
      .off('close', this.#onBroken)
      // An `error` of the request without a listener is dropped by Node.
      .resume()
    callback(error)
  }

  #start(): void {
    this.#started = true
    this.#onFirstRead()
    this.#request
      .on('data', this.#onData)
      .on('end', this.#onEnd)
      .on('error', this.#onBroken)
      .on('close', this.#onBroken)
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (!this.push(chunk)) this.#request.pause()
  }

  readonly #onEnd = (): void => {
    this.push(null)
  }

  readonly #onBroken = (): void => {
    if (!this.readableEnded && !this.#request.complete) {
      this.destroy(new Error('the client went away in the middle of its request'))
    }
  }
}

/** Whether a body follows the head, by the framing that the rules let through. */
export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length']
  return (
    request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
  )
}
