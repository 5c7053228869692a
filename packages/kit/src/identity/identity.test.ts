import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { testAuthority, testTime } from '../../test/certificates.ts'
import type { TestIdentity } from '../../test/certificates.ts'
import { bitString, oid, sequence } from '../x509/der-writer.ts'
import { IdentityError, identityErrorCodes } from './errors.ts'
import type { IdentityErrorReason } from './errors.ts'
import { createIdentity, fixedIdentity } from './identity.ts'
import type { Identity } from './identity.ts'

const root = testAuthority()
const middle = root.intermediate()
const leaf = middle.issue()

/** The key of the first, the certificates of all. */
function identity(own: TestIdentity, ...others: readonly TestIdentity[]): Identity {
  const chain = [own, ...others].map(({ certificate }) => certificate)
  return { name: 'web', key: own.key, chain }
}

function refusal(given: Identity): IdentityError {
  try {
    createIdentity(given)
  } catch (error) {
    assert.ok(error instanceof IdentityError)
    assert.equal(error.code, identityErrorCodes[error.reason])
    return error
  }
  return assert.fail('it was accepted')
}

const reasonOf = (given: Identity): IdentityErrorReason => refusal(given).reason

describe('createIdentity()', () => {
  it('takes a leaf alone, with its issuers, and with the root', () => {
    for (const given of [
      identity(leaf),
      identity(leaf, middle),
      identity(leaf, middle, root),
      identity(root),
    ]) {
      assert.equal(createIdentity(given), given)
    }
  })

  it('takes a certificate of the right key, whoever it was issued by and whatever its dates', () => {
    const past = { notAfter: new Date(testTime.getTime() - 1000) }
    createIdentity(identity(root.issue(past), root))
  })

  it('takes keys of other kinds, and a cross-signed issuer', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const ed25519 = generateKeyPairSync('ed25519').privateKey
    for (const key of [rsa, ed25519]) {
      const other = testAuthority({ subject: 'CN=Other', key })
      createIdentity(identity(other.issue({ key }), other))
      createIdentity(identity(leaf, other.intermediate({ key: middle.key }), other))
    }
  })

  it('takes an issuer whose name differs in case and spaces only (RFC 5280 §7.1)', () => {
    const shouting = root.intermediate({
      subject: 'CN=TEST  INTERMEDIATE,O=test',
      key: middle.key,
    })
    createIdentity(identity(leaf, shouting))
  })

  it('refuses an empty chain', () => {
    assert.equal(reasonOf({ ...identity(leaf), chain: [] }), 'certificate-unusable')
  })

  it("refuses another certificate's key, also one with the same name", () => {
    for (const key of [middle.issue().key, root.key]) {
      assert.equal(reasonOf({ ...identity(leaf, middle), key }), 'key-mismatch')
    }
  })

  it('names the order, not the key, when the leaf is not the first', () => {
    const first = refusal({ ...identity(middle, leaf), key: leaf.key })
    assert.equal(first.reason, 'chain-out-of-order')
    const last = refusal({ ...identity(root, middle, leaf), key: leaf.key })
    assert.equal(last.reason, 'chain-out-of-order')
    assert.ok(last.message.includes('CN=leaf'))
  })

  it('refuses what did not issue the certificate before it', () => {
    const stranger = testAuthority({ subject: 'CN=Stranger' })
    for (const others of [
      [stranger],
      [middle, stranger],
      [middle, root, stranger],
      [root, middle],
      [root],
      [middle, middle],
      // The right name with another key, and the right key with another name.
      [root.intermediate()],
      [root.intermediate({ subject: 'CN=Renamed', key: middle.key })],
    ]) {
      assert.equal(reasonOf(identity(leaf, ...others)), 'chain-out-of-order')
    }
  })

  it('refuses an issuer whose key is none, with its own error', () => {
    const point = sequence(
      sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
      bitString(new Uint8Array(65).fill(4)),
    )
    const broken = root.intermediate({ key: middle.key, publicKeyInfo: point })
    assert.equal(reasonOf(identity(leaf, broken)), 'chain-out-of-order')
  })
})

describe('fixedIdentity()', () => {
  it('always has the same identity, and checks it', () => {
    const given = identity(leaf, middle)
    const source = fixedIdentity(given)
    assert.equal(source.current(), given)
    source.watch(() => assert.fail('it changed'))()
    assert.throws(() => fixedIdentity(identity(leaf, root)), { reason: 'chain-out-of-order' })
  })
})

describe('identityErrorCodes', () => {
  it('are of one form, each its own', () => {
    const codes = Object.values(identityErrorCodes)
    for (const code of codes) assert.match(code, /^HF-I\d{3}$/)
    assert.equal(new Set(codes).size, codes.length)
  })
})
