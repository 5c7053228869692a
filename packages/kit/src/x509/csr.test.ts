import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { testKey } from '../../test/certificates.ts'
import { golden } from '../../test/fixtures.ts'
import { damagedCopies, parsedOrRefused } from '../../test/hostile.ts'
import { createCsr, encodeCsrPem, parseCsr } from './csr.ts'
import { DerReader, tags } from './der-reader.ts'
import {
  bitString,
  element,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  setOf,
} from './der-writer.ts'
import { formatGeneralName, parseGeneralName } from './general-name.ts'
import { describeKeyInfo } from './key-info.ts'
import { keySigner, publicKeyFromPrivate } from './keys.ts'
import { formatName, parseName } from './name-text.ts'
import { publicKeyInfoOf } from './key-info.ts'
import { purposeOids } from './oids.ts'
import { encodeSignatureAlgorithm } from './signature.ts'

const malformed = { code: 'HF-X105', reason: 'csr-malformed' }
const unproven = { code: 'HF-X106', reason: 'csr-signature-invalid' }
const extensionRequest = oid('1.2.840.113549.1.9.14')
const key = testKey()
const subject = parseName('CN=web,O=Example')

/** A request whose signature is right, whatever its attributes are. */
function request(attributes: readonly Uint8Array[], version = 0): Uint8Array {
  const publicKey = publicKeyInfoOf(publicKeyFromPrivate(key))
  return signed(sequence(integer(version), subject.der, publicKey, ...attributes))
}

function signed(info: Uint8Array): Uint8Array {
  const algorithm = encodeSignatureAlgorithm(keySigner(key).algorithm)
  return sequence(info, algorithm, bitString(sign('sha256', info, key)))
}

const asked = (...values: readonly Uint8Array[]): Uint8Array =>
  element(0xa0, sequence(extensionRequest, setOf(...values)))
const oneExtension = (value: number): Uint8Array =>
  sequence(sequence(oid('1.2.3'), octetString(Uint8Array.of(value))))

