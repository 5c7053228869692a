import { resolve } from 'node:path'
import { systemClock } from '@handfast/kit/base'
import { FileIdentitySource, loadAnchors } from '@handfast/kit/identity'
import { parseMemberName } from '@handfast/kit/trust'
import type { Anchor } from '@handfast/kit/trust'
import { TrustError } from '@handfast/kit/trust'
import { formatName } from '@handfast/kit/x509'
import { compileState } from '../gateway/compile-state.ts'
import type { AnchorRecord, ListenerState, UpstreamState } from '../gateway/state.ts'
import { defaultDataFolder } from './data-folder.ts'
import type { Config } from './config.ts'
import type { AnchorConfig, IdentityConfig, ListenerConfig } from './config-schema.ts'
import { CliError } from './errors.ts'
import { findSecret } from './secrets.ts'

/** Everything that a configuration names, loaded and checked. */
export interface ClusterInputs {
  readonly dataFolder: string
  /** In its canonical form. */
  readonly managerName: string
  readonly managerAnchors: readonly Anchor[]
  readonly anchors: readonly AnchorRecord[]
  /** By the names that listeners refer to; `rest` is the REST API's. */
  readonly identities: ReadonlyMap<string, FileIdentitySource>
  readonly rest: { readonly host: string; readonly port: number }
  readonly listeners: readonly Omit<ListenerState, 'allowList'>[]
}

export const restIdentity = 'rest'

/** @throws {CliError} config-invalid; {IdentityError}, {TrustError} for what a file holds */
export async function loadClusterInputs(config: Config): Promise<ClusterInputs> {
  const { content } = config
  const managerName = memberName(config)
  const managerAnchors = await loadAnchorFiles(config, content.manager.anchors)
  const identities = new Map<string, FileIdentitySource>()
  identities.set(
    restIdentity,
    await loadIdentityFiles(config, { name: restIdentity, files: content.rest.identity }),
  )
  const anchors = new Map(managerAnchors.map((anchor) => [anchor.id, anchor]))
  const listeners: Omit<ListenerState, 'allowList'>[] = []
  refuseDuplicates(config)
  for (const listener of content.gateway.listeners) {
    const own = `listener ${listener.name}`
    identities.set(own, await loadIdentityFiles(config, { name: own, files: listener.identity }))
    const upstreamIdentity = `upstream of ${listener.name}`
    if (listener.upstream.identity !== undefined) {
      const files = listener.upstream.identity
      identities.set(
        upstreamIdentity,
        await loadIdentityFiles(config, { name: upstreamIdentity, files }),
      )
    }
    const upstreamAnchors = await loadAnchorFiles(config, listener.upstream.anchors ?? [])
    for (const anchor of upstreamAnchors)
      anchors.set(anchor.id, longerValid(anchors.get(anchor.id), anchor))
    listeners.push({
      name: listener.name,
      host: listener.host,
      port: listener.port,
      identity: own,
      tlsType: listener.tlsType === 'MUTUAL' ? 'MUTUAL' : 'ONE_WAY',
      anchors: listener.tlsType === 'MUTUAL' ? managerAnchors.map(({ id }) => id) : [],
      upstream: upstreamState(listener, { upstreamIdentity, upstreamAnchors }),
    })
  }
  const records = [...anchors.values()].map(anchorRecord)
  refuseUnusable({ anchors: records, listeners, identities })
  return {
    dataFolder: resolve(config.base, content.dataFolder ?? defaultDataFolder),
    managerName,
    managerAnchors,
    anchors: records,
    identities,
    rest: { host: content.rest.host, port: content.rest.port },
    listeners,
  }
}

/** One authority may stand in several files, with certificates of several years. */
function longerValid(known: Anchor | undefined, anchor: Anchor): Anchor {
  return known !== undefined && known.certificate.notAfter > anchor.certificate.notAfter
    ? known
    : anchor
}

/** Asks the gateway itself, before anything is made or bound. @throws {GatewayError} */
function refuseUnusable({
  anchors,
  listeners,
  identities,
}: Pick<ClusterInputs, 'anchors' | 'listeners' | 'identities'>): void {
  const withoutMembers = listeners.map((listener) => ({ ...listener, allowList: [] }))
  compileState(
    { revision: 0, anchors, listeners: withoutMembers },
    { identities, clock: systemClock },
  )
}

