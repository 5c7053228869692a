import type { KeyObject } from 'node:crypto'
import { describeKeyInfo, keyInfoOf } from '@handfast/kit/x509'
import { AuthorityError } from './errors.ts'

const curves: ReadonlySet<string> = new Set(['P-256', 'P-384'])
// Below 2048 it can be factored with effort; above 4096 each handshake of each peer pays for it.
const rsaBits = { min: 2048, max: 4096 }
// FIPS 186-5 §5.1: 2^16 < e < 2^256. Small exponents have broken too many verifiers.
const rsaExponent = { above: 2n ** 16n, below: 2n ** 256n }

/**
 * The floor under every key that this authority certifies or signs with: P-256, P-384, RSA 2048 to 4096.
 * @throws {AuthorityError} key-not-allowed
 */
export function checkKey(publicKey: KeyObject): void {
  const info = keyInfoOf(publicKey)
  const problem = info.type === 'rsa' ? rsaProblem(publicKey, info.bits) : curveProblem(info.name)
  if (problem === undefined) return
  throw new AuthorityError(
    'key-not-allowed',
    `Cannot certify the key (${describeKeyInfo(info)}): ${problem}`,
    { hint: 'Make a new key: ECDSA P-256 is what `handfast request` makes' },
  )
}

function curveProblem(name: string): string | undefined {
  return curves.has(name) ? undefined : 'it is neither P-256, P-384 nor RSA'
}

function rsaProblem(publicKey: KeyObject, bits: number): string | undefined {
  if (bits < rsaBits.min) return `its modulus has ${bits} bits, at least ${rsaBits.min} are needed`
  if (bits > rsaBits.max) return `its modulus has ${bits} bits, the limit is ${rsaBits.max}`
  const exponent = publicKey.asymmetricKeyDetails?.publicExponent ?? 0n
  if (exponent <= rsaExponent.above || exponent >= rsaExponent.below || exponent % 2n === 0n) {
    return 'its public exponent is not an odd number between 2^16 and 2^256'
  }
  return undefined
}
