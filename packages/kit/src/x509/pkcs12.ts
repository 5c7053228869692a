import { parseCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import {
  DerReader,
  constructedContextTag,
  contextTag,
  malformed,
  readSingle,
  tags,
} from './der-reader.ts'
import { oidText, smallInteger } from './der-values.ts'
import { X509Error } from './errors.ts'
import { checkKeyStoreSize, keyStoreLimits, malformedKeyStore, quoteAlias } from './key-store.ts'
import type { KeyStoreContents, ParseKeyStoreOptions } from './key-store.ts'
import { pairKeyStore } from './key-store-chain.ts'
import type { UnpairedCertificate, UnpairedKey } from './key-store-chain.ts'
import { unsupportedAlgorithm, workBudget } from './password-derivation.ts'
import type { Passphrase } from './password-derivation.ts'
import { decodePasswordEncryption, decryptWithPassword } from './password-encryption.ts'
import type { Decryption, PasswordEncryption } from './password-encryption.ts'
import { decodeSafeContents } from './pkcs12-bags.ts'
import type { SafeBag } from './pkcs12-bags.ts'
import { bmpPassphrase } from './pkcs12-kdf.ts'
import { decodePkcs12Mac, verifyPkcs12Mac } from './pkcs12-mac.ts'
import type { Pkcs12Mac } from './pkcs12-mac.ts'
import { pkcs12Oids } from './pkcs12-oids.ts'
import { parsePkcs8 } from './pkcs8.ts'

/**
 * Reads a PKCS#12 file (`.p12`, `.pfx`; Java's default key store): keys with their chains, and certificates.
 *
 * The MAC (HMAC with SHA-1 or SHA-2, or PBMAC1) is checked before anything is decrypted; a file without one is read
 * only when it needs no passphrase and none was given. Encryption may be PBES2 (PBKDF2 or scrypt; AES or 3DES, CBC)
 * or PKCS#12's own with 3DES, and with RC2 under `node --openssl-legacy-provider`. DER only. At most 16 MiB and 10,000
 * bags; at most 5,000,000 iterations each and some 10 s of computing in all, refused before it is begun.
 * @see RFC 7292, RFC 9579
 * @throws {X509Error} keystore-malformed | keystore-passphrase-missing | keystore-passphrase-wrong |
 * keystore-key-passphrase-wrong | keystore-mac-missing | keystore-too-costly | keystore-cipher-unavailable |
 * keystore-unsupported | key-malformed | key-unsupported
 */
export async function parsePkcs12(
  bytes: Uint8Array,
  options: ParseKeyStoreOptions = {},
): Promise<KeyStoreContents> {
  checkKeyStoreSize('PKCS#12', bytes)
  try {
    return await readPkcs12(bytes, options)
  } catch (cause) {
    if (cause instanceof X509Error && cause.reason === 'der-malformed')
      throw malformedKeyStore('PKCS#12', cause.message, cause)
    throw cause
  }
}

async function readPkcs12(
  bytes: Uint8Array,
  options: ParseKeyStoreOptions,
): Promise<KeyStoreContents> {
  const { content, mac } = decodePfx(bytes)
  const safes = decodeAuthenticatedSafe(content)
  const charge = workBudget()
  const passphrase = await openMac(mac, content, { passphrase: options.passphrase, charge })
  const bags: SafeBag[] = []
  for (const safe of safes) {
    bags.push(...decodeSafeContents(await openSafe(safe, { passphrase, charge })))
    if (bags.length > keyStoreLimits.maxEntries) throw malformed('more than 10,000 bags')
  }
  const keyPassphrase =
    options.keyPassphrase === undefined ? passphrase : passphraseOf(options.keyPassphrase)
  return openBags(bags, { passphrase: keyPassphrase, charge })
}

/** PFX, RFC 7292 §4. */
function decodePfx(bytes: Uint8Array): {
  readonly content: Uint8Array
  readonly mac: Pkcs12Mac | undefined
} {
  const reader = new DerReader(readSingle(bytes, tags.sequence).content)
  const version = smallInteger(reader.read(tags.integer))
  if (version !== 3) throw malformed(`version ${version} of PKCS#12`)
  const authenticated = reader.enter()
  const type = oidText(authenticated.read(tags.oid))
  // Anything else is signed with a key instead of a passphrase; no tool writes that.
  if (type !== pkcs12Oids.data) throw unsupportedAlgorithm(type)
  const explicit = authenticated.read(constructedContextTag(0)).content
  authenticated.finish()
  const mac = reader.optional(tags.sequence)
  reader.finish()
  return {
    content: readSingle(explicit, tags.octetString).content,
    mac: mac && decodePkcs12Mac(mac),
  }
}

/** A SafeContents, perhaps encrypted. */
interface Safe {
  readonly encryption: PasswordEncryption | undefined
  readonly content: Uint8Array
}

/** RFC 7292 §4.1 */
function decodeAuthenticatedSafe(der: Uint8Array): readonly Safe[] {
  const reader = new DerReader(readSingle(der, tags.sequence).content)
  const safes: Safe[] = []
  while (!reader.done) {
    if (safes.length >= keyStoreLimits.maxEntries) throw malformed('more than 10,000 safes')
    const info = reader.enter()
    const type = oidText(info.read(tags.oid))
    const explicit = info.read(constructedContextTag(0)).content
    info.finish()
    if (type === pkcs12Oids.data) {
      safes.push({ encryption: undefined, content: readSingle(explicit, tags.octetString).content })
    } else if (type === pkcs12Oids.encryptedData) {
      safes.push(decodeEncryptedData(explicit))
    } else {
      throw unsupportedAlgorithm(type)
    }
  }
  return safes
}

/** RFC 5652 §8 */
function decodeEncryptedData(der: Uint8Array): Safe {
  const reader = new DerReader(readSingle(der, tags.sequence).content)
  const version = smallInteger(reader.read(tags.integer))
  if (version !== 0) throw malformed(`version ${version} of EncryptedData`)
  const info = reader.enter()
  reader.finish()
  const type = oidText(info.read(tags.oid))
  if (type !== pkcs12Oids.data) throw unsupportedAlgorithm(type)
  const encryption = decodePasswordEncryption(info.read(tags.sequence))
  const { content } = info.read(contextTag(0))
  info.finish()
  return { encryption, content }
}

/** Checks the MAC, and returns the passphrase in the form that opened it. */
async function openMac(
  mac: Pkcs12Mac | undefined,
  content: Uint8Array,
  { passphrase, charge }: { passphrase: string | undefined; charge: Decryption['charge'] },
): Promise<Passphrase | undefined> {
  if (mac === undefined) {
    if (passphrase === undefined) return undefined
    throw macMissing('it has no MAC, so nothing shows that its maker knew the passphrase')
  }
  for (const candidate of candidates(passphrase)) {
    if (await verifyPkcs12Mac(mac, content, { passphrase: candidate, charge })) return candidate
  }
  if (passphrase !== undefined) throw wrongPassphrase('the passphrase does not open it')
  throw new X509Error(
    'keystore-passphrase-missing',
    'Cannot read PKCS#12: it has a passphrase and none was given',
    { hint: 'Give its passphrase in a file or an environment variable' },
  )
}

/** "No passphrase" is the empty one to some tools and no octets at all to others: RFC 7292 appendix B.1 knows both. */
function candidates(passphrase = ''): readonly Passphrase[] {
  const given = passphraseOf(passphrase)
  return passphrase === '' ? [given, { utf8: given.utf8, bmp: new Uint8Array(0) }] : [given]
}

function passphraseOf(passphrase: string): Passphrase {
  return { utf8: Buffer.from(passphrase, 'utf8'), bmp: bmpPassphrase(passphrase) }
}

interface Opening {
  readonly passphrase: Passphrase | undefined
  readonly charge: Decryption['charge']
}

async function openSafe(safe: Safe, { passphrase, charge }: Opening): Promise<Uint8Array> {
  if (safe.encryption === undefined) return safe.content
  if (passphrase === undefined) throw macMissing('it is encrypted and has no MAC')
  const plain = await decryptWithPassword(safe.encryption, safe.content, { passphrase, charge })
  if (plain !== undefined && isSequence(plain)) return plain
  throw wrongPassphrase('its MAC and its contents have two passphrases')
}

async function openBags(bags: readonly SafeBag[], opening: Opening): Promise<KeyStoreContents> {
  const keys: UnpairedKey[] = []
  const certificates: UnpairedCertificate[] = []
  const unread = new Set<string>()
  for (const bag of bags) {
    const { alias, localKeyId, trusted } = bag
    if (bag.type === 'key') {
      keys.push({ key: parsePkcs8(await openKey(bag, opening)), alias, localKeyId })
    } else if (bag.type === 'certificate') {
      certificates.push({ certificate: certificateOf(bag.der, alias), alias, localKeyId, trusted })
    } else {
      unread.add(bag.oid)
    }
  }
  return { ...pairKeyStore(keys, certificates), unread: [...unread] }
}

async function openKey(
  { alias, encryption, content }: Extract<SafeBag, { type: 'key' }>,
  { passphrase, charge }: Opening,
): Promise<Uint8Array> {
  if (encryption === undefined) return content
  if (passphrase === undefined) throw macMissing('its key is encrypted and it has no MAC')
  const plain = await decryptWithPassword(encryption, content, { passphrase, charge })
  if (plain !== undefined && isSequence(plain)) return plain
  const name = alias === undefined ? 'its key' : `key ${quoteAlias(alias)}`
  throw new X509Error(
    'keystore-key-passphrase-wrong',
    `Cannot read PKCS#12: the passphrase does not open ${name}`,
    { hint: 'Give the passphrase of the key as well: it differs from that of the file' },
  )
}

/** What a wrong passphrase leaves behind looks like one SEQUENCE once in millions of times. */
function isSequence(plain: Uint8Array): boolean {
  try {
    readSingle(plain, tags.sequence)
    return true
  } catch {
    return false
  }
}

function certificateOf(der: Uint8Array, alias: string | undefined): Certificate {
  try {
    return parseCertificate(der)
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause
    const name = alias === undefined ? '' : `${quoteAlias(alias)}: `
    throw malformedKeyStore('PKCS#12', `${name}${cause.message}`, cause)
  }
}

function macMissing(what: string): X509Error {
  return new X509Error('keystore-mac-missing', `Cannot read PKCS#12: ${what}`, {
    hint: 'Write it again with a MAC (openssl does without -nomac); a store without any passphrase is read when none is given',
  })
}

// Neither the passphrase nor OpenSSL's text: a passphrase must not travel.
function wrongPassphrase(what: string): X509Error {
  return new X509Error('keystore-passphrase-wrong', `Cannot read PKCS#12: ${what}`, {
    hint: 'Check the passphrase, and that the file was copied whole: a damaged file looks the same',
  })
}
