// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs it loaded first
import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import {
  createCertificate,
  generatePrivateKey,
  keySigner,
  parseCertificate,
  parseName,
  publicKeyFromPrivate,
} from '@handfast/kit/x509'
import * as peculiar from '@peculiar/x509'
import { fromBER, Integer, Utf8String } from 'asn1js'
import * as pkijs from 'pkijs'
import { leafExtensions, makeCa, makeLeaf, notAfter, notBefore } from './chains.ts'
import { repeat } from './measure.ts'
import type { Case } from './measure.ts'

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export async function parseCases(): Promise<readonly Case[]> {
  const { der } = await makeLeaf('CN=leaf,O=Bench', await makeCa('CN=Root,O=Bench'))
  const buffer = Uint8Array.from(der).buffer
  return [
    repeat('parse: handfast', 100, () => parseCertificate(der)),
    repeat('parse: node:crypto', 100, () => new X509Certificate(der)),
    repeat('parse: pkijs', 100, () => new pkijs.Certificate({ schema: fromBER(buffer).result })),
    repeat('parse: @peculiar/x509', 100, () => new peculiar.X509Certificate(buffer)),
  ]
}

/** Self-signed, P-256, with the names and extensions of a leaf. */
export async function makeCases(): Promise<readonly Case[]> {
  const key = await generatePrivateKey('ec-p256')
  const publicKey = publicKeyFromPrivate(key)
  const signer = keySigner(key)
  const name = parseName('CN=web')
  const pair = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const template = {
    serialNumber: Uint8Array.of(1),
    issuer: name,
    subject: name,
    notBefore,
    notAfter,
    publicKey,
    extensions: leafExtensions,
  }
  return [
    repeat('make: handfast', 20, () => createCertificate(template, signer)),
    repeat('make: pkijs', 20, () => makeWithPkijs(pair)),
    repeat('make: @peculiar/x509', 20, () => makeWithPeculiar(pair)),
  ]
}

async function makeWithPkijs(pair: CryptoKeyPair): Promise<unknown> {
  const certificate = new pkijs.Certificate()
  certificate.version = 2
  certificate.serialNumber = new Integer({ value: 1 })
  for (const name of [certificate.issuer, certificate.subject]) {
    name.typesAndValues.push(
      new pkijs.AttributeTypeAndValue({
        type: '2.5.4.3',
        value: new Utf8String({ value: 'web' }),
      }),
    )
  }
  certificate.notBefore.value = notBefore
  certificate.notAfter.value = notAfter
  const extension = (
    extnID: string,
    value: { toSchema(): { toBER(): ArrayBuffer } },
  ): pkijs.Extension => new pkijs.Extension({ extnID, extnValue: value.toSchema().toBER() })
  certificate.extensions = [
    extension('2.5.29.19', new pkijs.BasicConstraints({ cA: false })),
    extension(
      '2.5.29.37',
      new pkijs.ExtKeyUsage({ keyPurposes: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'] }),
    ),
    extension(
      '2.5.29.17',
      new pkijs.GeneralNames({ names: [new pkijs.GeneralName({ type: 2, value: 'web.example' })] }),
    ),
  ]
  await certificate.subjectPublicKeyInfo.importKey(pair.publicKey)
  await certificate.sign(pair.privateKey, 'SHA-256')
  return certificate.toSchema(true).toBER()
}

function makeWithPeculiar(keys: CryptoKeyPair): Promise<unknown> {
  const { serverAuth, clientAuth } = peculiar.ExtendedKeyUsage
  return peculiar.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=web',
    notBefore,
    notAfter,
    signingAlgorithm: ecdsa,
    keys,
    extensions: [
      new peculiar.BasicConstraintsExtension(false),
      new peculiar.KeyUsagesExtension(peculiar.KeyUsageFlags.digitalSignature, true),
      new peculiar.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
      new peculiar.SubjectAlternativeNameExtension([{ type: 'dns', value: 'web.example' }]),
    ],
  })
}
