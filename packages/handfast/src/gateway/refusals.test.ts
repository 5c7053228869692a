import assert from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import { describe, it } from 'node:test'
import { gatewayErrorCodes } from './errors.ts'
import { problemBody, refusals } from './refusals.ts'

describe('codes of the gateway', () => {
  it('are each used once, in their room and range', () => {
    const refused = Object.values(refusals)
    const codes = [...Object.values(gatewayErrorCodes), ...refused.map(({ code }) => code)]
    assert.equal(new Set(codes).size, codes.length)
    for (const code of Object.values(gatewayErrorCodes)) assert.match(code, /^HF-G1\d\d$/)
    for (const { code, status } of refused) {
      // 2xx: the request's fault; 3xx: the upstream's.
      assert.match(code, status >= 502 && status <= 504 ? /^HF-G3\d\d$/ : /^HF-G2\d\d$/)
      assert.notEqual(STATUS_CODES[status], undefined)
    }
  })
})

describe('problemBody()', () => {
  it('tells type, title, status, code and id, and nothing else', () => {
    const problem: unknown = JSON.parse(problemBody('upstream-closed', 'some-id'))
    assert.deepEqual(problem, {
      type: 'urn:handfast:refusal:HF-G306',
      title: 'The upstream closed the connection before it answered',
      status: 502,
      code: 'HF-G306',
      id: 'some-id',
    })
  })
})
