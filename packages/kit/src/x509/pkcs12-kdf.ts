import { hash } from 'node:crypto'
import { concatBytes } from './bytes.ts'

/** RFC 7292 appendix B.3: what the octets are for. */
export const pkcs12Purposes = { key: 1, iv: 2, mac: 3 } as const

export type Pkcs12Digest = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

/** Octets of a digest (u) and of a block of its input (v), as appendix B.2 calls them. */
export const pkcs12DigestSizes: Readonly<Record<Pkcs12Digest, { output: number; block: number }>> =
  {
    sha1: { output: 20, block: 64 },
    sha224: { output: 28, block: 64 },
    sha256: { output: 32, block: 64 },
    sha384: { output: 48, block: 128 },
    sha512: { output: 64, block: 128 },
  }

export interface Pkcs12Derivation {
  readonly digest: Pkcs12Digest
  readonly salt: Uint8Array
  /** 1 or more; a round takes about a microsecond. */
  readonly iterations: number
}

// Some 3 ms between turns of the event loop.
const roundsPerTurn = 2000

/**
 * PKCS#12's own key derivation: `length` octets from a passphrase as `bmpPassphrase` writes it.
 * The event loop is given a turn every few milliseconds.
 * @see RFC 7292 appendix B.2
 */
export async function derivePkcs12(
  { digest, salt, iterations }: Pkcs12Derivation,
  use: { readonly passphrase: Uint8Array; readonly purpose: number; readonly length: number },
): Promise<Buffer> {
  const { output, block } = pkcs12DigestSizes[digest]
  const diversifier = new Uint8Array(block).fill(use.purpose)
  const input = concatBytes([fillBlocks(salt, block), fillBlocks(use.passphrase, block)])
  const derived: Uint8Array[] = []
  for (let made = 0; made < use.length; made += output) {
    const part = await repeatDigest(digest, concatBytes([diversifier, input]), iterations)
    derived.push(part)
    if (made + output < use.length) addToBlocks(input, repeatTo(part, block))
  }
  input.fill(0)
  return Buffer.concat(derived, use.length)
}

/** RFC 7292 appendix B.1: UTF-16, big-endian, with two zero octets behind it. */
export function bmpPassphrase(passphrase: string): Buffer {
  return Buffer.from(`${passphrase}\0`, 'utf16le').swap16()
}

async function repeatDigest(
  digest: Pkcs12Digest,
  input: Uint8Array,
  iterations: number,
): Promise<Buffer> {
  let value = hash(digest, input, 'buffer')
  for (let round = 1; round < iterations; round += 1) {
    value = hash(digest, value, 'buffer')
    if (round % roundsPerTurn === 0) await nextTurn()
  }
  return value
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

/** As many copies as fill whole blocks; nothing for nothing. */
function fillBlocks(bytes: Uint8Array, block: number): Uint8Array {
  return repeatTo(bytes, block * Math.ceil(bytes.length / block))
}

function repeatTo(bytes: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => bytes[index % bytes.length] ?? 0)
}

/** Every block of `input` becomes (block + addend + 1) mod 2^(8v). */
function addToBlocks(input: Uint8Array, addend: Uint8Array): void {
  for (let end = input.length; end > 0; end -= addend.length) {
    let carry = 1
    for (let back = 1; back <= addend.length; back += 1) {
      carry += (input[end - back] ?? 0) + (addend[addend.length - back] ?? 0)
      input[end - back] = carry & 0xff
      carry >>= 8
    }
  }
}
