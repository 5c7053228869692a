export interface ForeignFormat {
  readonly what: string
  readonly hint: string
}

/** What a file may be that is neither PEM nor DER of a certificate, a request or a key, and what to do about it. */
export function foreignFormat(bytes: Uint8Array): ForeignFormat {
  if (bytes.length === 0) {
    return { what: 'the file is empty', hint: 'Check that it was copied whole' }
  }
  const start = Buffer.from(bytes.subarray(0, 64))
  return formats.find(({ matches }) => matches(start)) ?? cutOff(bytes) ?? unknown
}

interface KnownFormat extends ForeignFormat {
  readonly matches: (start: Buffer) => boolean
}

const formats: readonly KnownFormat[] = [
  {
    what: 'it is PKCS#7 (.p7b)',
    hint: 'Convert it: openssl pkcs7 -inform DER -in FILE -print_certs -out out.pem',
    // 1.2.840.113549.1.7.2, signedData
    matches: (start) => start.includes(Buffer.from('06092a864886f70d010702', 'hex')),
  },
  {
    what: 'it is base64 without its BEGIN and END lines',
    hint: 'Put "-----BEGIN CERTIFICATE-----" before it and "-----END CERTIFICATE-----" after it, each on its own line',
    // A SEQUENCE of 256 bytes or more, in base64.
    matches: (start) => /^MI[I-L][A-Za-z0-9+/\r\n]{30}/.test(start.toString('latin1')),
  },
  {
    what: 'it is text in UTF-16',
    hint: 'Save it as UTF-8; a redirection in Windows PowerShell writes UTF-16',
    matches: (start) => ['fffe', 'feff'].includes(start.toString('hex', 0, 2)),
  },
]

/** DER says at its start how long it is. */
function cutOff(bytes: Uint8Array): ForeignFormat | undefined {
  const [tag, form = 0, ...length] = bytes.subarray(0, 4)
  if (tag !== 0x30 || (form !== 0x81 && form !== 0x82)) return undefined
  const octets = length.slice(0, form - 0x80)
  const announced = 2 + octets.length + octets.reduce((sum, octet) => sum * 256 + octet, 0)
  if (announced <= bytes.length) return undefined
  return {
    what: `it begins as DER and is cut off: ${bytes.length} of ${announced} bytes`,
    hint: 'Copy it again, in binary mode',
  }
}

const unknown: ForeignFormat = {
  what: 'it is neither PEM nor DER of a certificate, a request or a key',
  hint: 'Check that it is the file you meant, and that it was copied whole',
}
