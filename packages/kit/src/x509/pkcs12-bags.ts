import { toHex } from './bytes.ts'
import { DerReader, constructedContextTag, malformed, readSingle, tags } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { oidText } from './der-values.ts'
import { keyStoreLimits } from './key-store.ts'
import { decodePasswordEncryption } from './password-encryption.ts'
import type { PasswordEncryption } from './password-encryption.ts'
import { pkcs12Oids } from './pkcs12-oids.ts'

/** One SafeBag that means something here, not yet opened. */
export type SafeBag = BagAttributes &
  (
    | { readonly type: 'key'; readonly encryption: undefined; readonly content: Uint8Array }
    | {
        readonly type: 'key'
        readonly encryption: PasswordEncryption
        readonly content: Uint8Array
      }
    | { readonly type: 'certificate'; readonly der: Uint8Array }
    | { readonly type: 'unread'; readonly oid: string }
  )

export interface BagAttributes {
  readonly alias: string | undefined
  /** Lower-case hexadecimal. */
  readonly localKeyId: string | undefined
  readonly trusted: boolean
}

// No tool writes bags in bags; the standard allows any depth.
const maxDepth = 4

/**
 * The bags of a SafeContents, those of nested ones in their place.
 * @see RFC 7292 §4.2
 * @throws {X509Error} der-malformed | keystore-unsupported | keystore-too-costly
 */
export function decodeSafeContents(der: Uint8Array): readonly SafeBag[] {
  const bags: SafeBag[] = []
  collectBags(readSingle(der, tags.sequence), { bags, depth: 1 })
  return bags
}

function collectBags(contents: DerElement, into: { bags: SafeBag[]; depth: number }): void {
  if (into.depth > maxDepth) throw malformed(`bags nested more than ${maxDepth} deep`)
  const reader = new DerReader(contents.content)
  while (!reader.done) {
    if (into.bags.length >= keyStoreLimits.maxEntries) throw malformed('more than 10,000 bags')
    const bag = reader.enter()
    const oid = oidText(bag.read(tags.oid))
    const value = bag.read(constructedContextTag(0)).content
    const attributes = decodeAttributes(bag.optional(tags.set))
    bag.finish()
    if (oid === pkcs12Oids.safeContentsBag) {
      collectBags(readSingle(value, tags.sequence), { bags: into.bags, depth: into.depth + 1 })
    } else {
      into.bags.push({ ...attributes, ...decodeBag(oid, value) })
    }
  }
}

type BagValue = SafeBag extends infer Bag
  ? Bag extends SafeBag
    ? Omit<Bag, keyof BagAttributes>
    : never
  : never

function decodeBag(oid: string, value: Uint8Array): BagValue {
  if (oid === pkcs12Oids.keyBag) return { type: 'key', encryption: undefined, content: value }
  if (oid === pkcs12Oids.shroudedKeyBag) return { type: 'key', ...decodeEncryptedKey(value) }
  if (oid === pkcs12Oids.certificateBag) return decodeCertificateBag(value)
  readSingle(value)
  return { type: 'unread', oid }
}

/** EncryptedPrivateKeyInfo, RFC 5208 §6. */
function decodeEncryptedKey(der: Uint8Array): {
  readonly encryption: PasswordEncryption
  readonly content: Uint8Array
} {
  const reader = new DerReader(readSingle(der, tags.sequence).content)
  const encryption = decodePasswordEncryption(reader.read(tags.sequence))
  const { content } = reader.read(tags.octetString)
  reader.finish()
  return { encryption, content }
}

function decodeCertificateBag(value: Uint8Array): BagValue {
  const reader = new DerReader(readSingle(value, tags.sequence).content)
  const oid = oidText(reader.read(tags.oid))
  const explicit = reader.read(constructedContextTag(0)).content
  reader.finish()
  // RFC 7292 §4.2.3: the other kind is SDSI.
  if (oid !== pkcs12Oids.x509Certificate) return { type: 'unread', oid }
  return { type: 'certificate', der: readSingle(explicit, tags.octetString).content }
}

function decodeAttributes(set: DerElement | undefined): BagAttributes {
  const found = new Map<string, DerElement>()
  const reader = new DerReader(set?.content ?? new Uint8Array(0))
  while (!reader.done) {
    const attribute = reader.enter()
    const oid = oidText(attribute.read(tags.oid))
    const values = attribute.read(tags.set)
    attribute.finish()
    if (found.has(oid)) throw malformed(`bag attribute ${oid} twice`)
    found.set(oid, values)
  }
  const friendlyName = found.get(pkcs12Oids.friendlyName)
  const localKeyId = found.get(pkcs12Oids.localKeyId)
  return {
    alias: friendlyName && bmpText(readSingle(friendlyName.content, tags.bmpString)),
    localKeyId: localKeyId && toHex(readSingle(localKeyId.content, tags.octetString).content),
    trusted: found.has(pkcs12Oids.trustedKeyUsage),
  }
}

/** UTF-16 rather than UCS-2: openssl and Java write what lies beyond the basic plane as surrogates. */
function bmpText({ content }: DerElement): string {
  if (content.length % 2 !== 0) throw malformed('BMPString of an odd number of octets')
  return Buffer.from(content).swap16().toString('utf16le')
}
