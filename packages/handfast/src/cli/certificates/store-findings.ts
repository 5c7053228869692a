import type { Finding } from './finding.ts'
import { modeFindings } from './file-findings.ts'
import { storeMaterial } from './parse-store.ts'
import type { ParsedStore } from './parse-store.ts'

/** What is wrong with a key store that none of its entries alone shows. */
export function storeFindings(store: ParsedStore, mode: number | undefined): readonly Finding[] {
  const { keys, certificates, unread } = store.contents
  const materials = storeMaterial(store.contents).map(({ material }) => material)
  return [
    ...modeFindings(materials, mode),
    ...protectionFindings(store),
    ...trustFindings(store),
    ...keys.flatMap(({ alias, chain }) =>
      chain.length > 0
        ? []
        : [
            {
              reason: 'key-without-certificate',
              text: `the key ${alias === undefined ? 'without an alias' : `"${alias}"`} has no certificate in it`,
            },
          ],
    ),
    ...(keys.length + certificates.length > 0
      ? []
      : [{ reason: 'store-empty', text: 'it holds no key and no certificate' }]),
    ...(unread.length === 0
      ? []
      : [
          {
            reason: 'entries-unread',
            text: `it also holds what is not looked into: ${unread.join(', ')}`,
          },
        ]),
  ]
}

function protectionFindings({ format, contents }: ParsedStore): readonly Finding[] {
  if (format === 'pkcs12' || contents.keys.length === 0) return []
  const text =
    'a JKS hardly protects its keys: whoever has the file can guess the passphrase fast; keep them as PKCS#12'
  return [{ reason: 'encryption-weak', text }]
}

/** Java reads a PKCS#12 without the mark as an empty trust store: "the trustAnchors parameter must be non-empty". */
function trustFindings({ format, contents }: ParsedStore): readonly Finding[] {
  const { keys, certificates } = contents
  if (format !== 'pkcs12' || keys.length > 0 || certificates.length === 0) return []
  if (certificates.some(({ trusted }) => trusted)) return []
  const text =
    'none of its certificates is marked as trusted: as a trust store, Java takes it for empty; make one with "handfast trust export --format p12"'
  return [{ reason: 'trust-mark-absent', text }]
}
