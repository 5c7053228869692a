import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { identityErrorCodes } from '@handfast/kit/identity'
import { tlsErrorCodes } from '@handfast/kit/tls'
import { refusalCatalogue, trustErrorCodes } from '@handfast/kit/trust'
import { x509ErrorCodes } from '@handfast/kit/x509'
import { authorityErrorCodes } from '../packages/handfast/src/authority/errors.ts'
import { cliErrorCodes } from '../packages/handfast/src/cli/errors.ts'
import { controlErrorCodes } from '../packages/handfast/src/control/errors.ts'
import { gatewayErrorCodes } from '../packages/handfast/src/gateway/errors.ts'
import { refusals as gatewayRefusals } from '../packages/handfast/src/gateway/refusals.ts'
import { storeErrorCodes } from '../packages/handfast/src/store/errors.ts'
import { renderRefusalIndex } from '../tools/refusal-index.ts'

test('docs/refusals/README.md says what the catalogues say (npm run docs writes it)', () => {
  const written = readFileSync(new URL('../docs/refusals/README.md', import.meta.url), 'utf8')
  assert.equal(written, renderRefusalIndex())
})

test('no code is used twice, in any room', () => {
  const tables: readonly Readonly<Record<string, string>>[] = [
    x509ErrorCodes,
    trustErrorCodes,
    identityErrorCodes,
    tlsErrorCodes,
    authorityErrorCodes,
    cliErrorCodes,
    controlErrorCodes,
    gatewayErrorCodes,
    storeErrorCodes,
  ]
  const codes = [
    ...tables.flatMap((table) => Object.values(table)),
    ...Object.values(refusalCatalogue).map(({ code }) => code),
    ...Object.values(gatewayRefusals).map(({ code }) => code),
  ]
  assert.ok(codes.length > 100)
  assert.ok(codes.every((code) => /^HF-[A-Z]\d{3}$/.test(code)))
  assert.equal(new Set(codes).size, codes.length)
})
