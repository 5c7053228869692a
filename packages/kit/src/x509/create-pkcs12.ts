import { createHash, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { equalBytes } from './bytes.ts'
import type { Certificate } from './certificate.ts'
import { tags } from './der-reader.ts'
import {
  element,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  setOf,
} from './der-writer.ts'
import { aliasEntries, checkAlias, invalidEntry } from './key-store-alias.ts'
import type { TrustStoreEntry } from './key-store-alias.ts'
import { publicKeyInfoOf } from './key-info.ts'
import { purposeOids } from './oids.ts'
import { derivationLimits } from './password-derivation.ts'
import { encryptWithPassword } from './password-encryption.ts'
import { encodePkcs12Mac } from './pkcs12-mac.ts'
import { pkcs12Oids } from './pkcs12-oids.ts'

export interface CreateKeyStoreOptions {
  /** 1 to 1,024 printable ASCII characters: Java opens no PKCS#12 with any other. */
  readonly passphrase: string
  /**
   * Rounds of the passphrase's derivations, of the encryption and of the MAC alike; 10,000 to 5,000,000. Without it,
   * 600,000 for keys and 10,000 for a trust store.
   */
  readonly iterations?: number
}

export interface Pkcs12Identity extends CreateKeyStoreOptions {
  readonly key: KeyObject
  /** The certificate of the key first, then its issuers. */
  readonly chain: readonly Certificate[]
  /** What Java and browsers call the entry; as an alias of a trust store. */
  readonly alias: string
}

// OWASP's figure for PBKDF2 with HMAC-SHA-256. The MAC takes as many: it is made from the same passphrase, so a guess
// costs the cheaper of the two. Together some 1 s here and in Java.
const keyIterations = 600_000

// keytool's own. What a trust store holds is public; the MAC shows tampering.
const trustStoreIterations = 10_000

/**
 * A PKCS#12 with one key and its chain, for openssl 3, Java 8u301 and later, Node's `pfx` and browsers: PBES2
 * (PBKDF2-HMAC-SHA-256, AES-256-CBC) and an HMAC-SHA-256 MAC.
 * @see RFC 7292, RFC 8018
 * @throws {X509Error} keystore-entry-invalid (alias; no certificate; not the key's certificate)
 * @throws {TypeError} when the passphrase is empty or not printable ASCII
 * @throws {RangeError} when it is longer than 1,024 characters, or `iterations` is out of range
 */
export async function createPkcs12(identity: Pkcs12Identity): Promise<Uint8Array> {
  const { key, chain, alias } = identity
  const secret = secretOf(identity, keyIterations)
  checkAlias(alias)
  const [leaf, ...issuers] = chain
  if (leaf === undefined) throw invalidEntry('no certificate', 'Give the certificate of the key')
  if (!equalBytes(publicKeyInfoOf(createPublicKey(key)), leaf.publicKeyInfo)) {
    throw invalidEntry(
      'its first certificate is not of its key',
      'Put the certificate of the key first, then its issuers',
    )
  }
  const attributes = [
    friendlyName(alias),
    attribute(
      pkcs12Oids.localKeyId,
      // It only joins the two bags; openssl takes this digest as well.
      octetString(createHash('sha1').update(leaf.der).digest()),
    ),
  ]
  const bags = [
    certificateBag(leaf, attributes),
    ...issuers.map((issuer) => certificateBag(issuer, [])),
  ]
  const keys = dataInfo(sequence(await shroudedKeyBag(key, { attributes, secret })))
  return encodePfx([await encryptedInfo(sequence(...bags), secret), keys], secret)
}

/**
 * A PKCS#12 trust store: `keytool -list` shows each certificate as trustedCertEntry, and Java trusts them.
 * @throws {X509Error} keystore-entry-invalid (no certificates; an alias that is unfit or given twice)
 * @throws {TypeError} when the passphrase is empty or not printable ASCII
 * @throws {RangeError} when it is longer than 1,024 characters, or `iterations` is out of range
 */
export async function createPkcs12TrustStore(
  entries: readonly TrustStoreEntry[],
  options: CreateKeyStoreOptions,
): Promise<Uint8Array> {
  const secret = secretOf(options, trustStoreIterations)
  // The purposes are those that keytool writes; Java asks only whether the attribute is there.
  const trusted = attribute(pkcs12Oids.trustedKeyUsage, oid(purposeOids.anyExtendedKeyUsage))
  const bags = aliasEntries(entries).map(({ certificate, alias }) =>
    certificateBag(certificate, [friendlyName(alias), trusted]),
  )
  return encodePfx([await encryptedInfo(sequence(...bags), secret)], secret)
}

type Secret = Required<CreateKeyStoreOptions>

function secretOf({ passphrase, iterations }: CreateKeyStoreOptions, usual: number): Secret {
  const secret = { passphrase, iterations: iterations ?? usual }
  // Java: "Password is not ASCII".
  if (!/^[\x20-\x7e]+$/.test(passphrase))
    throw new TypeError('The passphrase of a PKCS#12 must be printable ASCII, and not empty')
  // OpenSSL reads no longer one.
  if (passphrase.length > 1024)
    throw new RangeError('The passphrase of a PKCS#12 cannot be longer than 1,024 characters')
  const { maxIterations } = derivationLimits
  const sound = Number.isInteger(secret.iterations) && secret.iterations >= trustStoreIterations
  if (!sound || secret.iterations > maxIterations)
    throw new RangeError(`Iterations must be ${trustStoreIterations} to ${maxIterations}`)
  return secret
}

async function encodePfx(safes: readonly Uint8Array[], secret: Secret): Promise<Uint8Array> {
  const content = sequence(...safes)
  return sequence(integer(3), dataInfo(content), await encodePkcs12Mac(content, secret))
}

function dataInfo(content: Uint8Array): Uint8Array {
  return sequence(oid(pkcs12Oids.data), explicit(0, octetString(content)))
}

/** EncryptedData, RFC 5652 §8. */
async function encryptedInfo(content: Uint8Array, secret: Secret): Promise<Uint8Array> {
  const { algorithm, encrypted } = await encryptWithPassword(content, secret)
  const info = sequence(oid(pkcs12Oids.data), algorithm, implicit(0, encrypted))
  return sequence(oid(pkcs12Oids.encryptedData), explicit(0, sequence(integer(0), info)))
}

async function shroudedKeyBag(
  key: KeyObject,
  { attributes, secret }: { readonly attributes: readonly Uint8Array[]; readonly secret: Secret },
): Promise<Uint8Array> {
  const plain = key.export({ type: 'pkcs8', format: 'der' })
  const { algorithm, encrypted } = await encryptWithPassword(plain, secret)
  plain.fill(0)
  return safeBag(pkcs12Oids.shroudedKeyBag, {
    value: sequence(algorithm, octetString(encrypted)),
    attributes,
  })
}

function certificateBag(certificate: Certificate, attributes: readonly Uint8Array[]): Uint8Array {
  const value = sequence(oid(pkcs12Oids.x509Certificate), explicit(0, octetString(certificate.der)))
  return safeBag(pkcs12Oids.certificateBag, { value, attributes })
}

function safeBag(
  type: string,
  bag: { readonly value: Uint8Array; readonly attributes: readonly Uint8Array[] },
): Uint8Array {
  const attributes = bag.attributes.length === 0 ? [] : [setOf(...bag.attributes)]
  return sequence(oid(type), explicit(0, bag.value), ...attributes)
}

function friendlyName(alias: string): Uint8Array {
  const text = Buffer.from(alias, 'utf16le').swap16()
  return attribute(pkcs12Oids.friendlyName, element(tags.bmpString, text))
}

function attribute(type: string, value: Uint8Array): Uint8Array {
  return sequence(oid(type), setOf(value))
}
