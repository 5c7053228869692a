import { X509Error } from './errors.ts'

/** Identifier octets, X.690 §8.1.2. Only single-octet tags exist in X.509. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** `[number] IMPLICIT` of a primitive type. */
export function contextTag(number: number): number {
  return 0x80 | number
}

/** `[number] EXPLICIT`, or `IMPLICIT` of a constructed type. */
export function constructedContextTag(number: number): number {
  return 0xa0 | number
}

/** One tag-length-value; both views share memory with what was read. */
export interface DerElement {
  readonly tag: number
  readonly content: Uint8Array
  /** Tag, length and content as received: what signatures are checked over. */
  readonly der: Uint8Array
}

/**
 * Reads DER in order, and nothing else: definite, minimal lengths, single-octet tags, no bytes left over. Every
 * departure throws `X509Error` `der-malformed`.
 * @see X.690 §10, §11
 */
export class DerReader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length
  }

  peekTag(): number | undefined {
    return this.#bytes[this.#offset]
  }

  /** The next element, which must carry `tag` when one is given. */
  read(tag?: number): DerElement {
    const start = this.#offset
    const found = this.#octet()
    if (tag !== undefined && found !== tag) {
      throw malformed(`expected tag 0x${tag.toString(16)}, found 0x${found.toString(16)}`)
    }
    // X.690 §8.1.2.4: tag numbers of 31 and more continue in further octets; X.509 has none.
    if ((found & 0x1f) === 0x1f) throw malformed('tag in the multi-octet form')
    const length = this.#length()
    const contentStart = this.#offset
    if (length > this.#bytes.length - contentStart) throw malformed('truncated element')
    this.#offset = contentStart + length
    return {
      tag: found,
      content: this.#bytes.subarray(contentStart, this.#offset),
      der: this.#bytes.subarray(start, this.#offset),
    }
  }

  /** The next element if it carries `tag`. */
  optional(tag: number): DerElement | undefined {
    return this.peekTag() === tag ? this.read(tag) : undefined
  }

  /** Reads a constructed element and returns a reader of its content. */
  enter(tag: number = tags.sequence): DerReader {
    return new DerReader(this.read(tag).content)
  }

  /** Throws unless everything was read. */
  finish(): void {
    if (!this.done) throw malformed('trailing bytes')
  }

  #octet(): number {
    const octet = this.#bytes[this.#offset]
    if (octet === undefined) throw malformed('unexpected end')
    this.#offset += 1
    return octet
  }

  #length(): number {
    const first = this.#octet()
    if (first < 0x80) return first
    const count = first & 0x7f
    // X.690 §10.1: the definite form only. Four octets already allow 4 GB.
    if (count === 0) throw malformed('indefinite length')
    if (count > 4) throw malformed('length of more than four octets')
    let length = 0
    for (let index = 0; index < count; index += 1) length = length * 256 + this.#octet()
    const minimal = length < 0x80 ? 0 : Math.ceil(Math.log2(length + 1) / 8)
    if (count !== minimal) throw malformed('length not in its shortest form')
    return length
  }
}

/** The single element that `bytes` holds, with nothing behind it. */
export function readSingle(bytes: Uint8Array, tag?: number): DerElement {
  const reader = new DerReader(bytes)
  const element = reader.read(tag)
  reader.finish()
  return element
}

export function malformed(what: string): X509Error {
  return new X509Error('der-malformed', `Cannot read DER: ${what}`)
}
