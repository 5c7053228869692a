import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ControlError } from './errors.ts'
import { parseHoldingId } from './holding-id.ts'
import { findResource } from './resources.ts'
import { acceptsJson, renderRestError } from './rest-error.ts'

describe('parseHoldingId', () => {
  it('takes 12 hexadecimal digits in any case', () => {
    const digits = fc.stringMatching(/^[0-9a-fA-F]{12}$/)
    fc.assert(fc.property(digits, (text) => assert.equal(parseHoldingId(text), text.toUpperCase())))
  })

  it('refuses everything else in Corda\u2019s words', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.throws(
          () => parseHoldingId(text),
          (error) => error instanceof ControlError && error.reason === 'holding-id-invalid',
        )
      }),
    )
    const messageOf = (text: string): string => {
      try {
        return parseHoldingId(text)
      } catch (error) {
        return String(error)
      }
    }
    assert.equal(
      messageOf('ABC'),
      'ControlError: Invalid holding identity short hash: Hex string has length of 3 but should be 12 characters',
    )
    assert.equal(
      messageOf('3B9A266F96EG'),
      'ControlError: Invalid holding identity short hash: Not a valid hex string',
    )
  })
})

describe('acceptsJson', () => {
  it('is the default, and yields only to a client that wants something else alone', () => {
    for (const accept of [
      undefined,
      '',
      '*/*',
      'application/json',
      'APPLICATION/JSON; charset=utf-8',
      'text/html, application/*;q=0.5',
      'text/html,*/*;q=0.8',
    ]) {
      assert.equal(acceptsJson(accept), true, accept)
    }
    for (const accept of ['text/plain', 'text/html, text/*', 'application/json;q=0', 'x']) {
      assert.equal(acceptsJson(accept), false, accept)
    }
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof acceptsJson(text) === 'boolean'))
  })
})

describe('renderRestError', () => {
  const error = { title: 'No.', status: 400, details: { subject: 'x' } }

  it('has Corda\u2019s members in their order', () => {
    assert.equal(
      renderRestError(error, undefined).body,
      '{"title":"No.","status":400,"details":{"subject":"x"}}',
    )
  })

  it('is text for who wants text', () => {
    assert.deepEqual(renderRestError(error, 'text/plain'), {
      contentType: 'text/plain; charset=utf-8',
      body: 'No.\nsubject: x',
    })
  })
})

describe('findResource', () => {
  it('finds a list and a subject in any case, and leaves parameters and query alone', () => {
    assert.deepEqual(
      findResource('/API/V5_1/Mgm/aBc/mutual-TLS/Allowed-client-certificate-subjects/CN%3Dx?Q=1'),
      {
        path: '/api/v5_1/mgm/aBc/mutual-tls/allowed-client-certificate-subjects/CN%3Dx?Q=1',
        methods: ['PUT', 'DELETE'],
      },
    )
    assert.deepEqual(
      findResource('/api/v1/mgm/x/mutual-tls/allowed-client-certificate-subjects/')?.methods,
      ['GET', 'HEAD'],
    )
  })

  it('finds nothing else, and never leads away from the API', () => {
    fc.assert(fc.property(fc.webUrl(), (url) => assert.equal(findResource(url), undefined)))
    for (const url of ['/', '//evil/api/v1/mgm', '/api/v2/mgm/x/mutual-tls', '/api/v1/mgm/x/y/z']) {
      assert.equal(findResource(url), undefined, url)
    }
  })
})
