import { concatBytes } from './bytes.ts'
import { jksDigest, jksMagic, jksTags } from './jks.ts'
import { encodeModifiedUtf8 } from './jks-reader.ts'
import { aliasEntries, foldAlias } from './key-store-alias.ts'
import type { AliasedEntry, TrustStoreEntry } from './key-store-alias.ts'

export interface CreateJksOptions {
  /** 1 to 1,024 characters. */
  readonly passphrase: string
  /** What Java shows as each entry's day of creation. */
  readonly at: Date
}

/**
 * A trust store in Java's old format, for what reads nothing else. Aliases are written in lower case: Java looks for
 * no others. Keys are written as PKCS#12 only (`createPkcs12`): JKS hardly protects them.
 * @throws {X509Error} keystore-entry-invalid (no certificates; an alias that is unfit or given twice)
 * @throws {TypeError} when the passphrase is empty
 * @throws {RangeError} when it is longer than 1,024 characters, or `at` is no date
 */
export function createJksTrustStore(
  entries: readonly TrustStoreEntry[],
  { passphrase, at }: CreateJksOptions,
): Uint8Array {
  if (passphrase === '') throw new TypeError('The passphrase of a JKS cannot be empty')
  if (passphrase.length > 1024)
    throw new RangeError('The passphrase of a JKS cannot be longer than 1,024 characters')
  const aliased = aliasEntries(entries)
  const content = concatBytes([
    uint32(jksMagic.jks),
    uint32(2),
    uint32(aliased.length),
    ...aliased.map((entry) => encodeEntry(entry, at)),
  ])
  return concatBytes([content, jksDigest(passphrase, content)])
}

function encodeEntry({ certificate, alias }: AliasedEntry, at: Date): Uint8Array {
  const date = Buffer.alloc(8)
  date.writeBigInt64BE(BigInt(at.getTime()))
  return concatBytes([
    uint32(jksTags.certificate),
    text(foldAlias(alias)),
    date,
    text('X.509'),
    uint32(certificate.der.length),
    certificate.der,
  ])
}

function text(value: string): Uint8Array {
  const octets = encodeModifiedUtf8(value)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(octets.length)
  return concatBytes([length, octets])
}

function uint32(value: number): Uint8Array {
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(value)
  return octets
}
