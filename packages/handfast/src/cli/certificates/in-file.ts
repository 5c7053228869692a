import { X509Error } from '@handfast/kit/x509'

/** Parsers do not know where their bytes came from: this adds the file to what they say. */
export function inFile<T>(file: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause
    const { reason, message, hint, details } = cause
    throw new X509Error(reason, `Cannot use "${file}": ${message}`, {
      cause,
      details: { ...details, file },
      ...(hint !== undefined && { hint }),
    })
  }
}
