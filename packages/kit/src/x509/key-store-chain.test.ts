import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testAuthority } from '../../test/certificates.ts'
import type { TestIdentity } from '../../test/certificates.ts'
import { pairKeyStore } from './key-store-chain.ts'
import type { UnpairedCertificate } from './key-store-chain.ts'

const root = testAuthority()
const intermediate = root.intermediate()
const leaf = intermediate.issue()

function entry(
  { certificate }: TestIdentity,
  more: Partial<UnpairedCertificate> = {},
): UnpairedCertificate {
  return { certificate, alias: undefined, localKeyId: undefined, trusted: false, ...more }
}

const keyOf = (
  { key }: TestIdentity,
  localKeyId?: string,
): Parameters<typeof pairKeyStore>[0][0] => ({
  key,
  alias: undefined,
  localKeyId,
})

describe('pairKeyStore()', () => {
  it('orders the chain from the leaf, whatever order the file has', () => {
    const { keys, certificates } = pairKeyStore(
      [keyOf(leaf)],
      [entry(root), entry(leaf, { alias: 'web' }), entry(intermediate)],
    )
    assert.deepEqual(
      keys[0]?.chain,
      [leaf, intermediate, root].map(({ certificate }) => certificate),
    )
    assert.equal(keys[0].alias, 'web')
    assert.deepEqual(certificates, [])
  })

  it('takes, of two certificates of one key, the one with its localKeyId', () => {
    const renewed = intermediate.issue({ key: leaf.key, serialNumber: 2 })
    const own = [entry(leaf, { localKeyId: '01' }), entry(renewed, { localKeyId: '02' })]
    for (const [index, localKeyId] of ['01', '02'].entries()) {
      const { keys, certificates } = pairKeyStore([keyOf(leaf, localKeyId)], own)
      assert.equal(keys[0]?.chain[0], own[index]?.certificate)
      assert.deepEqual(
        certificates.map(({ certificate }) => certificate),
        own.toSpliced(index, 1).map(({ certificate }) => certificate),
      )
    }
  })

  it('never joins a key to a certificate of another, whatever localKeyId says', () => {
    const other = intermediate.issue()
    const { keys, certificates } = pairKeyStore(
      [keyOf(leaf, '01')],
      [entry(other, { localKeyId: '01' })],
    )
    assert.deepEqual(keys[0]?.chain, [])
    assert.equal(certificates.length, 1)
  })

  it('takes, of two issuers of one name, the one with the key identifier', () => {
    const impostor = testAuthority({ subject: 'CN=Test Intermediate,O=Test' })
    const { keys } = pairKeyStore(
      [keyOf(leaf)],
      [leaf, impostor, intermediate].map((one) => entry(one)),
    )
    assert.equal(keys[0]?.chain[1], intermediate.certificate)
  })

  it('keeps a trusted certificate in the list, though a chain has it too', () => {
    const { keys, certificates } = pairKeyStore(
      [keyOf(leaf)],
      [entry(leaf), entry(intermediate), entry(root, { trusted: true })],
    )
    assert.equal(keys[0]?.chain.length, 3)
    assert.deepEqual(
      certificates.map(({ certificate, trusted }) => [certificate, trusted]),
      [[root.certificate, true]],
    )
  })

  it('ends where two issuers vouch for each other', () => {
    const a = testAuthority({ subject: 'CN=A' })
    const b = testAuthority({ subject: 'CN=B' })
    const aByB = b.intermediate({ subject: 'CN=A', key: a.key })
    const bByA = a.intermediate({ subject: 'CN=B', key: b.key })
    const { keys } = pairKeyStore(
      [keyOf(aByB)],
      [aByB, bByA].map((one) => entry(one)),
    )
    assert.deepEqual(keys[0]?.chain, [aByB.certificate, bByA.certificate])
  })
})
