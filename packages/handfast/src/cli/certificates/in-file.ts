import { X509Error } from '@handfast/kit/x509'

/** Parsers do not know where their bytes came from: this adds the file to what they say. */
export function inFile<T>(file: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw withFile(file, cause)
  }
}

/** As `inFile`, for what takes its time. */
export async function inFileLater<T>(file: string, parse: () => Promise<T>): Promise<T> {
  try {
    return await parse()
  } catch (cause) {
    throw withFile(file, cause)
  }
}

function withFile(file: string, cause: unknown): unknown {
  if (!(cause instanceof X509Error)) return cause
  const { reason, message, hint, details } = cause
  return new X509Error(reason, `Cannot use "${file}": ${message}`, {
    cause,
    details: { ...details, file },
    ...(hint !== undefined && { hint }),
  })
}
