import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { readSingle } from './der-reader.ts'
import { X509Error } from './errors.ts'
import { keyInfoOf } from './key-info.ts'
import { isMlDsa, supportsMlDsa } from './ml-dsa.ts'
import { describeLabels, looksLikePem, parsePem } from './pem.ts'
import type { PemBlock } from './pem.ts'
import { keySigner as signerOf } from './signature.ts'
import type { Signer } from './signature.ts'

/**
 * What keys are made with. ECDSA P-256 for leaves, P-384 for roots; RSA for peers that know nothing else; Ed25519 where
 * all peers know it (browsers do not); ML-DSA against quantum computers, where `supportsMlDsa` says that Node has it.
 */
export const keyAlgorithms = [
  'ec-p256',
  'ec-p384',
  'rsa-2048',
  'rsa-3072',
  'rsa-4096',
  'ed25519',
  'ml-dsa-44',
  'ml-dsa-65',
  'ml-dsa-87',
] as const

export type KeyAlgorithm = (typeof keyAlgorithms)[number]

/** @throws {X509Error} key-unsupported for ML-DSA where this Node has none */
export async function generatePrivateKey(algorithm: KeyAlgorithm): Promise<KeyObject> {
  if (isMlDsa(algorithm) && !supportsMlDsa()) {
    throw new X509Error('key-unsupported', `Cannot make a key: this Node has no ${algorithm}`, {
      hint: 'Use Node 24.6 or later, or make an ECDSA key: ec-p256',
    })
  }
  return (await generatePair(algorithm)).privateKey
}

const generate = promisify(generateKeyPair)

async function generatePair(algorithm: KeyAlgorithm): Promise<{ readonly privateKey: KeyObject }> {
  switch (algorithm) {
    case 'ec-p256':
      return await generate('ec', { namedCurve: 'P-256' })
    case 'ec-p384':
      return await generate('ec', { namedCurve: 'P-384' })
    case 'rsa-2048':
    case 'rsa-3072':
    case 'rsa-4096':
      return await generate('rsa', { modulusLength: Number(algorithm.slice(4)) })
    case 'ed25519':
      return await generate('ed25519')
    default:
      return await generate(algorithm)
  }
}

export function publicKeyFromPrivate(key: KeyObject): KeyObject {
  return createPublicKey(key)
}

/** A signer over a private key in memory. @throws {X509Error} key-unsupported */
export function keySigner(key: KeyObject): Signer {
  return signerOf(key, createPublicKey(key))
}

export interface ParsePrivateKeyOptions {
  readonly passphrase?: string
}

/**
 * Reads the one private key of a PEM file (PKCS#8, PKCS#1, SEC1, encrypted or not; certificates and EC PARAMETERS
 * beside it are passed over, so a combined file works) or of DER.
 * @throws {X509Error} key-malformed | key-passphrase-missing | key-passphrase-wrong | key-unsupported | pem-malformed
 */
export function parsePrivateKey(
  bytes: Uint8Array | string,
  options: ParsePrivateKeyOptions = {},
): KeyObject {
  const key =
    typeof bytes === 'string' || looksLikePem(bytes)
      ? readPemKey(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8'), options)
      : readDerKey(bytes, options)
  if (keyInfoOf(createPublicKey(key)).type === 'unsupported') {
    throw new X509Error(
      'key-unsupported',
      `Cannot use private key: type "${key.asymmetricKeyType ?? 'unknown'}"`,
      {
        hint: 'Use an ECDSA P-256, P-384 or P-521, RSA, Ed25519 or ML-DSA key',
      },
    )
  }
  return key
}

/** PKCS#8, not encrypted: for files that only their owner reads. */
export function encodePrivateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function readPemKey(text: string, options: ParsePrivateKeyOptions): KeyObject {
  const blocks = parsePem(text)
  const keys = blocks.filter((block) => block.label.endsWith('PRIVATE KEY'))
  const [block] = keys
  if (block === undefined) {
    throw malformed(`no PRIVATE KEY block, ${describeLabels(blocks)}`)
  }
  if (keys.length > 1) throw malformed('more than one private key in one file')
  if (isEncrypted(block)) checkPassphrase(options)
  // RFC 1421's encrypted form is no DER before it is opened.
  if (block.headers['DEK-Info'] === undefined) checkSingle(block.der)
  try {
    return createPrivateKey({
      key: block.text,
      format: 'pem',
      // An empty passphrase keeps OpenSSL from prompting on the terminal.
      passphrase: options.passphrase ?? '',
    })
  } catch (cause) {
    if (isEncrypted(block)) throw wrongPassphrase()
    throw malformed(`block at line ${block.line} is no key of a type known here`, cause)
  }
}

/** OpenSSL passes over bytes behind a key. */
function checkSingle(der: Uint8Array): void {
  try {
    readSingle(der)
  } catch (cause) {
    throw malformed('neither PEM nor DER of a private key', cause)
  }
}

function readDerKey(bytes: Uint8Array, options: ParsePrivateKeyOptions): KeyObject {
  checkSingle(bytes)
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return createPrivateKey({ key: Buffer.from(bytes), format: 'der', type })
    } catch {
      // One of the three forms at most fits; the last line reports when none does.
    }
  }
  return readEncryptedDerKey(bytes, options)
}

function readEncryptedDerKey(bytes: Uint8Array, options: ParsePrivateKeyOptions): KeyObject {
  // PKCS#8's EncryptedPrivateKeyInfo: SEQUENCE { SEQUENCE { OID … } OCTET STRING }; anything else is no key at all.
  if (!isEncryptedPkcs8(bytes)) throw malformed('neither PEM nor DER of a private key')
  checkPassphrase(options)
  try {
    return createPrivateKey({
      key: Buffer.from(bytes),
      format: 'der',
      type: 'pkcs8',
      passphrase: options.passphrase ?? '',
    })
  } catch {
    throw wrongPassphrase()
  }
}

function isEncryptedPkcs8(bytes: Uint8Array): boolean {
  // 06 09 2A 86 48 86 F7 0D 01 05: any PKCS#5 algorithm.
  return Buffer.from(bytes.subarray(0, 32)).includes(Buffer.from('06092a864886f70d0105', 'hex'))
}

function isEncrypted(block: PemBlock): boolean {
  return block.label === 'ENCRYPTED PRIVATE KEY' || block.headers['Proc-Type'] === '4,ENCRYPTED'
}

function checkPassphrase({ passphrase }: ParsePrivateKeyOptions): void {
  if (passphrase !== undefined) return
  throw new X509Error(
    'key-passphrase-missing',
    'Cannot read private key: it is encrypted and no passphrase was given',
    {
      hint: 'Give its passphrase in a file or an environment variable',
    },
  )
}

// Neither the cause nor the passphrase: OpenSSL's text adds nothing, and a passphrase must not travel.
function wrongPassphrase(): X509Error {
  return new X509Error(
    'key-passphrase-wrong',
    'Cannot read private key: the passphrase does not open it',
    {
      hint: 'Check the passphrase, and that its file ends where the passphrase does (one trailing newline is ignored)',
    },
  )
}

function malformed(what: string, cause?: unknown): X509Error {
  return new X509Error('key-malformed', `Cannot read private key: ${what}`, {
    cause,
    hint: 'Check that the file is a private key (PEM or DER) and was copied whole',
  })
}
