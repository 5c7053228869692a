import type { KeyObject } from 'node:crypto'
import type { Cancel } from '../base/clock.ts'
import { equalBytes } from '../x509/bytes.ts'
import { certificatePublicKey } from '../x509/certificate.ts'
import type { Certificate } from '../x509/certificate.ts'
import { X509Error } from '../x509/errors.ts'
import { publicKeyInfoOf } from '../x509/key-info.ts'
import { publicKeyFromPrivate } from '../x509/keys.ts'
import { issuerNameKey } from '../x509/name.ts'
import { formatName } from '../x509/name-text.ts'
import { verifySignature } from '../x509/signature.ts'
import { IdentityError } from './errors.ts'

/** A private key and the chain that vouches for it. */
export interface Identity {
  /** How people and configuration call it. */
  readonly name: string
  readonly key: KeyObject
  /** The leaf first, then each certificate's issuer; the root may be left out. */
  readonly chain: readonly Certificate[]
}

/** Where an identity comes from; it may change while in use. */
export interface IdentitySource {
  current(): Identity
  /** Calls back after a whole new identity is in place. */
  watch(fn: (identity: Identity) => void): Cancel
}

/**
 * Checks that key and chain belong together.
 * @throws {IdentityError} certificate-unusable | key-mismatch | chain-out-of-order
 */
export function createIdentity(identity: Identity): Identity {
  const { name, key, chain } = identity
  const [leaf, ...issuers] = chain
  if (leaf === undefined) {
    throw new IdentityError(
      'certificate-unusable',
      `Cannot use identity "${name}": it has no certificate`,
      {
        hint: 'Put the leaf certificate first in its certificate file',
      },
    )
  }
  if (!equalBytes(publicKeyInfoOf(publicKeyFromPrivate(key)), leaf.publicKeyInfo))
    throw mismatch(identity, leaf)
  let below = leaf
  for (const issuer of issuers) {
    checkIssued(name, below, issuer)
    below = issuer
  }
  return identity
}

/** An identity that never changes. @throws {IdentityError} as `createIdentity` */
export function fixedIdentity(identity: Identity): IdentitySource {
  const checked = createIdentity(identity)
  return { current: () => checked, watch: () => () => undefined }
}

function mismatch({ name, key, chain }: Identity, leaf: Certificate): IdentityError {
  const own = publicKeyInfoOf(publicKeyFromPrivate(key))
  const fitting = chain.find(({ publicKeyInfo }) => equalBytes(publicKeyInfo, own))
  const subject = formatName(leaf.subject)
  return fitting === undefined
    ? new IdentityError(
        'key-mismatch',
        `Cannot use identity "${name}": its key does not match certificate "${subject}"`,
        {
          hint: 'Use the key that the certificate was requested with, or have a certificate issued for this key',
        },
      )
    : new IdentityError(
        'chain-out-of-order',
        `Cannot use identity "${name}": the certificate of its key, "${formatName(fitting.subject)}", is not the first of its chain`,
        { hint: 'Put the leaf first, then the intermediates, in the certificate file' },
      )
}

function checkIssued(name: string, below: Certificate, issuer: Certificate): void {
  if (issued(issuer, below)) return
  throw new IdentityError(
    'chain-out-of-order',
    `Cannot use identity "${name}": "${formatName(issuer.subject)}" follows "${formatName(below.subject)}" in its chain and did not issue it`,
    { hint: 'Order the chain from the leaf to its issuers, and leave out what does not belong' },
  )
}

function issued(issuer: Certificate, below: Certificate): boolean {
  if (issuerNameKey(below.issuer) !== issuerNameKey(issuer.subject)) return false
  try {
    return verifySignature(below, certificatePublicKey(issuer))
  } catch (cause) {
    // A key that OpenSSL does not take has signed nothing.
    if (cause instanceof X509Error) return false
    throw cause
  }
}
