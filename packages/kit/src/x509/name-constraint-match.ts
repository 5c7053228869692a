import { foldedRdns } from './name.ts'
import type { Name } from './name.ts'
import { isDnsName } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { parseIpAddress } from './ip-address.ts'
import { isHost, parseMailbox } from './name-constraints.ts'
import type { Mailbox, NameConstraint } from './name-constraints.ts'

/** `partly` is for a wildcard: some of the names that it stands for are in the subtree, others are not. */
export type Match = 'inside' | 'outside' | 'partly'

/** A name made ready to be compared with many subtrees. */
export type ConstrainedName =
  | { readonly type: 'dns'; readonly host: string; readonly wildcard: boolean }
  | { readonly type: 'uri'; readonly host: string }
  | { readonly type: 'email'; readonly mailbox: Mailbox }
  | { readonly type: 'ip'; readonly octets: Uint8Array }
  | { readonly type: 'directory-name'; readonly name: Name }

/** `undefined` for a name that cannot be compared: one reader could see another name in it than the next. */
export function constrainedName(name: GeneralName): ConstrainedName | undefined {
  switch (name.type) {
    case 'dns': {
      if (!isDnsName(name.value)) return undefined
      const wildcard = name.value.startsWith('*.')
      const host = (wildcard ? name.value.slice(2) : name.value).toLowerCase()
      return { type: 'dns', host, wildcard }
    }
    case 'uri': {
      const host = hostOfUri(name.value)
      return host === undefined ? undefined : { type: 'uri', host }
    }
    case 'email': {
      const mailbox = parseMailbox(name.value)
      return mailbox === undefined ? undefined : { type: 'email', mailbox }
    }
    case 'ip': {
      const octets = parseIpAddress(name.value)
      return octets === undefined ? undefined : { type: 'ip', octets }
    }
    case 'directory-name':
      return { type: 'directory-name', name: name.value }
    case 'other':
      return undefined
  }
}

/** Whether a name is in a subtree of its own type; of another type, it is outside. */
export function matchConstraint(name: ConstrainedName, subtree: NameConstraint): Match {
  if (name.type === 'dns' && subtree.type === 'dns') return matchDns(name, subtree.value)
  if (name.type === 'uri' && subtree.type === 'uri') return matchHost(name.host, subtree.value)
  if (name.type === 'email' && subtree.type === 'email')
    return matchEmail(name.mailbox, subtree.value)
  if (name.type === 'ip' && subtree.type === 'ip') return matchIp(name.octets, subtree)
  if (name.type === 'directory-name' && subtree.type === 'directory-name')
    return matchDirectoryName(name.name, subtree.value)
  return 'outside'
}

function matchDns(
  { host, wildcard }: { readonly host: string; readonly wildcard: boolean },
  subtree: string,
): Match {
  const base = subtree.toLowerCase()
  // RFC 5280 §4.2.1.10: the base itself, and every name with more labels to its left.
  if (base === '' || host === base || host.endsWith(`.${base}`)) return 'inside'
  // The wildcard stands for one label: `*.example.org` can be `foo.example.org` (CVE-2025-61727).
  const between = base.slice(0, -(host.length + 1))
  return wildcard && base.endsWith(`.${host}`) && !between.includes('.') ? 'partly' : 'outside'
}

function matchHost(host: string, subtree: string): Match {
  const base = subtree.toLowerCase()
  // RFC 5280 §4.2.1.10: with a leading period, one or more labels to its left; without, this host alone.
  return (base.startsWith('.') ? host.endsWith(base) : host === base) ? 'inside' : 'outside'
}

function matchEmail({ local, host }: Mailbox, subtree: string): Match {
  const at = subtree.indexOf('@')
  const matched = matchHost(host, subtree.slice(at + 1))
  // RFC 5280 §7.5: the local part to the letter, the host without case.
  return at < 0 || subtree.slice(0, at) === local ? matched : 'outside'
}

function matchIp(
  octets: Uint8Array,
  { address, mask }: Extract<NameConstraint, { readonly type: 'ip' }>,
): Match {
  const same =
    octets.length === address.length &&
    octets.every((octet, index) => ((octet ^ (address[index] ?? 0)) & (mask[index] ?? 0)) === 0)
  return same ? 'inside' : 'outside'
}

function matchDirectoryName(name: Name, subtree: Name): Match {
  const rdns = foldedRdns(name)
  return foldedRdns(subtree).every((rdn, index) => rdn === rdns[index]) ? 'inside' : 'outside'
}

/** The host of a URI with an authority (RFC 3986 §3.2), in lower case; none for an IP address. */
function hostOfUri(uri: string): string | undefined {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(uri)?.[1]
  const host = authority?.replace(/^[^@]*@/, '').replace(/:\d*$/, '')
  return host !== undefined && isHost(host) ? host.toLowerCase() : undefined
}
