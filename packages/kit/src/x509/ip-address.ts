import { isIPv4, isIPv6 } from 'node:net'

/** The 4 or 16 octets of an IP address; `undefined` when the text is none. Zone identifiers are refused. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.').map(Number))
  return isIPv6(text) && !text.includes('%') ? parseIpv6(text) : undefined
}

/** The text of 4 or 16 octets, IPv6 in its shortest form (RFC 5952 §4); `undefined` for another length. */
export function formatIpAddress(octets: Uint8Array): string | undefined {
  if (octets.length === 4) return octets.join('.')
  if (octets.length !== 16) return undefined
  const groups = Array.from(
    { length: 8 },
    (_, index) => (octets[index * 2] ?? 0) * 256 + (octets[index * 2 + 1] ?? 0),
  )
  const { start, length } = longestZeroRun(groups)
  const text = (part: readonly number[]): string =>
    part.map((group) => group.toString(16)).join(':')
  // RFC 5952 §4.2.2: a single zero group is written as it is.
  if (length < 2) return text(groups)
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`
}

function parseIpv6(text: string): Uint8Array {
  const dotted = /(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1]
  const [a = 0, b = 0, c = 0, d = 0] = dotted?.split('.').map(Number) ?? []
  const hex =
    dotted === undefined
      ? text
      : `${text.slice(0, -dotted.length)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  const [head = '', tail] = hex.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const gap = Array.from({ length: 8 - front.length - back.length }, () => 0)
  return Uint8Array.from([...front, ...gap, ...back].flatMap((group) => [group >> 8, group & 0xff]))
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  groups.forEach((group, index) => {
    length = group === 0 ? length + 1 : 0
    if (length > best.length) best = { start: index - length + 1, length }
  })
  return best
}
