import { createHash, createPublicKey, timingSafeEqual } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { equalBytes } from './bytes.ts'
import { parseCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { X509Error } from './errors.ts'
import { openJksKey } from './jks-key.ts'
import { JksReader, malformedJks } from './jks-reader.ts'
import { publicKeyInfoOf } from './key-info.ts'
import { checkKeyStoreSize, keyStoreLimits, quoteAlias } from './key-store.ts'
import type {
  KeyStoreContents,
  ParseKeyStoreOptions,
  StoredCertificate,
  StoredKey,
} from './key-store.ts'
import { parsePkcs8 } from './pkcs8.ts'

/** JKS is a format of Java's; its source (sun.security.provider.JavaKeyStore) is its only description. */
export const jksMagic = { jks: 0xfeedfeed, jceks: 0xcececece } as const

export const jksTags = { key: 1, certificate: 2, secret: 3 } as const

const digestLength = 20

/** A root has a chain of one; real ones have three or four. */
const maxChainLength = 10

/**
 * Reads a Java key store of type JKS: keys with their chains, and trusted certificates. Of a JCEKS, trusted
 * certificates only; one with keys is refused. The digest over everything is checked first. Protection of keys in a
 * JKS is one SHA-1 a guess: treat the file as if it were not encrypted.
 * At most 16 MiB and 10,000 entries.
 * @throws {X509Error} keystore-malformed | keystore-passphrase-missing | keystore-passphrase-wrong |
 * keystore-key-passphrase-wrong | keystore-unsupported | key-malformed | key-unsupported
 */
export function parseJks(bytes: Uint8Array, options: ParseKeyStoreOptions): KeyStoreContents {
  checkKeyStoreSize('JKS', bytes)
  const reader = new JksReader(bytes.subarray(0, Math.max(0, bytes.length - digestLength)))
  const magic = reader.integer()
  if (magic !== jksMagic.jks && magic !== jksMagic.jceks) throw malformedJks('it begins otherwise')
  const version = reader.integer()
  if (version !== 1 && version !== 2) throw malformedJks(`version ${version}`)
  const passphrase = checkDigest(bytes, options.passphrase)
  const file = {
    version,
    jceks: magic === jksMagic.jceks,
    passphrase: options.keyPassphrase ?? passphrase,
  }
  const count = reader.integer()
  if (count > keyStoreLimits.maxEntries) throw malformedJks('more than 10,000 entries')
  const keys: StoredKey[] = []
  const certificates: StoredCertificate[] = []
  for (let index = 0; index < count; index += 1) {
    const tag = reader.integer()
    const alias = reader.text()
    // The time of its making, in milliseconds.
    reader.take(8)
    if (tag === jksTags.certificate) {
      certificates.push({
        certificate: readCertificate(reader, { ...file, alias }),
        alias,
        trusted: true,
      })
    } else if (tag === jksTags.key) {
      keys.push(readKey(reader, { ...file, alias }))
    } else if (tag === jksTags.secret && file.jceks) {
      throw unsupported(alias, 'a secret key')
    } else {
      throw malformedJks(`entry ${quoteAlias(alias)} of kind ${tag}`)
    }
  }
  reader.finish()
  return { keys, certificates, unread: [] }
}

/** SHA-1 of the passphrase, a fixed text and all that stands before it. */
export function jksDigest(passphrase: string, content: Uint8Array): Buffer {
  return createHash('sha1')
    .update(jksPassphrase(passphrase))
    .update('Mighty Aphrodite', 'latin1')
    .update(content)
    .digest()
}

/** UTF-16, big-endian. */
function jksPassphrase(passphrase: string): Buffer {
  return Buffer.from(passphrase, 'utf16le').swap16()
}

function checkDigest(bytes: Uint8Array, passphrase: string | undefined): string {
  if (passphrase === undefined) {
    throw new X509Error(
      'keystore-passphrase-missing',
      'Cannot read JKS: without its passphrase nothing shows that it is whole',
      {
        hint: 'Give its passphrase in a file or an environment variable ("changeit" in many Java installations)',
      },
    )
  }
  const content = bytes.subarray(0, -digestLength)
  if (timingSafeEqual(jksDigest(passphrase, content), bytes.subarray(-digestLength)))
    return passphrase
  throw new X509Error(
    'keystore-passphrase-wrong',
    'Cannot read JKS: the passphrase does not open it',
    {
      hint: 'Check the passphrase, and that the file was copied whole: a damaged file looks the same',
    },
  )
}

interface Entry {
  readonly version: number
  readonly jceks: boolean
  readonly alias: string
  /** Of keys. */
  readonly passphrase: string
}

function readKey(reader: JksReader, entry: Entry): StoredKey {
  const { alias, passphrase } = entry
  // JCEKS encrypts keys with DES and MD5 in a form of its own.
  if (entry.jceks) throw unsupported(alias, 'a private key of the JCEKS form')
  const encrypted = reader.bytes()
  const length = reader.integer()
  if (length > maxChainLength) throw malformedJks(`chain of ${length} certificates`)
  const chain = Array.from({ length }, () => readCertificate(reader, entry))
  const key = keyOf(encrypted, { alias, passphrase })
  const [leaf] = chain
  if (leaf !== undefined && !equalBytes(publicKeyInfoOf(createPublicKey(key)), leaf.publicKeyInfo))
    throw malformedJks(`key ${quoteAlias(alias)} and its certificate do not belong together`)
  return { key, alias, localKeyId: undefined, chain }
}

function keyOf(
  encrypted: Uint8Array,
  { alias, passphrase }: { readonly alias: string; readonly passphrase: string },
): KeyObject {
  const opened = namingEntry(alias, () => openJksKey(encrypted, jksPassphrase(passphrase)))
  if (opened !== undefined) return namingEntry(alias, () => parsePkcs8(opened))
  throw new X509Error(
    'keystore-key-passphrase-wrong',
    `Cannot read JKS: the passphrase does not open key ${quoteAlias(alias)}`,
    { hint: 'Give the passphrase of the key as well: it differs from that of the file' },
  )
}

function readCertificate(reader: JksReader, { version, alias }: Entry): Certificate {
  const type = version === 1 ? 'X.509' : reader.text()
  if (type !== 'X.509') throw malformedJks(`entry ${quoteAlias(alias)} of type ${quoteAlias(type)}`)
  const der = reader.bytes()
  return namingEntry(alias, () => parseCertificate(der))
}

/** A fault inside an entry is the file's, and says where. */
function namingEntry<T>(alias: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    const inside = cause instanceof X509Error && !cause.reason.startsWith('key')
    if (!inside) throw cause
    throw malformedJks(`${quoteAlias(alias)}: ${cause.message}`, cause)
  }
}

function unsupported(alias: string, what: string): X509Error {
  return new X509Error(
    'keystore-unsupported',
    `Cannot read JCEKS: entry ${quoteAlias(alias)} is ${what}`,
    {
      hint: 'Write it again as PKCS#12: keytool -importkeystore -srckeystore OLD.jceks -srcstoretype JCEKS -destkeystore NEW.p12 -deststoretype PKCS12',
    },
  )
}
