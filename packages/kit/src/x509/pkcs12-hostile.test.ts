import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { golden } from '../../test/fixtures.ts'
import { damagedCopies } from '../../test/hostile.ts'
import { DerReader, constructedContextTag, tags } from './der-reader.ts'
import { explicit, integer, nullValue, octetString, oid, sequence, setOf } from './der-writer.ts'
import { X509Error } from './errors.ts'
import { workBudget } from './password-derivation.ts'
import { encodePkcs12Mac } from './pkcs12-mac.ts'
import { pkcs12Oids } from './pkcs12-oids.ts'
import { parsePkcs12 } from './pkcs12.ts'

const passphrase = 'fixture-key'
const bytes = golden('stores/openssl-one-iteration.p12')

/** The octets that the MAC covers. */
function contentOf(file: Uint8Array): Uint8Array {
  const outer = new DerReader(file).enter()
  outer.read(tags.integer)
  const info = outer.enter()
  info.read(tags.oid)
  return info.enter(constructedContextTag(0)).read(tags.octetString).content
}

function pfx(content: Uint8Array, macData: Uint8Array): Uint8Array {
  return sequence(integer(3), data(content), macData)
}

function data(content: Uint8Array): Uint8Array {
  return sequence(oid(pkcs12Oids.data), explicit(0, octetString(content)))
}

/** A file whose MAC is right, whatever it holds: what lies behind the MAC must stand on its own. */
async function sealed(content: Uint8Array): Promise<Uint8Array> {
  return pfx(content, await encodePkcs12Mac(content, { passphrase, iterations: 1 }))
}

async function readOrRefused(file: Uint8Array): Promise<boolean> {
  try {
    await parsePkcs12(file, { passphrase })
    return true
  } catch (error) {
    assert.ok(error instanceof X509Error, `not a parser's error: ${String(error)}`)
    return false
  }
}

function mac(algorithm: Uint8Array, iterations: number | Uint8Array): Uint8Array {
  return sequence(
    sequence(algorithm, octetString(new Uint8Array(32))),
    octetString(Buffer.from('saltsalt')),
    integer(iterations),
  )
}

function pbkdf2(iterations: number, digest = 9): Uint8Array {
  const prf = sequence(oid(`1.2.840.113549.2.${digest}`), nullValue())
  return sequence(
    oid('1.2.840.113549.1.5.12'),
    sequence(octetString(Buffer.from('saltsalt')), integer(iterations), integer(32), prf),
  )
}

function pbes2(derivation: Uint8Array): Uint8Array {
  const aes = sequence(oid('2.16.840.1.101.3.4.1.42'), octetString(new Uint8Array(16)))
  return sequence(oid('1.2.840.113549.1.5.13'), sequence(derivation, aes))
}

function keyBag(encryption: Uint8Array): Uint8Array {
  const value = sequence(encryption, octetString(new Uint8Array(64)))
  return bag(pkcs12Oids.shroudedKeyBag, value)
}

function bag(type: string, value: Uint8Array, ...attributes: readonly Uint8Array[]): Uint8Array {
  return sequence(oid(type), explicit(0, value), ...attributes)
}

const sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'), nullValue())
const safe = (...bags: readonly Uint8Array[]): Uint8Array => sequence(data(sequence(...bags)))
const malformed = { code: 'HF-X120', reason: 'keystore-malformed' }
const costly = { code: 'HF-X125', reason: 'keystore-too-costly' }

describe('parsePkcs12() and damaged files', () => {
  it('refuses each truncation and each turned bit with its own error', async () => {
    for (const damaged of damagedCopies(bytes)) assert.equal(await readOrRefused(damaged), false)
  })

  it('stands on its own behind a MAC that is right', async () => {
    const plain = contentOf(golden('stores/openssl-plain.p12'))
    for (const damaged of damagedCopies(plain)) await readOrRefused(await sealed(damaged))
    // What is encrypted falls apart in the same way everywhere: some of it will do.
    let count = 0
    for (const damaged of damagedCopies(contentOf(bytes))) {
      count += 1
      if (count % 11 === 0) await readOrRefused(await sealed(damaged))
    }
  })

  it('refuses bytes behind the end, BER and other versions', async () => {
    const content = contentOf(bytes)
    const files = [
      Buffer.concat([bytes, Buffer.of(0)]),
      Buffer.concat([Buffer.of(0x30, 0x80), bytes.subarray(4), Buffer.of(0, 0)]),
      sequence(integer(2), data(content)),
      new Uint8Array(17 * 1024 * 1024),
      Buffer.alloc(10 * 1024 * 1024, 0x30),
    ]
    for (const file of files) await assert.rejects(parsePkcs12(file, { passphrase }), malformed)
  })
})

