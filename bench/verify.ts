import assert from 'node:assert/strict'
import {
  certificatePublicKey,
  findPaths,
  parseCertificate,
  verifySignature,
} from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import { at, makeCa, makeLeaf } from './chains.ts'
import { repeat } from './measure.ts'
import type { Case } from './measure.ts'

const times = 100

/** Root, intermediate and leaf, all P-256. */
export async function verifyCases(): Promise<readonly Case[]> {
  const root = await makeCa('CN=Root,O=Bench')
  const middle = await makeCa('CN=Middle,O=Bench', root)
  const leaf = await makeLeaf('CN=leaf,O=Bench', middle)
  const others = await Promise.all(
    Array.from({ length: 999 }, (_, index) => makeCa(`CN=Root ${index},O=Bench`)),
  )
  const one = [root.certificate]
  const thousand = [...others.map(({ certificate }) => certificate), root.certificate]
  const rootKey = certificatePublicKey(root.certificate)
  const middleKey = certificatePublicKey(middle.certificate)
  const leafCheck = (): void => assert.ok(verifySignature(leaf, middleKey))
  const again = (certificate: Certificate): Certificate => parseCertificate(certificate.der)
  const search = (chain: Chain) => (): void => assert.ok(isVerified(chain))
  const fresh = (make: () => Chain): Case['prepare'] => {
    return () => Array.from({ length: times }, () => search(make()))
  }
  // As from connections: the peer's certificates are new objects every time.
  const allNew = (roots: readonly Certificate[]) => (): Chain => ({
    leaf: again(leaf),
    intermediates: [again(middle.certificate)],
    roots,
  })
  return [
    repeat('one signature check', times, leafCheck),
    repeat('two signature checks', times, () => {
      leafCheck()
      assert.ok(verifySignature(middle.certificate, rootKey))
    }),
    { name: 'verify, all new', prepare: fresh(allNew(one)) },
    {
      name: 'verify, CA links seen before',
      prepare: fresh(() => ({
        leaf: again(leaf),
        intermediates: [middle.certificate],
        roots: one,
      })),
    },
    { name: 'verify among 1,000 anchors', prepare: fresh(allNew(thousand)) },
  ]
}

interface Chain {
  readonly leaf: Certificate
  readonly intermediates: readonly Certificate[]
  readonly roots: readonly Certificate[]
}

function isVerified(chain: Chain): boolean {
  for (const { root, faults } of findPaths({ ...chain, purpose: 'clientAuth', at })) {
    if (root !== undefined && faults.length === 0) return true
  }
  return false
}
