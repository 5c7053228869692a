/** What an error was about: names, numbers, file paths. Never a secret. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>

export interface HandfastErrorOptions {
  readonly details?: ErrorDetails
  /** An imperative sentence that a person can follow. */
  readonly hint?: string
  readonly cause?: unknown
}

/**
 * An expected failure. `code` is stable (`HF-X101`), `reason` is its name (`der-malformed`); branch on these, never on
 * `message`. Each room has one subclass, with its own closed list.
 */
export class HandfastError<Reason extends string = string> extends Error {
  override readonly name: string = 'HandfastError'
  readonly code: string
  readonly reason: Reason
  readonly details: ErrorDetails
  readonly hint: string | undefined

  constructor(
    identity: { readonly code: string; readonly reason: Reason },
    message: string,
    options: HandfastErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = identity.code
    this.reason = identity.reason
    this.details = options.details ?? {}
    this.hint = options.hint
  }
}

/** Narrows to an expected failure of some room. */
export function isHandfastError(error: unknown): error is HandfastError {
  return error instanceof HandfastError
}
