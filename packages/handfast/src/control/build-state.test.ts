import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { buildState } from './build-state.ts'
import type { BootstrapListener, GatewayBootstrap } from './build-state.ts'

const at = new Date('2026-11-21T10:00:00Z')
const listener: BootstrapListener = {
  name: 'members',
  host: '127.0.0.1',
  port: 0,
  identity: 'gateway',
  tlsType: 'MUTUAL',
  anchors: ['a1', 'a2'],
  upstream: { url: 'http://127.0.0.1:1', anchors: [] },
}
const manager = { holdingId: 'A', name: 'O=M', groupId: 'g', anchors: ['a1', 'a2'], createdAt: at }
const member = { holdingId: 'A', anchor: 'a1', name: 'O=X', createdAt: at, actor: 'alice' }
const bootstrap: GatewayBootstrap = { anchors: [], listeners: [listener] }
const entry = { anchor: 'a1', match: 'member-name', name: 'O=X' }

const allowLists = (
  listeners: readonly BootstrapListener[],
  facts: Omit<Parameters<typeof buildState>[1], 'revision'>,
): unknown =>
  buildState({ ...bootstrap, listeners }, { revision: 1, ...facts }).listeners.map(
    ({ allowList }) => allowList,
  )

describe('buildState', () => {
  it('is whole, and plain JSON', () => {
    const state = buildState(bootstrap, { revision: 7, managers: [manager], members: [member] })
    assert.deepEqual(state, {
      revision: 7,
      anchors: [],
      listeners: [{ ...listener, allowList: [entry] }],
    })
    assert.deepEqual(JSON.parse(JSON.stringify(state)), state)
  })

  it('gives a listener the entries of its own anchors only', () => {
    const narrow = { ...listener, anchors: ['a2'] }
    const second = { ...member, anchor: 'a2' }
    const facts = { managers: [manager], members: [member, second] }
    assert.deepEqual(allowLists([listener, narrow], facts), [
      [entry, { ...entry, anchor: 'a2' }],
      [{ ...entry, anchor: 'a2' }],
    ])
  })

  it('gives a one-way listener none', () => {
    const facts = { managers: [manager], members: [member] }
    assert.deepEqual(allowLists([{ ...listener, tlsType: 'ONE_WAY' }], facts), [[]])
  })

  it('lets entries rest whose anchor the manager lost, or whose manager is gone', () => {
    const lost = { ...manager, anchors: ['a2'] }
    assert.deepEqual(allowLists([listener], { managers: [lost], members: [member] }), [[]])
    assert.deepEqual(allowLists([listener], { managers: [], members: [member] }), [[]])
  })

  it('names a member once that two managers admit', () => {
    const other = { ...manager, holdingId: 'B' }
    const facts = { managers: [manager, other], members: [member, { ...member, holdingId: 'B' }] }
    assert.deepEqual(allowLists([listener], facts), [[entry]])
  })
})
