import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fingerprint } from '@handfast/kit/x509'
import { testAuthority, testTime } from '../../../test/certificates.ts'
import type { AuthorityIssuer } from '../../authority/issuer.ts'
import { chooseIssuer } from './choose-issuer.ts'

const root = await testAuthority()
const below = await root.intermediate()

function issuer(
  label: string,
  options: { readonly root?: boolean; readonly hasKey?: boolean } = {},
): AuthorityIssuer {
  const { certificate } = options.root === true ? root : below
  return {
    id: fingerprint(certificate),
    label,
    kind: options.root === true ? 'root' : 'intermediate',
    certificate,
    chain: options.root === true ? [] : [root.certificate],
    hasKey: options.hasKey ?? true,
    createdAt: testTime,
  }
}

test('chooseIssuer() takes the only intermediate that has its key', () => {
  const issuers = [
    issuer('top', { root: true }),
    issuer('away', { hasKey: false }),
    issuer('issuing'),
  ]
  assert.equal(chooseIssuer(issuers, undefined), 'issuing')
})

test('chooseIssuer() never takes a root that was not named', () => {
  const issuers = [issuer('top', { root: true })]
  assert.throws(() => chooseIssuer(issuers, undefined), { reason: 'usage', hint: /top/ })
  assert.equal(chooseIssuer(issuers, 'top'), 'top')
})

test('chooseIssuer() names the choices when several could sign', () => {
  const issuers = [issuer('top', { root: true }), issuer('one'), issuer('two')]
  assert.throws(() => chooseIssuer(issuers, undefined), { reason: 'usage', hint: /: one, two$/ })
})

test('chooseIssuer() names the nearest label, and what to do when there is no CA', () => {
  assert.throws(() => chooseIssuer([issuer('issuing')], 'isuing'), {
    reason: 'issuer-not-found',
    message: /did you mean "issuing"/,
  })
  assert.throws(() => chooseIssuer([], undefined), { reason: 'issuer-not-found', hint: /ca init/ })
  assert.throws(() => chooseIssuer([], 'any'), { reason: 'issuer-not-found', hint: /ca init/ })
})