describe('parsePkcs12() and what it is made to compute', { timeout: 5000 }, () => {
  it('refuses a billion iterations before the first one', async () => {
    const billion = 1_000_000_000
    const content = contentOf(bytes)
    const pbmac1 = (inner: Uint8Array): Uint8Array =>
      sequence(oid('1.2.840.113549.1.5.14'), sequence(inner, sequence(oid('1.2.840.113549.2.9'))))
    const classic = sequence(
      oid('1.2.840.113549.1.12.1.3'),
      sequence(octetString(Buffer.from('saltsalt')), integer(billion)),
    )
    const scrypt = sequence(
      oid('1.3.6.1.4.1.11591.4.11'),
      sequence(octetString(Buffer.from('salt')), integer(2 ** 20), integer(8), integer(1)),
    )
    const files = [
      pfx(content, mac(sha256, billion)),
      pfx(content, mac(sha256, new Uint8Array(20).fill(0x7f))),
      pfx(content, mac(pbmac1(pbkdf2(billion)), 1)),
      ...(await Promise.all(
        [pbes2(pbkdf2(billion)), classic, pbes2(scrypt)].map((encryption) =>
          sealed(safe(keyBag(encryption))),
        ),
      )),
    ]
    for (const file of files) await assert.rejects(parsePkcs12(file, { passphrase }), costly)
  })

  it('adds up what a file asks for', async () => {
    const charge = workBudget()
    charge(9_000_000)
    assert.throws(() => charge(1_000_001), costly)
    // So many rounds are allowed, but not for both blocks that a 3DES key takes.
    const classic = sequence(
      oid('1.2.840.113549.1.12.1.3'),
      sequence(octetString(Buffer.from('saltsalt')), integer(5_000_000)),
    )
    await assert.rejects(parsePkcs12(await sealed(safe(keyBag(classic))), { passphrase }), costly)
  })

  it('refuses parameters that no tool writes', async () => {
    const shortIv = sequence(oid('2.16.840.1.101.3.4.1.42'), octetString(new Uint8Array(15)))
    const salt = (length: number): Uint8Array =>
      sequence(
        oid('1.2.840.113549.1.12.1.3'),
        sequence(octetString(new Uint8Array(length)), integer(1)),
      )
    const contents = [
      keyBag(sequence(oid('1.2.840.113549.1.5.13'), sequence(pbkdf2(1), shortIv))),
      keyBag(salt(0)),
      keyBag(salt(1025)),
      keyBag(pbes2(pbkdf2(0))),
    ].map((content) => safe(content))
    for (const content of contents)
      await assert.rejects(parsePkcs12(await sealed(content), { passphrase }), malformed)
  })

  it('names an algorithm that it does not know', async () => {
    const rc4 = sequence(
      oid('1.2.840.113549.1.12.1.1'),
      sequence(octetString(new Uint8Array(8)), integer(1)),
    )
    await assert.rejects(parsePkcs12(await sealed(safe(keyBag(rc4))), { passphrase }), {
      reason: 'keystore-unsupported',
      details: { algorithm: '1.2.840.113549.1.12.1.1' },
    })
  })

  it('refuses deep nests and thousands of bags', async () => {
    let nested = sequence()
    for (let depth = 0; depth < 1000; depth += 1)
      nested = sequence(bag(pkcs12Oids.safeContentsBag, nested))
    const many = Array<Uint8Array>(10_001).fill(bag('1.2.3', nullValue()))
    const twice = Array<Uint8Array>(2).fill(safeInfo(many.slice(0, 6000)))
    for (const content of [sequence(data(nested)), safe(...many), sequence(...twice)])
      await assert.rejects(parsePkcs12(await sealed(content), { passphrase }), malformed)
  })

  it('refuses an attribute that is there twice', async () => {
    const name = sequence(oid(pkcs12Oids.localKeyId), setOf(octetString(Buffer.of(1))))
    const content = safe(bag('1.2.3', nullValue(), setOf(name, name)))
    await assert.rejects(parsePkcs12(await sealed(content), { passphrase }), malformed)
  })
})

function safeInfo(bags: readonly Uint8Array[]): Uint8Array {
  return data(sequence(...bags))
}
