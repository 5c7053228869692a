import { TrustError } from '@handfast/kit/trust'
import { X509Error } from '@handfast/kit/x509'
import type { Certificate, ParseKeyStoreOptions } from '@handfast/kit/x509'
import { nameText } from '../certificates/describe-certificate.ts'
import { loadCertificates } from '../certificates/load-certificates.ts'
import { usageError } from '../output.ts'
import { anchorOf, trustEntry } from './trust-bundle.ts'
import type { TrustEntry } from './trust-bundle.ts'

export interface LoadEntriesOptions {
  readonly kind: TrustEntry['kind']
  readonly passphrases: ParseKeyStoreOptions
  /** The option that pins, for the hint. */
  readonly pinOption: string
}

/**
 * The certificates of a file as anchors; a pinned one stands alone in its file.
 * @throws {CliError} {X509Error} {TrustError} anchor-not-a-ca
 */
export async function loadEntries(
  file: string,
  options: LoadEntriesOptions,
): Promise<readonly TrustEntry[]> {
  const { all, trusted } = await loadCertificates(file, options.passphrases)
  if (trusted.length === 0) throw nothingTrusted(file, all)
  if (options.kind === 'pinned' && trusted.length > 1) {
    throw usageError(
      `Cannot pin "${file}": it holds ${trusted.length} certificates, one is wanted`,
      "Pin a certificate by a file of its own: its issuers would be pinned as if they were peers' own",
    )
  }
  return trusted.map((certificate) => checkedEntry(file, { ...options, certificate }))
}

function checkedEntry(
  file: string,
  {
    certificate,
    kind,
    pinOption,
  }: Pick<LoadEntriesOptions, 'kind' | 'pinOption'> & { readonly certificate: Certificate },
): TrustEntry {
  const entry = trustEntry(certificate, kind)
  try {
    anchorOf(entry)
    return entry
  } catch (cause) {
    if (!(cause instanceof TrustError)) throw cause
    throw new TrustError(cause.reason, `Cannot use "${file}": ${cause.message}`, {
      cause,
      details: { file, subject: nameText(certificate.subject) },
      hint: `Give the certificate of the authority that issued it; or, to trust this one certificate alone, use ${pinOption}`,
    })
  }
}

function nothingTrusted(file: string, all: readonly Certificate[]): X509Error {
  const what = all.length === 0 ? 'no certificate' : 'only the chains of its keys'
  return new X509Error('certificate-malformed', `Cannot use "${file}": it holds ${what}`, {
    details: { file },
    hint: 'Give the file of the authority itself, or a trust store',
  })
}
