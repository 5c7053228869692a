import { basename, join } from 'node:path'
import {
  createJksTrustStore,
  createPkcs12TrustStore,
  encodeCertificatePem,
} from '@handfast/kit/x509'
import { nameText } from '../certificates/describe-certificate.ts'
import { usageError } from '../output.ts'
import type { OutputFile } from '../files.ts'
import type { TrustBundle, TrustEntry } from './trust-bundle.ts'

export const exportFormats = ['pem', 'jks', 'p12', 'ca-certificates'] as const

export type ExportFormat = (typeof exportFormats)[number]

export interface ExportedBundle {
  readonly bundle: TrustBundle
  /** At least one. */
  readonly entries: readonly TrustEntry[]
}

export interface ExportTarget {
  /** A file; for `ca-certificates` a folder. */
  readonly out: string
  /** Of `jks` and `p12`. */
  readonly passphrase: string
  readonly at: Date
}

type Encode = (
  exported: ExportedBundle,
  target: ExportTarget,
) => Promise<readonly OutputFile[]> | readonly OutputFile[]

/** @throws {CliError} usage for a passphrase that the format cannot have */
export const encodeExport: Readonly<Record<ExportFormat, Encode>> = {
  pem: ({ entries }, { out }) => [
    { path: out, secret: false, content: entries.map(toPem).join('') },
  ],
  jks: ({ entries }, { out, passphrase, at }) =>
    fitPassphrase(() => [
      { path: out, secret: false, content: createJksTrustStore(entries, { passphrase, at }) },
    ]),
  p12: ({ entries }, { out, passphrase }) =>
    fitPassphrase(async () => [
      { path: out, secret: false, content: await createPkcs12TrustStore(entries, { passphrase }) },
    ]),
  'ca-certificates': (exported, { out }) => [
    ...exported.entries.map((entry) => ({
      path: join(out, caCertificatesFile(exported.bundle, entry)),
      secret: false,
      content: toPem(entry),
    })),
    { path: join(out, readmeFile(exported.bundle)), secret: false, content: readme(exported) },
  ],
}

/** True for the names that `ca-certificates` of this bundle writes, now or at another time. */
export function isExportOf({ name }: TrustBundle, file: string): boolean {
  const prefix = `handfast-${name}-`
  return file.startsWith(prefix) && /^[0-9a-f]{16}\.crt$/.test(file.slice(prefix.length))
}

function caCertificatesFile({ name }: TrustBundle, { fingerprint }: TrustEntry): string {
  return `handfast-${name}-${fingerprint.slice(0, 16)}.crt`
}

// No `.crt`: update-ca-certificates passes over it.
function readmeFile({ name }: TrustBundle): string {
  return `handfast-${name}.README`
}

function readme({ bundle, entries }: ExportedBundle): string {
  return [
    `Trusted certificates of the Handfast bundle "${bundle.name}", one to a file.`,
    '',
    'Put the .crt files into /usr/local/share/ca-certificates and run update-ca-certificates. It makes',
    '/etc/ssl/certs/ca-certificates.crt anew from them: never append to that file, the next run forgets it.',
    'To take one away, delete its .crt file and run update-ca-certificates --fresh.',
    '',
    ...entries.map((entry) => `${basename(caCertificatesFile(bundle, entry))}  ${oneLine(entry)}`),
    '',
  ].join('\n')
}

function oneLine({ certificate }: TrustEntry): string {
  return nameText(certificate.subject).replaceAll(/\p{C}/gu, '?')
}

function toPem({ certificate }: TrustEntry): string {
  return encodeCertificatePem(certificate)
}

async function fitPassphrase<T>(create: () => T | Promise<T>): Promise<T> {
  try {
    return await create()
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause
    throw usageError(
      `Cannot write the store: ${cause.message}`,
      'Choose a passphrase of 1 to 1,024 letters, digits and signs of the English keyboard',
    )
  }
}
