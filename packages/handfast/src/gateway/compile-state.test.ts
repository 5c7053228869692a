import { systemClock } from '@handfast/kit/base'
import { fingerprint } from '@handfast/kit/x509'
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createCast } from './cast.test.ts'
import type { Cast } from './cast.test.ts'
import { compileState } from './compile-state.ts'
import type { CompiledState } from './compile-state.ts'
import type { GatewayErrorReason } from './errors.ts'
import { identitiesOf, mutualState, mutualUpstream } from './stage.test.ts'
import type { AnchorRecord, GatewayState, ListenerState, UpstreamState } from './state.ts'

describe('compileState()', () => {
  let cast: Cast
  let state: GatewayState
  let listener: ListenerState
  let tls: UpstreamState
  before(async () => {
    cast = await createCast()
    state = mutualState(cast, { url: 'http://127.0.0.1:8080' })
    const [first] = state.listeners
    assert.ok(first)
    listener = first
    tls = mutualUpstream(cast, 8443)
  })

  const compile = (next: GatewayState): CompiledState =>
    compileState(next, { identities: identitiesOf(cast), clock: systemClock })
  const withListener = (change: Partial<ListenerState>): GatewayState => ({
    ...state,
    listeners: [{ ...listener, ...change }],
  })
  const withUpstream = (upstream: UpstreamState): GatewayState => withListener({ upstream })
  const refuses = (next: GatewayState, reason: GatewayErrorReason, message: RegExp): void => {
    assert.throws(() => compile(next), { name: 'GatewayError', reason, message })
  }

  it('understands upstreams', () => {
    const dials = (upstream: UpstreamState): readonly (string | number)[] => {
      const {
        host,
        port,
        tls: found,
      } = compile(withUpstream(upstream)).listeners.get('web')?.upstream ?? {}
      return [host ?? '', port ?? 0, ...(found === undefined ? [] : [found.serverName])]
    }
    assert.deepEqual(dials({ url: 'http://b.example', anchors: [] }), ['b.example', 80])
    assert.deepEqual(dials({ url: 'http://[::1]:81/', anchors: [] }), ['::1', 81])
    assert.deepEqual(dials({ ...tls, url: 'https://b' }), ['b', 443, 'backend.example'])
    assert.deepEqual(dials({ ...tls, serverName: '127.0.0.1' }), ['127.0.0.1', 8443, '127.0.0.1'])
  })

  it('gives an upstream another key when anything about it changes, and only then', () => {
    const keyOf = (next: GatewayState): string | undefined =>
      compile(next).listeners.get('web')?.upstream.key
    const key = keyOf(withUpstream(tls))
    assert.equal(keyOf({ ...withUpstream({ ...tls }), revision: 9 }), key)
    const others: UpstreamState[] = [
      { ...tls, url: 'https://127.0.0.1:8444' },
      { ...tls, serverName: 'other.example' },
      { ...tls, anchors: [cast.partner.anchor.id] },
      { ...tls, identity: 'front' },
    ]
    for (const other of others) assert.notEqual(keyOf(withUpstream(other)), key)
  })

  it('refuses what names something that is not there', () => {
    refuses(
      withListener({ identity: 'x' }),
      'identity-unknown',
      /"web": identity "x" is not loaded/,
    )
    refuses(withUpstream({ ...tls, identity: 'y' }), 'identity-unknown', /"web": identity "y"/)
    refuses(withListener({ anchors: ['00'], allowList: [] }), 'anchor-unknown', /"web": anchor 00/)
    refuses(withUpstream({ ...tls, anchors: ['01'] }), 'anchor-unknown', /"web": anchor 01/)
  })

  it('refuses anchors that are not what they say', () => {
    const anchor = cast.partner.anchor
    const refusesAnchor = (record: AnchorRecord, message: RegExp): void =>
      refuses({ ...state, anchors: [record, cast.own.anchor] }, 'anchor-invalid', message)
    refusesAnchor({ ...anchor, certificate: 'AAAA' }, /Cannot use anchor/)
    refusesAnchor({ ...anchor, certificate: cast.own.anchor.certificate }, /certificate's id is/)
    refusesAnchor(cast.own.anchor, /twice/)
    const leaf = Buffer.from(cast.client.leaf.der).toString('base64')
    const id = fingerprint(cast.client.leaf)
    refusesAnchor({ id, kind: 'ca', certificate: leaf }, /CA:TRUE/)
    const pinned = { id, kind: 'pinned', certificate: leaf } as const
    const next = withListener({ anchors: [id], allowList: [] })
    assert.ok(compile({ ...next, anchors: [pinned] }))
  })

  it('refuses listeners that would admit otherwise than they read', () => {
    refuses(withListener({ anchors: [], allowList: [] }), 'listener-anchors-missing', /"web"/)
    refuses(withListener({ tlsType: 'ONE_WAY' }), 'setting-without-effect', /"web"/)
    // From JSON, where the type is only promised.
    refuses(withListener({ tlsType: 'OBSERVE' as 'MUTUAL' }), 'listener-invalid', /OBSERVE/)
    refuses(withListener({ port: 65_536 }), 'listener-invalid', /65536/)
    refuses(withListener({ host: '' }), 'listener-invalid', /host/)
    refuses(withListener({ name: '' }), 'listener-invalid', /name/)
    refuses({ ...state, listeners: [listener, listener] }, 'listener-duplicate', /"web"/)
    const twins = ['a', 'b'].map((name) => ({ ...listener, name, port: 8443 }))
    refuses({ ...state, listeners: twins }, 'listener-duplicate', /"b": "a" listens on/)
  })

  it('refuses allow-list entries that cannot match', () => {
    const [entry] = listener.allowList
    assert.ok(entry)
    const stray = { ...entry, anchor: cast.own.anchor.id }
    refuses(withListener({ allowList: [stray] }), 'allow-list-invalid', /"web": .*does not trust/)
    const garbled = { ...entry, name: 'nonsense' }
    refuses(withListener({ allowList: [garbled] }), 'allow-list-invalid', /"web": .*nonsense/)
  })

  it('refuses upstreams that it could not reach or trust as written', () => {
    const urls = [
      'b',
      'ftp://b',
      'http://u:p@b',
      'http://b/path',
      'http://b?q',
      'http://b#f',
      'http://b:0',
    ]
    for (const url of urls) {
      refuses(withUpstream({ url, anchors: [] }), 'upstream-url-invalid', /"web": its upstream/)
    }
    const { serverName: _, ...nameless } = tls
    refuses(withUpstream(nameless), 'upstream-server-name-invalid', /"web"/)
    for (const serverName of ['', '*.example.org', 'a b', '1.2.3']) {
      refuses(withUpstream({ ...tls, serverName }), 'upstream-server-name-invalid', /"web"/)
    }
    refuses(withUpstream({ ...tls, anchors: [] }), 'upstream-anchors-missing', /"web"/)
    refuses(withUpstream({ ...tls, url: 'http://b' }), 'setting-without-effect', /plain/)
  })
})
