import { createHash } from 'node:crypto'
import { decodeCrlEntry, decodeEntryExtensions, serialOctets } from './crl-entry.ts'
import type { CrlEntry } from './crl-entry.ts'
import { scanEntry } from './crl-scan.ts'
import { DerReader, malformed, readSingle } from './der-reader.ts'
import { issuerNameKey } from './name.ts'
import type { Name } from './name.ts'

/** The entries of a CRL: kept as the bytes they came in, with an index by serial number. */
export interface CrlEntries {
  readonly size: number
  /** OIDs of critical entry extensions that are not known here: the CRL cannot be relied on (RFC 5280 §5.3). */
  readonly unknownCritical: readonly string[]
  /**
   * The entry of the certificate with this serial number (as certificates have it) and issuer. When a complete CRL
   * names one twice, either stands.
   */
  find(serialNumber: string, certificateIssuer: Name): CrlEntry | undefined
  /** All entries in encoded order, each read anew. */
  [Symbol.iterator](): Iterator<CrlEntry & { readonly certificateIssuer: Name }>
}

export interface IndexOptions {
  readonly crlIssuer: Name
  /** RFC 5280 §5.2.5: without it, no entry may name another issuer. */
  readonly indirect: boolean
  /** In a delta, an entry can take another one back: both together say nothing. */
  readonly delta: boolean
  readonly yieldNow: () => Promise<void>
}

const limits = {
  // 5 ms at most, where every entry has extensions of its own.
  entriesPerStep: 512,
  // Each one costs a parsed name.
  maxIssuers: 4096,
}

/**
 * Checks every entry and indexes it. Some 0.4 µs an entry, in steps of 512 with `yieldNow` between them; takes
 * 4 octets for each entry and 8 to 16 for the index, besides the bytes themselves.
 * @throws {X509Error} der-malformed
 */
export async function indexEntries(
  content: Uint8Array,
  options: IndexOptions,
): Promise<CrlEntries> {
  const scanned = await scanAll(content, options)
  const index = new SerialIndex(content, scanned)
  for (const [position, offset] of scanned.offsets.entries()) {
    if (position % limits.entriesPerStep === limits.entriesPerStep - 1) await options.yieldNow()
    const isNew = index.add(offset)
    if (!isNew && options.delta) throw malformed('a serial number that appears twice')
  }
  return {
    size: scanned.offsets.length,
    unknownCritical: [...scanned.unknownCritical],
    find: (serialNumber, certificateIssuer) => {
      const issuer = scanned.issuers.get(issuerNameKey(certificateIssuer))
      if (issuer === undefined) return undefined
      const offset = index.find(serialOctets(serialNumber), issuer)
      return offset === undefined ? undefined : decodeAt(content, offset)
    },
    [Symbol.iterator]: () => readAll(content, options.crlIssuer),
  }
}

interface Scanned {
  /** Where each entry begins. */
  readonly offsets: Uint32Array
  /** Offsets from which another issuer's entries follow, ascending, with that issuer's number. */
  readonly groups: readonly { readonly offset: number; readonly issuer: number }[]
  /** Name key → number. */
  readonly issuers: ReadonlyMap<string, number>
  readonly unknownCritical: ReadonlySet<string>
}

async function scanAll(content: Uint8Array, options: IndexOptions): Promise<Scanned> {
  const issuers = new Map([[issuerNameKey(options.crlIssuer), 0]])
  const groups = [{ offset: 0, issuer: 0 }]
  const unknownCritical = new Set<string>()
  let offsets = new Uint32Array(Math.min(1024, content.length >> 4))
  let count = 0
  for (let offset = 0; offset < content.length; count += 1) {
    if (count % limits.entriesPerStep === limits.entriesPerStep - 1) await options.yieldNow()
    if (count >= offsets.length) offsets = grown(offsets)
    offsets[count] = offset
    const { end, extensions } = scanEntry(content, offset)
    if (extensions !== undefined) {
      const read = decodeEntryExtensions(readSingle(extensions))
      for (const oid of read.unknownCritical) unknownCritical.add(oid)
      const { certificateIssuer } = read
      if (certificateIssuer !== undefined) {
        if (!options.indirect) throw malformed('certificate issuer in a CRL that is not indirect')
        const key = issuerNameKey(certificateIssuer)
        const issuer = issuers.get(key) ?? issuers.size
        issuers.set(key, issuer)
        if (issuers.size > limits.maxIssuers) throw malformed('more than 4096 certificate issuers')
        groups.push({ offset, issuer })
      }
    }
    offset = end
  }
  return { offsets: offsets.slice(0, count), groups, issuers, unknownCritical }
}

