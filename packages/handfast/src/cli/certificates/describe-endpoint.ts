import type { Presented } from '@handfast/kit/tls'
import { X509Error, namesServer } from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import { describeFile } from './describe-file.ts'
import type { FileDescription } from './describe-file.ts'
import { isIssuedBy, isSelfSigned, nameText } from './describe-certificate.ts'
import type { Finding } from './finding.ts'

export interface ConnectionDescription {
  readonly serverName: string
  /** `TLSv1.3` */
  readonly protocol: string
  readonly alpn: string | null
  /** False when the server ended the handshake, as those do that insist on a client certificate. */
  readonly completed: boolean
}

export interface EndpointDescription extends FileDescription {
  readonly connection: ConnectionDescription
}

/** What a server shows, for people and programs. @throws {X509Error} certificate-malformed */
export function describeEndpoint(
  presented: Presented,
  { serverName, at }: { readonly serverName: string; readonly at: Date },
): EndpointDescription {
  const chain = presentedChain(presented)
  const content = chain.map(
    (certificate) => ({ material: { type: 'certificate', certificate } }) as const,
  )
  const { items, warnings } = describeFile({ content }, at)
  return {
    connection: connectionOf(presented, serverName),
    items,
    warnings: [
      ...nameFindings(chain, serverName),
      ...warnings,
      ...chainFindings(chain),
      ...handshakeFindings(presented),
    ],
  }
}

export function connectionOf(
  { protocol, alpn, completed }: Presented,
  serverName: string,
): ConnectionDescription {
  return { serverName, protocol, alpn, completed }
}

export function handshakeFindings({ completed }: Presented): readonly Finding[] {
  if (completed) return []
  const text =
    'it ended the handshake once it had shown its certificate, as TLS 1.2 servers do that insist on one from the client; that it holds the key is not proved'
  return [{ reason: 'handshake-ended', text }]
}

function presentedChain({ peer }: Presented): readonly Certificate[] {
  if (peer.kind === 'certified') return [peer.leaf, ...peer.intermediates]
  if (peer.kind === 'malformed') throw peer.error
  throw new X509Error('certificate-malformed', 'Cannot read chain: the server sent no certificate')
}

function nameFindings([leaf]: readonly Certificate[], serverName: string): readonly Finding[] {
  if (leaf === undefined || namesServer(leaf, serverName)) return []
  const text = `its certificate does not name "${serverName}": clients that dial it by that name refuse it`
  return [{ reason: 'server-name-mismatch', text }]
}

/** What clients miss, or need not be sent. */
function chainFindings([leaf, ...others]: readonly Certificate[]): readonly Finding[] {
  if (leaf === undefined) return []
  const used = new Set([leaf])
  let top = leaf
  for (;;) {
    const below = top
    const issuer = others.find((other) => !used.has(other) && isIssuedBy(below, other))
    if (issuer === undefined || isSelfSigned(top)) break
    used.add(issuer)
    top = issuer
  }
  const findings: Finding[] = []
  if (top === leaf && !isSelfSigned(leaf)) {
    const text = `the certificate of its issuer, "${nameText(leaf.issuer)}", was not sent: clients that trust only the root above it find no path`
    findings.push({ reason: 'intermediate-missing', text })
  }
  if (top !== leaf && isSelfSigned(top)) {
    const text = `the root, "${nameText(top.subject)}", is sent as well: clients have it, or do not trust it`
    findings.push({ reason: 'root-sent', text })
  }
  const strangers = others.filter((other) => !used.has(other))
  for (const { subject } of strangers) {
    const text = `"${nameText(subject)}" is sent, and is no part of the chain`
    findings.push({ reason: 'certificate-unrelated', text })
  }
  return findings
}