describe('parseCsr()', () => {
  it('reads what createCsr() writes', async () => {
    const csr = await createCsr(
      {
        subject,
        extensions: {
          subjectAltNames: [parseGeneralName('web.example'), parseGeneralName('192.0.2.1')],
          extendedKeyUsage: ['clientAuth'],
        },
      },
      keySigner(key),
    )
    const read = parseCsr(encodeCsrPem(csr))
    assert.equal(formatName(read.subject), 'CN=web,O=Example')
    const { subjectAltNames, extendedKeyUsage } = read.requestedExtensions
    assert.deepEqual(subjectAltNames?.names.map(formatGeneralName), [
      'DNS:web.example',
      'IP:192.0.2.1',
    ])
    assert.deepEqual(extendedKeyUsage?.purposes, [purposeOids.clientAuth])
    assert.ok(read.publicKey.equals(publicKeyFromPrivate(key)))
    assert.deepEqual(parseCsr(csr.der).der, read.der)
  })

  it('marks the names critical where there is no subject', async () => {
    const nameless = { rdns: [], der: sequence() }
    const extensions = { subjectAltNames: [parseGeneralName('web.example')] }
    const csr = await createCsr({ subject: nameless, extensions }, keySigner(key))
    assert.equal(csr.requestedExtensions.subjectAltNames?.critical, true)
  })

  const goldens: readonly (readonly [string, string])[] = [
    ['ec-p256.csr', 'ECDSA P-256'],
    ['ec-p256.der', 'ECDSA P-256'],
    ['ec-p256-with-text.csr', 'ECDSA P-256'],
    ['key-and-request.pem', 'ECDSA P-256'],
    ['ec-p384.csr', 'ECDSA P-384'],
    ['rsa-2048.csr', 'RSA 2048'],
    ['no-subject.csr', 'ECDSA P-256'],
    ['no-names.csr', 'ECDSA P-256'],
    ['ca-subject.csr', 'ECDSA P-256'],
    ['ca-key.csr', 'RSA 2048'],
    ['refused-ed25519.csr', 'Ed25519'],
    ['refused-rsa-1024.csr', 'RSA 1024'],
    ['refused-rsa-2048-e3.csr', 'RSA 2048'],
  ]
  for (const [file, described] of goldens) {
    it(`reads requests/${file} of openssl`, () => {
      assert.equal(describeKeyInfo(parseCsr(golden(`requests/${file}`)).keyInfo), described)
    })
  }

  it('reads the requests of the guides', () => {
    const files = [
      'workshop/client_b_for_client_c',
      'workshop/client_c_server',
      'one-name/client',
      'one-name/server',
    ]
    for (const file of files) assert.equal(parseCsr(golden(`${file}.csr`)).keyInfo.bits, 2048)
  })

  it('reads all that a greedy request asks for, without granting it', () => {
    const { requestedExtensions: wanted } = parseCsr(golden('requests/greedy.csr'))
    assert.deepEqual(wanted.basicConstraints, { ca: true, pathLength: 3, critical: true })
    assert.ok(wanted.keyUsage?.usages.includes('keyCertSign'))
    assert.equal(wanted.extendedKeyUsage?.purposes.length, 5)
    assert.equal(wanted.subjectAltNames?.names.length, 9)
    assert.ok(
      wanted.unread.some(
        ({ oid: dotted, critical }) => dotted === '1.3.6.1.4.1.55555.4' && critical,
      ),
    )
  })

  it('refuses a key of an unknown type, and a signature with SHA-1', () => {
    assert.throws(() => parseCsr(golden('requests/refused-ec-p192.csr')), malformed)
    assert.throws(() => parseCsr(golden('requests/refused-sha1.csr')), unproven)
  })

  it('refuses a request that another key signed', () => {
    const publicKey = publicKeyInfoOf(publicKeyFromPrivate(testKey()))
    assert.throws(() => parseCsr(signed(sequence(integer(0), subject.der, publicKey))), unproven)
  })

  it('refuses every damaged copy: each bit is under the signature, or breaks it', () => {
    for (const file of ['ec-p256.der', 'rsa-2048.csr']) {
      const { der } = parseCsr(golden(`requests/${file}`))
      for (const copy of damagedCopies(der)) {
        assert.equal(
          parsedOrRefused(() => parseCsr(copy)),
          undefined,
        )
      }
    }
  })

  it('accepts attributes left out, empty, unknown and asking', () => {
    for (const attributes of [
      [],
      [element(0xa0)],
      [element(0xa0, sequence(oid('1.2.840.113549.1.9.7'), setOf(octetString(Uint8Array.of(1)))))],
      [asked(oneExtension(1))],
    ]) {
      parseCsr(request(attributes))
    }
  })

  const attribute = sequence(oid('1.2.3'), setOf())
  const refused: readonly (readonly [string, Uint8Array])[] = [
    ['version 2', request([], 1)],
    ['two values of the extension request', request([asked(oneExtension(1), oneExtension(2))])],
    [
      'two extension requests',
      request([
        element(
          0xa0,
          sequence(extensionRequest, setOf(oneExtension(1))),
          sequence(extensionRequest, setOf(oneExtension(2))),
        ),
      ]),
    ],
    ['an extension request without value', request([asked()])],
    ['33 attributes', request([element(0xa0, ...Array.from({ length: 33 }, () => attribute))])],
    ['bytes behind the attributes', request([element(0xa0), nullValue()])],
    ['bytes behind the request', Buffer.concat([request([]), Uint8Array.of(0)])],
    ['more than 64 kB', new Uint8Array(64 * 1024 + 1)],
    ['a certificate', golden('forms/plain.der')],
  ]
  for (const [what, bytes] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseCsr(bytes), malformed)
    })
  }

  it('refuses a file without a request, and with two', () => {
    const pem = golden('requests/ec-p256.csr').toString()
    assert.throws(() => parseCsr(golden('forms/plain.crt')), malformed)
    assert.throws(() => parseCsr(''), malformed)
    assert.throws(() => parseCsr(pem + pem), malformed)
  })

  it('accepts the older label', () => {
    const pem = golden('requests/ec-p256.csr')
      .toString()
      .replaceAll('CERTIFICATE REQ', 'NEW CERTIFICATE REQ')
    assert.equal(parseCsr(pem).keyInfo.type, 'ec')
  })

  it('refuses a point that is not on its curve', () => {
    const point = bitString(new Uint8Array(65).fill(4))
    const publicKey = sequence(
      sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
      point,
    )
    assert.throws(() => parseCsr(signed(sequence(integer(0), subject.der, publicKey))), malformed)
  })

  it('meets random bytes with its own error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.equal(
          parsedOrRefused(() => parseCsr(bytes)),
          undefined,
        )
      }),
    )
  })

  it('has the fields in the order of RFC 2986', () => {
    const reader = new DerReader(request([])).enter().enter()
    assert.equal(reader.read().tag, tags.integer)
    assert.deepEqual(reader.read().der, subject.der)
  })
})
