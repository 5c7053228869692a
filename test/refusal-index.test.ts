import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { handshakeFailures } from '@handfast/kit/tls'
import { refusalCatalogue } from '@handfast/kit/trust'
import { refusals as gatewayRefusals } from '../packages/handfast/src/gateway/refusals.ts'
import { errorTables, renderRefusalIndex } from '../tools/refusal-index.ts'

test('docs/refusals/README.md says what the catalogues say (npm run docs writes it)', () => {
  const written = readFileSync(new URL('../docs/refusals/README.md', import.meta.url), 'utf8')
  assert.equal(written, renderRefusalIndex())
})

test('no code is used twice, in any room', () => {
  const codes = [
    ...errorTables.flatMap((table) => Object.values(table.codes)),
    ...Object.values(handshakeFailures).map(({ code }) => code),
    ...Object.values(refusalCatalogue).map(({ code }) => code),
    ...Object.values(gatewayRefusals).map(({ code }) => code),
  ]
  assert.ok(codes.length > 100)
  assert.ok(codes.every((code) => /^HF-[A-Z]\d{3}$/.test(code)))
  assert.equal(new Set(codes).size, codes.length)
})
