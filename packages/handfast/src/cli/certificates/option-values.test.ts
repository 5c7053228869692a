import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  parseAlgorithm,
  parseDays,
  parseNames,
  parsePrefix,
  parseProfileName,
  parseSubject,
} from './option-values.ts'

test('options are refused as usage, with the nearest known word or what to write', () => {
  const cases: readonly (readonly [() => unknown, RegExp])[] = [
    [() => parseSubject('web'), /--subject: .*"web"/],
    [() => parseNames(['DNS:web.example', 'DNS:we b']), /--san: .*"we b"/],
    [() => parseProfileName('sever'), /--profile "sever".*did you mean "server"\?/],
    [() => parseProfileName('toString'), /--profile "toString"/],
    [() => parseAlgorithm('ecp256'), /--algorithm "ecp256".*did you mean "ec-p256"\?/],
    [() => parseDays('-1'), /--days "-1"/],
    [() => parseDays('0'), /--days "0"/],
    [() => parseDays('1e9'), /--days "1e9"/],
    [() => parsePrefix('certs/'), /--out "certs\/"/],
    [() => parsePrefix('..'), /--out ".."/],
    [() => parsePrefix(''), /--out ""/],
  ]
  for (const [parse, message] of cases) assert.throws(parse, { reason: 'usage', message })
})

test('options are read as they are meant', () => {
  assert.equal(parseDays('0.5'), 0.5)
  assert.equal(parsePrefix('certs/web'), 'certs/web')
  assert.deepEqual(parseNames(['127.0.0.1', 'web.example']), [
    { type: 'ip', value: '127.0.0.1' },
    { type: 'dns', value: 'web.example' },
  ])
})
