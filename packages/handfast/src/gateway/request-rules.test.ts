import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkRequest } from './request-rules.ts'
import type { RequestHead } from './request-rules.ts'

const head = (changes: Partial<RequestHead> = {}, ...headers: string[]): RequestHead => ({
  method: 'GET',
  url: '/a?b=c',
  httpVersion: '1.1',
  rawHeaders: ['Host', 'example.org:8443', ...headers],
  ...changes,
})

describe('checkRequest()', () => {
  it('accepts paths, with whatever query', () => {
    for (const url of ['/', '/a%20b;v=1?q=%23&r="', '//twice', '/*', '/http://x/']) {
      assert.equal(checkRequest(head({ url })), undefined, url)
    }
  })

  it('refuses every other form of target', () => {
    const urls = [
      '*',
      'http://example.org/',
      'example.org:443',
      '',
      '/a b',
      '/a#b',
      '/é',
      '/a\u0000',
    ]
    for (const url of urls) assert.equal(checkRequest(head({ url })), 'target-unsupported', url)
  })

  it('refuses any number of hosts but one, and what is no host', () => {
    const refused = [[], ['a', 'a'], ['a', 'b'], [''], ['a, b'], ['u@a'], ['a/b'], ['a b'], ['a:b']]
    for (const hosts of refused) {
      const rawHeaders = hosts.flatMap((host, index) => [index === 0 ? 'host' : 'HOST', host])
      assert.equal(checkRequest(head({ rawHeaders })), 'host-ambiguous', hosts.join('|'))
    }
    for (const host of ['a', 'a.b:1', '127.0.0.1:80', '[::1]:443', 'xn--4ca.org.']) {
      assert.equal(checkRequest(head({ rawHeaders: ['Host', host] })), undefined, host)
    }
  })

  it('refuses methods that are for proxies or mirrors', () => {
    for (const method of ['CONNECT', 'TRACE']) {
      assert.equal(checkRequest(head({ method })), 'method-unsupported')
    }
    for (const method of ['GET', 'OPTIONS', 'PROPFIND']) {
      assert.equal(checkRequest(head({ method })), undefined)
    }
  })

  it('refuses framing that two readers could see differently', () => {
    const chunked = ['Transfer-Encoding', 'chunked']
    assert.equal(checkRequest(head({}, ...chunked)), undefined)
    assert.equal(checkRequest(head({}, ...chunked, ...chunked)), 'request-malformed')
    assert.equal(checkRequest(head({}, ...chunked, 'content-length', '3')), 'request-malformed')
    assert.equal(checkRequest(head({ httpVersion: '1.0' }, ...chunked)), 'request-malformed')
    assert.equal(
      checkRequest(head({}, 'transfer-encoding', 'gzip, chunked')),
      'transfer-coding-unsupported',
    )
  })

  it('refuses another protocol, another version and too many headers', () => {
    assert.equal(checkRequest(head({}, 'Upgrade', 'websocket')), 'upgrade-unsupported')
    assert.equal(checkRequest(head({ httpVersion: '2.0' })), 'version-unsupported')
    assert.equal(checkRequest(head({}, 'a', '1', 'b', '2'), 3), undefined)
    assert.equal(checkRequest(head({}, 'a', '1', 'b', '2', 'c', '3'), 3), 'head-too-large')
  })
})
