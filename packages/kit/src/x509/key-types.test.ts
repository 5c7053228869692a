import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { needsKey, testAuthority, testTime } from '../../test/certificates.ts'
import { certificatePublicKey, encodeCertificatePem, parseCertificate } from './certificate.ts'
import { createCertificate } from './create-certificate.ts'
import { createCsr, parseCsr } from './csr.ts'
import { findPaths } from './find-paths.ts'
import type { PathSearch } from './find-paths.ts'
import { encryptPrivateKeyPem } from './encrypted-key.ts'
import { generatePrivateKey, keySigner, parsePrivateKey } from './keys.ts'
import { parseName } from './name-text.ts'
import { verifySignature } from './signature.ts'

// What every key type can do, from the key to the verified path; P-256 and RSA have theirs elsewhere.
for (const algorithm of ['ed25519', 'ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'] as const) {
  describe(`a chain of ${algorithm} certificates`, needsKey(algorithm), () => {
    const newKey = (): ReturnType<typeof generatePrivateKey> => generatePrivateKey(algorithm)

    it('is verified', async () => {
      const root = testAuthority({ key: await newKey() })
      const intermediate = root.intermediate({ key: await newKey() })
      const leaf = intermediate.issue({ key: await newKey() })
      assert.equal(
        verified({
          leaf: leaf.certificate,
          intermediates: [intermediate.certificate],
          roots: [root.certificate],
        }),
        true,
      )
      assert.equal(leaf.certificate.signatureAlgorithm.keyType, algorithm)
      assert.deepEqual(parseCertificate(leaf.certificate.der), leaf.certificate)
    })

    it('is refused when another key signed', async () => {
      const root = testAuthority({ key: await newKey() })
      const impostor = testAuthority({ key: await newKey() })
      const { certificate } = impostor.issue({ key: await newKey() })
      assert.equal(verifySignature(certificate, certificatePublicKey(impostor.certificate)), true)
      assert.equal(verifySignature(certificate, certificatePublicKey(root.certificate)), false)
      assert.equal(
        verified({ leaf: certificate, intermediates: [], roots: [root.certificate] }),
        false,
      )
    })

    it('verifies where the key types change on the way', async () => {
      const root = testAuthority()
      const leaf = root.intermediate({ key: await newKey() })
      const { certificate } = leaf.issue()
      assert.equal(
        verified({
          leaf: certificate,
          intermediates: [leaf.certificate],
          roots: [root.certificate],
        }),
        true,
      )
    })
  })

  describe(`createCertificate() and createCsr() with ${algorithm}`, needsKey(algorithm), () => {
    it('make what Node reads and verifies', async () => {
      const key = await generatePrivateKey(algorithm)
      const publicKey = createPublicKey(key)
      const signer = keySigner(key)
      const name = parseName('CN=web')
      const certificate = await createCertificate(
        {
          serialNumber: Uint8Array.of(1),
          issuer: name,
          subject: name,
          notBefore: testTime,
          notAfter: testTime,
          publicKey,
          extensions: {},
        },
        signer,
      )
      const read = new X509Certificate(encodeCertificatePem(certificate))
      assert.equal(read.verify(publicKey), true)
      assert.equal(read.publicKey.equals(publicKey), true)
      const csr = await createCsr({ subject: name }, signer)
      assert.equal(parseCsr(csr.der).keyInfo.type, algorithm)
    })

    it('read back their key, encrypted too', async () => {
      const key = await generatePrivateKey(algorithm)
      const pem = await encryptPrivateKeyPem(key, 'passphrase')
      assert.equal(parsePrivateKey(pem, { passphrase: 'passphrase' }).equals(key), true)
      assert.equal(createPrivateKey({ key: pem, passphrase: 'passphrase' }).equals(key), true)
    })
  })
}

function verified(chain: Pick<PathSearch, 'leaf' | 'intermediates' | 'roots'>): boolean {
  const attempts = [...findPaths({ ...chain, purpose: 'clientAuth', at: testTime })]
  return attempts.some(({ root, faults }) => root !== undefined && faults.length === 0)
}
