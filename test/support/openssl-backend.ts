import { RunningProcess } from './running-process.ts'

export interface OpensslBackendOptions {
  readonly cwd: string
  readonly certificate: string
  readonly key: string
  /** Certificates that are sent after the leaf. */
  readonly chain?: string
  /** Whoever connects must have a certificate that this CA, or self-signed certificate, vouches for. */
  readonly clientCa?: string
}

export interface OpensslBackend extends AsyncDisposable {
  readonly port: number
}

/** `openssl s_server -www`: answers every GET with a page about the connection, the client's certificate included. */
export async function startOpensslBackend(options: OpensslBackendOptions): Promise<OpensslBackend> {
  const { cwd, certificate, key, chain, clientCa } = options
  const server = new RunningProcess(
    [
      'openssl',
      's_server',
      '-accept',
      '127.0.0.1:0',
      '-www',
      '-cert',
      certificate,
      '-key',
      key,
      ...(chain === undefined ? [] : ['-cert_chain', chain]),
      ...(clientCa === undefined
        ? []
        : ['-CAfile', clientCa, '-Verify', '4', '-verify_return_error']),
    ],
    { cwd },
  )
  try {
    const [, port] = await server.waitFor('stdout', /^ACCEPT \S*:(\d+)$/m)
    return { port: Number(port), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}

/** The subject of the client's certificate on the backend's page; versions of openssl space it differently. */
export function subjectSeen(page: string): string | undefined {
  return /^ +Subject: (.*)$/m.exec(page)?.[1]?.replaceAll(' = ', '=')
}
