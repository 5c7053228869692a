import {
  X509Error,
  keyStoreFormat,
  parseJks,
  parsePkcs12,
  publicKeyFromPrivate,
} from '@handfast/kit/x509'
import type { KeyStoreContents, KeyStoreFormat, ParseKeyStoreOptions } from '@handfast/kit/x509'
import { passphraseHint } from './store-passphrase.ts'
import type { PlacedMaterial } from './parse-material.ts'

export interface ParsedStore {
  readonly format: KeyStoreFormat
  readonly contents: KeyStoreContents
}

export const storeFormatNames: Readonly<Record<KeyStoreFormat, string>> = {
  pkcs12: 'PKCS#12',
  jks: 'JKS',
  jceks: 'JCEKS',
}

/**
 * Opens a key store; `undefined` for what is none.
 * @throws {X509Error} with hints that name the options of the command line
 */
export async function parseStore(
  bytes: Uint8Array,
  options: ParseKeyStoreOptions,
): Promise<ParsedStore | undefined> {
  const format = keyStoreFormat(bytes)
  if (format === undefined) return undefined
  try {
    const contents =
      format === 'pkcs12' ? await parsePkcs12(bytes, options) : parseJks(bytes, options)
    return { format, contents }
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause
    const hint = passphraseHint(cause.reason) ?? cause.hint
    throw new X509Error(cause.reason, cause.message, {
      cause,
      details: { ...cause.details, format: storeFormatNames[format] },
      ...(hint !== undefined && { hint }),
    })
  }
}

/** Each entry of a store in its order, a key before its chain. */
export function storeMaterial({ keys, certificates }: KeyStoreContents): readonly PlacedMaterial[] {
  return [
    ...keys.flatMap(({ key, alias = null, chain }): readonly PlacedMaterial[] => [
      {
        material: { type: 'private-key', publicKey: publicKeyFromPrivate(key) },
        entry: { alias, role: 'key' },
      },
      ...chain.map((certificate): PlacedMaterial => ({
        material: { type: 'certificate', certificate },
        entry: { alias, role: 'chain' },
      })),
    ]),
    ...certificates.map(({ certificate, alias = null, trusted }): PlacedMaterial => ({
      material: { type: 'certificate', certificate },
      entry: { alias, role: trusted ? 'trusted' : 'certificate' },
    })),
  ]
}
