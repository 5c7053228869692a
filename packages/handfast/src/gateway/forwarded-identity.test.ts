import { attributeTypeName, encodeName, fingerprint, generatePrivateKey } from '@handfast/kit/x509'
import type { AttributeValue, Certificate, GeneralName, Rdn } from '@handfast/kit/x509'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import type { KeyObject } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { Organisation } from './cast.test.ts'
import { forwardedIdentity } from './forwarded-identity.ts'

// Reads the header as a backend would: elements at ",", pairs at ";", both only outside quotation marks.
function readElements(header: string): [key: string, value: string][][] {
  const split = (text: string, separator: string): string[] => {
    const parts = ['']
    let quoted = false
    for (const character of text) {
      if (character === '"') quoted = !quoted
      if (character === separator && !quoted) parts.push('')
      else parts[parts.length - 1] += character
    }
    assert.equal(quoted, false, header)
    return parts
  }
  return split(header, ',').map((element) =>
    split(element, ';').map((pair) => {
      const [, key = '', value = ''] = /^([^=]*)=(.*)$/.exec(pair) ?? []
      return [key, unescape(value.replace(/^"(.*)"$/, '$1'))]
    }),
  )
}

function unescape(text: string): string {
  const octets = text.replaceAll(
    /\\([\dA-F]{2})|(.)/g,
    (_all, hex: string | undefined, plain: string) =>
      hex === undefined ? Buffer.from(plain).toString('hex') : hex,
  )
  return Buffer.from(octets, 'hex').toString('utf8')
}

/** RFC 4514, as far as it is written here: separators are never inside a value. */
function readSubject(header: string): (readonly [type: string, value: string])[][] {
  const text = /;Subject="([^"]*)"/.exec(header)?.[1] ?? ''
  if (text === '') return []
  return text
    .split(',')
    .toReversed()
    .map((rdn) =>
      rdn.split('+').map((pair) => {
        const [type = '', value = ''] = pair.split(/=(.*)/)
        return [type, unescape(value)] as const
      }),
    )
}

describe('forwardedIdentity()', () => {
  let organisation: Organisation
  let key: KeyObject
  before(async () => {
    organisation = await Organisation.create('Partner')
    key = await generatePrivateKey('ec-p256')
  })
  const certify = (
    rdns: readonly Rdn[],
    names: readonly GeneralName[] = [],
  ): Promise<Certificate> => organisation.certify(encodeName(rdns), { key, names })
  const attribute = (type: string, value: string): AttributeValue => ({ type, value, tag: 0x0c })
  const cn = (value: string): Rdn[] => [[attribute('2.5.4.3', value)]]

  it('writes what Envoy writes for an ordinary certificate', async () => {
    const certificate = await certify(
      [
        [attribute('2.5.4.6', 'GB')],
        [attribute('2.5.4.10', 'Org')],
        [attribute('2.5.4.3', 'Operator')],
      ],
      [
        { type: 'dns', value: 'a.example' },
        { type: 'uri', value: 'spiffe://example/a' },
        { type: 'email', value: 'a@example.org' },
        { type: 'dns', value: 'b.example' },
      ],
    )
    assert.equal(
      forwardedIdentity(certificate),
      `Hash=${fingerprint(certificate)};Subject="CN=Operator,O=Org,C=GB";` +
        'URI=spiffe://example/a;DNS=a.example;DNS=b.example',
    )
  })

  it('lets no subject and no name end its value', async () => {
    const hostile = '",Hash=00;Subject="CN=admin\\";URI=x\r\nX: é'
    const uri = 'x:",By=a;DNS="admin\\'
    const header = forwardedIdentity(await certify(cn(hostile), [{ type: 'uri', value: uri }]))
    assert.match(
      header,
      /;Subject="CN=\\22\\2CHash\\3D00\\3BSubject\\3D\\22CN\\3Dadmin\\5C\\22\\3BURI\\3Dx\\0D\\0AX: \\C3\\A9";/,
    )
    assert.match(header, /;URI="x:\\22,By=a;DNS=\\22admin\\5C"$/)
  })

  it('reads back as exactly the certificate, whatever the certificate holds', async () => {
    const unit = fc.oneof(
      fc.constantFrom('"', '\\', ',', ';', '=', '+', ' ', '#', '\n', '<', 'é', '😀'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    )
    const text = fc
      .string({ unit, minLength: 1, maxLength: 12 })
      .filter((value) => !value.includes('\0'))
    const type = fc.constantFrom(
      '2.5.4.3',
      '2.5.4.10',
      '1.2.840.113549.1.9.1',
      '1.3.6.1.4.1.99999.1',
    )
    const rdn = fc.uniqueArray(fc.tuple(type, text), {
      minLength: 1,
      maxLength: 2,
      selector: ([oid]) => oid,
    })
    const printable = fc.constantFrom(
      ...Array.from({ length: 95 }, (_, at) => String.fromCodePoint(at + 32)),
    )
    const san = fc.record({
      type: fc.constantFrom('dns' as const, 'uri' as const),
      value: fc.string({ unit: printable, minLength: 1, maxLength: 12 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(rdn, { maxLength: 3 }),
        fc.array(san, { maxLength: 3 }),
        async (rdns, names) => {
          const certificate = await certify(
            rdns.map((values) => values.map(([oid, value]) => attribute(oid, value))),
            names,
          )
          const header = forwardedIdentity(certificate)
          assert.match(header, /^[\x20-\x7e]*$/)
          assert.doesNotMatch(header, /\\\\|\\"/)
          const elements = readElements(header)
          assert.equal(elements.length, 1)
          const [hash, subject, ...sans] = elements[0] ?? []
          assert.deepEqual(hash, ['Hash', fingerprint(certificate)])
          assert.equal(subject?.[0], 'Subject')
          const of = (kind: 'uri' | 'dns'): [string, string][] =>
            names.flatMap((name) => (name.type === kind ? [[kind.toUpperCase(), name.value]] : []))
          assert.deepEqual(sans, [...of('uri'), ...of('dns')])
          // The certificate's own order: a SET is sorted when it is encoded.
          const expected = certificate.subject.rdns.map((values) =>
            values.map(({ type: oid, value }) => [attributeTypeName(oid), value]),
          )
          assert.deepEqual(readSubject(header), expected)
        },
      ),
    )
  })
})
