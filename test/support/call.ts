import { request } from 'node:https'
import type { RequestOptions } from 'node:https'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** One HTTPS call on a connection of its own, as any Node program would make it. */
export function call(options: RequestOptions, body = ''): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const outgoing = request(
    { host: '127.0.0.1', agent: false, signal: AbortSignal.timeout(20_000), ...options },
    (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
    },
  )
  outgoing.on('error', reject)
  outgoing.end(body)
  return promise
}
