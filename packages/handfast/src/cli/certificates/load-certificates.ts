import { parseCertificates } from '@handfast/kit/x509'
import type { Certificate, ParseKeyStoreOptions } from '@handfast/kit/x509'
import { readInput } from '../files.ts'
import { inFile, inFileLater } from './in-file.ts'
import { parseStore } from './parse-store.ts'

export interface CertificateFile {
  /** In the order of the file; of a store the chains of its keys first. */
  readonly all: readonly Certificate[]
  /** Those that a store is there to trust: not the chains of its keys. Of other files, all. */
  readonly trusted: readonly Certificate[]
}

/**
 * The certificates of a PEM, DER, PKCS#12 or JKS file; keys are passed over.
 * @throws {CliError} {X509Error} naming the file
 */
export async function loadCertificates(
  file: string,
  passphrases: ParseKeyStoreOptions,
): Promise<CertificateFile> {
  const bytes = await readInput(file)
  const store = await inFileLater(file, () => parseStore(bytes, passphrases))
  if (store === undefined) {
    const all = inFile(file, () => parseCertificates(bytes))
    return { all, trusted: all }
  }
  const { keys, certificates } = store.contents
  const trusted = certificates.map(({ certificate }) => certificate)
  return { all: [...keys.flatMap(({ chain }) => chain), ...trusted], trusted }
}
