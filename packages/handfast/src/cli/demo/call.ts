import { Client } from 'undici'
import type { Credential } from './organisation.ts'

export interface CallTarget {
  readonly port: number
  /** PEM of the root that the caller trusts. */
  readonly root: string
}

/** What came back: the caller sees no more than this. */
export interface CallResult {
  readonly status: number
  readonly body: string
  /** From the problem that a refused caller reads. */
  readonly publicCode?: string
  readonly id?: string
}

/** An ordinary client, as anybody would write it: one connection, its certificate, its root. */
export function openClient({ port, root }: CallTarget, credential?: Credential): Client {
  return new Client(`https://127.0.0.1:${port}`, {
    connect: {
      ca: root,
      ...(credential && { cert: credential.certificate, key: credential.key }),
    },
    keepAliveTimeout: 60_000,
    headersTimeout: 10_000,
  })
}

export async function callOnce(target: CallTarget, credential?: Credential): Promise<CallResult> {
  const client = openClient(target, credential)
  try {
    return await callWith(client)
  } finally {
    await client.destroy()
  }
}

export async function callWith(client: Client): Promise<CallResult> {
  const { statusCode, headers, body } = await client.request({ method: 'GET', path: '/hello' })
  const text = await body.text()
  const problem = String(headers['content-type']).startsWith('application/problem+json')
    ? parseProblem(text)
    : {}
  return { status: statusCode, body: text, ...problem }
}

export interface RestAccess extends CallTarget {
  readonly user: string
  readonly password: string
  /** `/api/v5_1/mgm/{id}/mutual-tls/allowed-client-certificate-subjects` */
  readonly allowListPath: string
}

/** One call of the REST API. @throws {Error} when it is not answered with 204 */
export async function changeAllowList(
  access: RestAccess,
  change: { readonly method: 'PUT' | 'DELETE'; readonly subject: string },
): Promise<void> {
  const client = openClient(access)
  try {
    const { statusCode, body } = await client.request({
      method: change.method,
      path: `${access.allowListPath}/${encodeURIComponent(change.subject)}`,
      headers: {
        authorization: `Basic ${Buffer.from(`${access.user}:${access.password}`).toString('base64')}`,
      },
    })
    const text = await body.text()
    if (statusCode !== 204) throw new Error(`the REST API answered ${statusCode}: ${text}`)
  } finally {
    await client.destroy()
  }
}

function parseProblem(text: string): { publicCode?: string; id?: string } {
  const problem: unknown = JSON.parse(text)
  if (typeof problem !== 'object' || problem === null) return {}
  const code: unknown = Reflect.get(problem, 'code')
  const id: unknown = Reflect.get(problem, 'id')
  return {
    ...(typeof code === 'string' && { publicCode: code }),
    ...(typeof id === 'string' && { id }),
  }
}