function grown(offsets: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(16, offsets.length * 2))
  larger.set(offsets)
  return larger
}

/** Open addressing over (serial number, issuer) → offset + 1. */
class SerialIndex {
  readonly #content: Uint8Array
  readonly #groups: Scanned['groups']
  readonly #slots: Uint32Array
  readonly #randomWords: Uint32Array

  constructor(content: Uint8Array, { offsets, groups }: Scanned) {
    this.#content = content
    this.#groups = groups
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(4, offsets.length * 2))))
    this.#randomWords = randomWordsOf(content)
  }

  /** False when the same serial number of the same issuer is there already; the first one stays. */
  add(offset: number): boolean {
    const slot = this.#slotOf(serialAt(this.#content, offset), this.#issuerAt(offset))
    if (this.#slots[slot] !== 0) return false
    this.#slots[slot] = offset + 1
    return true
  }

  find(serial: Uint8Array, issuer: number): number | undefined {
    const found =
      this.#slots[this.#slotOf({ bytes: serial, start: 0, length: serial.length }, issuer)]
    return found === undefined || found === 0 ? undefined : found - 1
  }

  /** The slot that holds it, or the free one where it belongs. */
  #slotOf(serial: Serial, issuer: number): number {
    const mask = this.#slots.length - 1
    let slot = (this.#hash(serial) ^ Math.imul(issuer, 0x9e3779b1)) & mask
    for (;;) {
      const taken = this.#slots[slot] ?? 0
      if (taken === 0 || this.#holds(taken - 1, serial, issuer)) return slot
      slot = (slot + 1) & mask
    }
  }

  #holds(offset: number, serial: Serial, issuer: number): boolean {
    const own = serialAt(this.#content, offset)
    if (own.length !== serial.length || this.#issuerAt(offset) !== issuer) return false
    for (let index = 0; index < own.length; index += 1) {
      if (own.bytes[own.start + index] !== serial.bytes[serial.start + index]) return false
    }
    return true
  }

  /** Tabulation hashing. */
  #hash({ bytes, start, length }: Serial): number {
    let hash = 0
    for (let index = 0; index < length; index += 1) {
      const place = (index % hashedOctets) * 256 + (bytes[start + index] ?? 0)
      hash = (hash ^ (this.#randomWords[place] ?? 0)) >>> 0
    }
    return hash
  }

  #issuerAt(offset: number): number {
    if (this.#groups.length === 1) return 0
    let low = 0
    let high = this.#groups.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#groups[middle]?.offset ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return this.#groups[low]?.issuer ?? 0
  }
}

interface Serial {
  readonly bytes: Uint8Array
  readonly start: number
  readonly length: number
}

function serialAt(bytes: Uint8Array, offset: number): Serial {
  const header = headerLength(bytes, offset)
  return { bytes, start: offset + header + 2, length: bytes[offset + header + 1] ?? 0 }
}

/** The octets of tag and length of an element that was checked before. */
function headerLength(bytes: Uint8Array, offset: number): number {
  const length = bytes[offset + 1] ?? 0
  return length < 0x80 ? 2 : 2 + (length & 0x7f)
}

const hashedOctets = 21

/**
 * Words that whoever wrote the entries could not choose: they come from the digest of all entries, so that serial
 * numbers picked to collide would change them. Pure, and no slower for a hostile CRL.
 */
function randomWordsOf(content: Uint8Array): Uint32Array {
  const seed = createHash('sha256').update(content).digest()
  const outputLength = hashedOctets * 256 * 4
  const words = createHash('shake256', { outputLength }).update(seed).digest()
  return new Uint32Array(words.buffer.slice(words.byteOffset, words.byteOffset + outputLength))
}

function decodeAt(content: Uint8Array, offset: number): CrlEntry {
  return decodeCrlEntry(new DerReader(content.subarray(offset)).read())
}

function* readAll(
  content: Uint8Array,
  crlIssuer: Name,
): Generator<CrlEntry & { readonly certificateIssuer: Name }, undefined> {
  const reader = new DerReader(content)
  let certificateIssuer = crlIssuer
  while (!reader.done) {
    const element = reader.read()
    const inner = new DerReader(element.content)
    inner.read()
    inner.read()
    const extensions = inner.done ? undefined : decodeEntryExtensions(inner.read())
    certificateIssuer = extensions?.certificateIssuer ?? certificateIssuer
    yield { ...decodeCrlEntry(element), certificateIssuer }
  }
  return undefined
}
