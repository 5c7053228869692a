import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clientHeaders, upstreamHeaders } from './forwarded-headers.ts'

const forwarded = { identity: 'Hash=ours', remoteAddress: '192.0.2.1' }
const ours = [
  'X-Forwarded-Client-Cert',
  'Hash=ours',
  'X-Forwarded-For',
  '192.0.2.1',
  'X-Forwarded-Proto',
  'https',
]

describe('upstreamHeaders()', () => {
  it('keeps order, case and duplicates of what passes', () => {
    const received = ['Host', 'a', 'aCCept', '1', 'Cookie', 'x=y', 'accept', '2', 'TE-x', '']
    assert.deepEqual(upstreamHeaders(received, forwarded), [...received, ...ours])
  })

  it('removes what a client claims about itself, however it is spelt', () => {
    const spellings = [
      'X-Forwarded-Client-Cert',
      'x-forwarded-client-cert',
      'X_Forwarded_Client_Cert',
      'x-forwarded_client.cert',
      'Client-Cert',
      'CLIENT_CERT',
      'Client-Cert-Chain',
      'client_cert_chain',
      'X-WSO2-Client-Certificate',
      'Forwarded',
      'X-Forwarded-For',
      'x_forwarded_proto',
      'X-Real-IP',
    ]
    const received = spellings.flatMap((name) => [name, 'forged', name, 'twice'])
    assert.deepEqual(upstreamHeaders(received, forwarded), ours)
  })

  it('forwards no identity when there is none, and still removes a forged one', () => {
    assert.deepEqual(
      upstreamHeaders(['x-forwarded-client-cert', 'forged'], { remoteAddress: undefined }),
      ['X-Forwarded-Proto', 'https'],
    )
  })

  it('removes what belongs to the connection, and what Connection nominates, but never ours', () => {
    const nominating = ['Connection', 'X-Secret, X-Forwarded-Client-Cert, host', 'X-Secret', '1']
    const hops = ['Keep-Alive', '5', 'TE', 'trailers', 'Trailer', 'a', 'Expect', '100-continue']
    const framing = ['Transfer-Encoding', 'chunked', 'connection', 'content-length,x-forwarded-for']
    const received = [...nominating, ...hops, ...framing, 'Host', 'a']
    assert.deepEqual(upstreamHeaders(received, forwarded), ['Host', 'a', ...ours])
  })

  it('says what we say exactly once, whatever is received', () => {
    const separator = fc.constantFrom('-', '_', '.', '')
    const name = fc
      .tuple(fc.subarray(['X', 'forwarded', 'CLIENT', 'cert', 'For', 'chain']), separator)
      .map(([parts, between]) => (parts.length === 0 ? 'a' : parts.join(between)))
    const header = fc.oneof(
      fc.tuple(name, fc.constant('forged')),
      fc.tuple(fc.constant('Connection'), name),
    )
    fc.assert(
      fc.property(fc.array(header), (headers) => {
        const sent = upstreamHeaders(headers.flat(), forwarded)
        const claimed = (wanted: string): string[] =>
          sent.filter(
            (_value, index) =>
              index % 2 === 1 && sent[index - 1]?.toLowerCase().replaceAll(/\W|_/g, '-') === wanted,
          )
        assert.deepEqual(claimed('x-forwarded-client-cert'), ['Hash=ours'])
        assert.deepEqual(claimed('x-forwarded-for'), ['192.0.2.1'])
        assert.deepEqual(claimed('client-cert'), [])
      }),
    )
  })
})

describe('clientHeaders()', () => {
  it('passes every header but those of the upstream connection', () => {
    const cookies = ['Set-Cookie', 'a=1', 'set-cookie', 'b=2']
    const hops = ['Connection', 'close, X-Hop', 'X-Hop', '1', 'Keep-Alive', 'timeout=5']
    const framing = ['Transfer-Encoding', 'chunked', 'Content-Length', '0']
    const received = [...cookies, ...hops, ...framing]
    assert.deepEqual(clientHeaders(received), [...cookies, 'Content-Length', '0'])
  })
})