export interface CheckedIdentity {
  readonly name: string
  readonly subject: string
  readonly notAfter: string
}

export interface CheckedAnchor {
  readonly kind: Anchor['kind']
  readonly subject: string
  readonly path: string
}

/** What `config check` reports. */
export async function checkCluster(config: Config): Promise<{
  readonly identities: readonly CheckedIdentity[]
  readonly anchors: readonly CheckedAnchor[]
}> {
  const inputs = await loadClusterInputs(config)
  const identities = [...inputs.identities.values()].map((source) => {
    const { name, chain } = source.current()
    const [leaf] = chain
    return {
      name,
      subject: leaf === undefined ? '' : formatName(leaf.subject),
      notAfter: leaf?.notAfter.toISOString() ?? '',
    }
  })
  const { manager, gateway } = config.content
  const files = [
    ...manager.anchors,
    ...gateway.listeners.flatMap(({ upstream }) => upstream.anchors ?? []),
  ]
  const anchors = await Promise.all(
    files.map(async (anchorFile) => {
      const loaded = await loadAnchorFiles(config, [anchorFile])
      return loaded.map(({ kind, certificate }) => ({
        kind,
        subject: formatName(certificate.subject),
        path: resolve(config.base, anchorFile.file),
      }))
    }),
  )
  return { identities, anchors: anchors.flat() }
}

function upstreamState(
  { upstream }: ListenerConfig,
  {
    upstreamIdentity,
    upstreamAnchors,
  }: { upstreamIdentity: string; upstreamAnchors: readonly Anchor[] },
): UpstreamState {
  const tls = upstream.url.startsWith('https:')
  const serverName = upstream.serverName ?? new URL(upstream.url).hostname.replace(/^\[|\]$/g, '')
  return {
    url: upstream.url,
    ...(tls && { serverName }),
    anchors: upstreamAnchors.map(({ id }) => id),
    ...(upstream.identity !== undefined && { identity: upstreamIdentity }),
  }
}

function anchorRecord({ id, kind, certificate }: Anchor): AnchorRecord {
  return { id, kind, certificate: Buffer.from(certificate.der).toString('base64') }
}

async function loadAnchorFiles(
  config: Config,
  files: readonly AnchorConfig[],
): Promise<readonly Anchor[]> {
  return loadAnchors(
    files.map(({ file, kind }) => ({
      path: resolve(config.base, file),
      kind: kind === 'pinned' ? 'pinned' : 'ca',
    })),
  )
}

async function loadIdentityFiles(
  { base }: Config,
  { name, files }: { readonly name: string; readonly files: IdentityConfig },
): Promise<FileIdentitySource> {
  const { certificate, key, passphrase } = files
  const secret =
    passphrase === undefined
      ? undefined
      : await findSecret({
          file: passphrase.file === undefined ? undefined : resolve(base, passphrase.file),
          variable: passphrase.variable ?? 'HANDFAST_KEY_PASSPHRASE',
        })
  return FileIdentitySource.load({
    name,
    certificateFile: resolve(base, certificate),
    ...(key !== undefined && { keyFile: resolve(base, key) }),
    ...(secret !== undefined && { passphrase: secret }),
  })
}

function memberName({ content, file }: Config): string {
  try {
    return parseMemberName(content.manager.name).canonical
  } catch (cause) {
    if (!(cause instanceof TrustError)) throw cause
    throw new CliError('config-invalid', `Cannot use "${file}": "manager.name": ${cause.message}`, {
      cause,
      ...(cause.hint !== undefined && { hint: cause.hint }),
    })
  }
}

function refuseDuplicates({ content, file }: Config): void {
  const { rest, gateway } = content
  const clash = gateway.listeners.find(
    ({ host, port }) => port !== 0 && port === rest.port && host === rest.host,
  )
  if (clash !== undefined) {
    throw new CliError(
      'config-invalid',
      `Cannot use "${file}": the REST API and listener "${clash.name}" share ${rest.host}:${rest.port}`,
      {
        hint: 'Give each a port of its own',
      },
    )
  }
  const names = content.gateway.listeners.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return
  throw new CliError(
    'config-invalid',
    `Cannot use "${file}": two listeners are called "${twice}"`,
    {
      hint: 'Give every listener a name of its own',
    },
  )
}
