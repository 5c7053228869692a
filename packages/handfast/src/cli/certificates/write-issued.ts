import type { Certificate } from '@handfast/kit/x509'
import { CliError } from '../errors.ts'
import type { ReservedOutputs } from '../files.ts'

/**
 * Writes what was issued. The certificate is recorded by then, so a disk that fills up just now costs one serial
 * number: issuing again is sound, and the same key may be certified for the same subject any number of times.
 * @throws {CliError} file-exists | file-unwritable
 */
export async function writeIssued(
  outputs: ReservedOutputs,
  {
    contents,
    certificate,
  }: { readonly contents: readonly string[]; readonly certificate: Certificate },
): Promise<void> {
  try {
    await outputs.write(contents)
  } catch (cause) {
    if (!(cause instanceof CliError)) throw cause
    const { serialNumber } = certificate
    throw new CliError(
      cause.reason,
      `${cause.message}; certificate ${serialNumber} was recorded, and no file of it is left`,
      {
        cause,
        details: { ...cause.details, serialNumber },
        hint: `${cause.hint ?? 'Make room'}, then run the command again: it issues another certificate`,
      },
    )
  }
}
