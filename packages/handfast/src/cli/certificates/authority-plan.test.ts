import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatName } from '@handfast/kit/x509'
import { testTime } from '../../../test/certificates.ts'
import { planAuthority } from './authority-plan.ts'
import type { PlanOptions } from './authority-plan.ts'

function plan(options: PlanOptions): {
  readonly labels: readonly string[]
  readonly subjects: readonly string[]
} {
  const { root, intermediate } = planAuthority(options, testTime)
  return {
    labels: [root.label, intermediate.label],
    subjects: [formatName(root.name), formatName(intermediate.name)],
  }
}

test('planAuthority() names both CAs after the organisation', () => {
  assert.deepEqual(plan({ organization: 'Client C', locality: 'Paris', country: 'FR' }), {
    labels: ['client-c-root', 'client-c'],
    subjects: [
      'CN=Client C Root CA,O=Client C,L=Paris,C=FR',
      'CN=Client C Issuing CA,O=Client C,L=Paris,C=FR',
    ],
  })
})

test('planAuthority() takes an organisation as text, not as name syntax', () => {
  const { labels, subjects } = plan({ organization: '#Société, "X"+Y\\Z' })
  assert.deepEqual(labels, ['societe-x-y-z-root', 'societe-x-y-z'])
  const name = '\\#Société\\, \\"X\\"\\+Y\\\\Z'
  assert.equal(subjects[0], `CN=${name} Root CA,O=${name}`)
})

test('planAuthority() takes whole subjects instead, in both forms', () => {
  assert.deepEqual(
    plan({ rootSubject: '/O=Example/CN=Root', intermediateSubject: 'CN=Issuing,O=Example' }),
    {
      labels: ['issuing-root', 'issuing'],
      subjects: ['CN=Root,O=Example', 'CN=Issuing,O=Example'],
    },
  )
})

test('planAuthority() refuses, before anything is stored, what the authority would refuse', () => {
  const cases: readonly (readonly [PlanOptions, string])[] = [
    [{}, 'usage'],
    [{ organization: ' ' }, 'usage'],
    [{ rootSubject: 'CN=Root' }, 'usage'],
    [{ organization: '日本' }, 'usage'],
    [{ organization: 'X', rootSubject: 'Root' }, 'usage'],
    [{ rootSubject: 'CN=Same', intermediateSubject: 'CN=same' }, 'usage'],
    [{ organization: 'X', algorithm: 'ec-p265' }, 'usage'],
    [{ organization: 'X', rootDays: 'ten' }, 'usage'],
    [{ organization: 'X', country: 'FRA' }, 'subject-not-allowed'],
    [{ organization: 'X', intermediateSubject: 'CN=a,CN=b' }, 'subject-not-allowed'],
    [{ organization: 'X', label: '../x' }, 'label-malformed'],
    [{ organization: 'X', days: '99999' }, 'lifetime-not-allowed'],
    [{ organization: 'X', rootDays: '99999' }, 'lifetime-not-allowed'],
  ]
  for (const [options, reason] of cases) {
    assert.throws(() => planAuthority(options, testTime), { reason }, JSON.stringify(options))
  }
})
