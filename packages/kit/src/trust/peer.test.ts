import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testAuthority } from '../../test/certificates.ts'
import { damagedCopies } from '../../test/hostile.ts'
import { encodeName } from '../x509/name.ts'
import { describePeer, parsePeer } from './peer.ts'

const root = testAuthority()
const between = root.intermediate()
const leaf = between.issue({ subject: 'CN=web,O=Example' })
const chain = [leaf, between, root].map(({ certificate }) => certificate.der)

describe('parsePeer()', () => {
  it('reads the leaf and what was sent after it, in order', () => {
    const peer = parsePeer(chain)
    assert.ok(peer.kind === 'certified')
    assert.deepEqual(peer.leaf.der, chain[0])
    assert.deepEqual(
      peer.intermediates.map(({ der }) => der),
      chain.slice(1),
    )
  })

  it('is anonymous without a certificate', () => {
    assert.equal(parsePeer([]).kind, 'anonymous')
  })

  it('keeps the facts of the connection whatever was sent', () => {
    const facts = { sessionResumed: true, chainComplete: false }
    for (const presented of [[], chain, [Uint8Array.of(1)]]) {
      const { sessionResumed, chainComplete } = parsePeer(presented, facts)
      assert.deepEqual({ sessionResumed, chainComplete }, facts)
    }
  })

  it('takes 16 certificates and no more', () => {
    const [first = new Uint8Array()] = chain
    const sent = Array.from({ length: 16 }, () => first)
    assert.equal(parsePeer(sent).kind, 'certified')
    assert.equal(parsePeer([...sent, first]).kind, 'malformed')
  })

  it('is malformed when any of the certificates is, the leaf or not', () => {
    const broken = Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x01)
    for (const presented of [[broken], [...chain, broken], [broken, ...chain]]) {
      const peer = parsePeer(presented)
      assert.ok(peer.kind === 'malformed')
      assert.equal(peer.error.name, 'X509Error')
    }
  })

  it('never throws, whatever the bytes', () => {
    for (const copy of damagedCopies(leaf.certificate.der)) {
      const { kind } = parsePeer([copy])
      assert.ok(kind === 'malformed' || kind === 'certified')
    }
  })
})

describe('describePeer()', () => {
  it('is the subject, or says what there is instead', () => {
    assert.equal(describePeer(parsePeer(chain)), 'CN=web,O=Example')
    assert.equal(describePeer(parsePeer([])), '(no certificate)')
    assert.equal(describePeer(parsePeer([Uint8Array.of(1)])), '(unreadable certificate)')
    const nameless = root.issue({ subject: encodeName([]) })
    assert.equal(describePeer(parsePeer([nameless.certificate.der])), '(empty subject)')
  })
})
