import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalJson, stateDigest } from './state-digest.ts'

describe('canonicalJson()', () => {
  it('does not depend on the order of members, at any depth', () => {
    assert.equal(
      canonicalJson({ b: [{ y: 1, x: 2 }], a: { d: null, c: 'é' } }),
      '{"a":{"c":"é","d":null},"b":[{"x":2,"y":1}]}',
    )
  })

  it('keeps the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
        assert.equal(canonicalJson(JSON.parse(text)), text)
      }),
    )
  })
})

describe('stateDigest()', () => {
  it('tells two states apart, and not two spellings of one', () => {
    const state = { revision: 1, anchors: [], listeners: [] }
    assert.match(stateDigest(state), /^[\da-f]{64}$/)
    assert.equal(stateDigest(state), stateDigest({ listeners: [], anchors: [], revision: 1 }))
    assert.notEqual(stateDigest(state), stateDigest({ ...state, revision: 2 }))
  })
})
