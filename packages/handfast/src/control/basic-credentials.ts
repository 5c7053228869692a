export interface Credentials {
  readonly name: string
  readonly password: string
}

/** What an Authorization header says, or `undefined` when it says nothing that can be checked. @see RFC 7617 */
export function parseBasicCredentials(header: string | undefined): Credentials | undefined {
  // RFC 9110 §11.1: the scheme is case-insensitive.
  const encoded = /^basic +(?<encoded>[A-Za-z0-9+/]+={0,2}) *$/i.exec(header ?? '')?.groups?.[
    'encoded'
  ]
  const text = encoded === undefined ? undefined : decodeText(encoded)
  // Other programs print names: no control characters (RFC 7617 §2 forbids them in both parts).
  if (text === undefined || /\p{Cc}/u.test(text)) return undefined
  // Only the first colon separates: a password may hold some.
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  return { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

function decodeText(encoded: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(encoded, 'base64'),
    )
  } catch {
    return undefined
  }
}
