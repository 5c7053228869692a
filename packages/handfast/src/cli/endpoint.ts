import { lstat } from 'node:fs/promises'
import { isIP } from 'node:net'
import { usageError } from './output.ts'

/** A server on the network, as the command line names it. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/**
 * Reads `host:port`, `[address]:port` or `https://host`; `undefined` for what names a file, also one that is called
 * like an endpoint.
 * @throws {CliError} usage for a port that there cannot be
 */
export async function findEndpoint(target: string): Promise<Endpoint | undefined> {
  const isFile = await lstat(target).then(
    () => true,
    () => false,
  )
  return isFile ? undefined : parseEndpoint(target)
}

function parseEndpoint(target: string): Endpoint | undefined {
  const [, authority] = /^https:\/\/([^/?#@]+)(?:[/?#].*)?$/i.exec(target) ?? []
  if (authority !== undefined)
    return parseEndpoint(/:\d+$/.test(authority) ? authority : `${authority}:443`)
  const [, address, name, digits = ''] =
    /^(?:\[([0-9a-f:.]+)\]|([^\s/\\:[\]@]+)):(\d+)$/i.exec(target) ?? []
  const host = address ?? name
  if (host === undefined || (address !== undefined && isIP(address) !== 6)) return undefined
  const port = Number(digits)
  if (port >= 1 && port <= 65_535) return { host, port }
  throw usageError(
    `Cannot use "${target}": there is no port ${digits}`,
    'Give a port from 1 to 65535, such as web.example:443',
  )
}
