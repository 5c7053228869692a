import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { StoreError } from '../store/errors.ts'
import type { Store } from '../store/store.ts'
import { basic, openStage, password } from './rest-stage.test.ts'
import type { Answer, Stage } from './rest-stage.test.ts'

const subject = 'CN=CordaOperator,C=GB,L=London,O=Org'
const verbs = ['GET', 'PUT', 'DELETE'] as const

/** The path for a verb, with another id or subject where one is given. */
function target(
  verb: (typeof verbs)[number],
  { id, name = subject }: { readonly id: string; readonly name?: string },
): string {
  const list = `/api/v1/mgm/${id}/mutual-tls/allowed-client-certificate-subjects`
  return verb === 'GET' ? list : `${list}/${encodeURIComponent(name)}`
}

function assertError(answer: Answer, expected: object): void {
  assert.equal(answer.body, JSON.stringify(expected))
  assert.equal(answer.status, (expected as { status: number }).status)
  assert.match(String(answer.headers['content-type']), /^application\/json/)
  assert.equal(answer.headers['cache-control'], 'no-cache')
}

describe('the checks of the REST API, in Corda\u2019s order', { timeout: 60_000 }, () => {
  let mutual: Stage
  let oneWay: Stage
  before(async () => {
    mutual = await openStage()
    oneWay = await openStage({ tlsType: 'ONE_WAY' })
  })
  after(async () => {
    await mutual[Symbol.asyncDispose]()
    await oneWay[Symbol.asyncDispose]()
  })

  it('accepts what passes them all', async () => {
    for (const verb of verbs) {
      const { status } = await mutual.call(verb, target(verb, { id: mutual.manager.holdingId }))
      assert.equal(status, verb === 'GET' ? 200 : 204)
    }
  })

  it('first asks who calls', async () => {
    const missing = {
      title: 'User credentials are empty or cannot be resolved',
      status: 401,
      details: {},
    }
    const wrong = { title: 'Error during user authentication', status: 401, details: {} }
    for (const [header, expected] of [
      ['', missing],
      ['Basic', missing],
      ['Basic %%%', missing],
      ['Bearer abc', missing],
      [basic('alice', 'not her password'), wrong],
      [basic('mallory', password), wrong],
    ] as const) {
      for (const verb of verbs) {
        const path = target(verb, { id: 'bad', name: 'bad' })
        const answer = await oneWay.call(verb, path, { headers: { authorization: header } })
        assertError(answer, expected)
        assert.equal(answer.headers['www-authenticate'], 'Basic realm="handfast", charset="UTF-8"')
      }
    }
  })

  it('then whether the cluster is mutual, before name and id', async () => {
    for (const verb of verbs) {
      assertError(await oneWay.call(verb, target(verb, { id: 'bad', name: 'bad' })), {
        title: 'This cluster is configure to use one way TLS. Mutual TLS APIs can not be called.',
        status: 400,
        details: {},
      })
    }
  })

  it('then the name, before the id', async () => {
    const refusals = {
      'CN=x,L=London,C=GB': 'Member X.500 names must include an O attribute',
      'CN=x,O=Org,C=GB': 'Member X.500 names must include an L attribute',
      'CN=x,O=Org,L=London': 'Member X.500 names must include an C attribute',
      'O=a,O=b,L=London,C=GB': 'Duplicate attribute O',
      'O=Org,L=London,C=XX': 'Invalid country code XX',
      'O=Org,L=London,C=GB,emailAddress=a@b':
        'The following attribute is not supported in Corda: E',
    }
    for (const [name, why] of Object.entries(refusals)) {
      for (const verb of ['PUT', 'DELETE'] as const) {
        assertError(await mutual.call(verb, target(verb, { id: 'bad', name })), {
          title: `subject is not a valid X500 name: ${why}`,
          status: 400,
          details: { subject: name },
        })
      }
    }
    const garbage = await mutual.call('PUT', target('PUT', { id: 'bad', name: 'no name <script>' }))
    assert.equal(garbage.status, 400)
    assert.match(garbage.body, /^\{"title":"subject is not a valid X500 name: /)
    assert.deepEqual((JSON.parse(garbage.body) as { details: unknown }).details, {
      subject: 'no name <script>',
    })
    assert.equal(garbage.headers['x-content-type-options'], 'nosniff')
  })

  it('then the form of the id', async () => {
    for (const verb of verbs) {
      assertError(await mutual.call(verb, target(verb, { id: 'bad' })), {
        title:
          'Invalid holding identity short hash: Hex string has length of 3 but should be 12 characters',
        status: 400,
        details: {},
      })
      assertError(await mutual.call(verb, target(verb, { id: 'GGGGGGGGGGGG' })), {
        title: 'Invalid holding identity short hash: Not a valid hex string',
        status: 400,
        details: {},
      })
    }
  })

  it('then whether the manager is hosted here', async () => {
    for (const verb of verbs) {
      assertError(await mutual.call(verb, target(verb, { id: '0123456789ab' })), {
        title: `virtual node '0123456789AB' not found.`,
        status: 404,
        details: {},
      })
    }
  })

  it('refuses to allow a subject for nobody', async () => {
    await using stage = await openStage({ anchors: [] })
    const { holdingId } = stage.manager
    assertError(await stage.call('PUT', stage.path(subject)), {
      title: `The manager '${holdingId}' trusts no authority, so that no subject can be allowed.`,
      status: 409,
      details: {},
    })
    const kept = await stage.store.transaction(async (tx) => tx.allowList.count())
    assert.equal(kept, 0)
  })

  it('tells every refusal as an event, without the credentials', async () => {
    const header = basic('alice', 'not her password')
    await mutual.call('GET', mutual.path(), { headers: { authorization: header } })
    await mutual.call('PUT', `${mutual.path('nonsense')}?token=secret`)
    const [login, name] = mutual.events.filter(({ type }) => type === 'request-refused').slice(-2)
    assert.ok(login?.type === 'request-refused' && name?.type === 'request-refused')
    assert.deepEqual([login.status, login.code, login.actor], [401, 'HF-C102', undefined])
    assert.deepEqual([name.status, name.code, name.actor], [400, 'HF-C105', 'alice'])
    assert.equal(name.path, mutual.path('nonsense'))
    assert.equal(name.remoteAddress, '127.0.0.1')
    const told = JSON.stringify(mutual.events)
    for (const secret of ['not her password', password, header.slice(6), 'secret']) {
      assert.ok(!told.includes(secret), secret)
    }
  })
})

describe('what goes wrong inside', { timeout: 60_000 }, () => {
  function failing(error: Error): (store: Store) => Store {
    return (store) => ({
      async transaction(fn, options) {
        if (options?.readOnly === true) return store.transaction(fn, options)
        throw error
      },
      watchRevision: (fn) => store.watchRevision(fn),
      close: async () => store.close(),
      [Symbol.asyncDispose]: async () => store.close(),
    })
  }

  it('is a bare 500 with a number that the log knows', async () => {
    const error = new Error('the secret is in /var/lib')
    await using stage = await openStage({ wrapStore: failing(error) })
    const answer = await stage.call('PUT', stage.path(subject))
    const failed = stage.events.find(({ type }) => type === 'request-failed')
    assert.ok(failed?.type === 'request-failed')
    assert.equal(failed.error, error)
    assert.match(failed.requestId, /^[0-9a-f-]{36}$/)
    assertError(answer, {
      title: 'Unexpected error occurred.',
      status: 500,
      details: { requestId: failed.requestId },
    })
  })

  it('is a 503 when another process keeps the database', async () => {
    const error = new StoreError('database-busy', 'Cannot use database "/var/lib/x": busy')
    await using stage = await openStage({ wrapStore: failing(error) })
    const answer = await stage.call('PUT', stage.path(subject))
    assertError(answer, { title: 'The database is busy.', status: 503, details: {} })
    assert.equal(answer.headers['retry-after'], '1')
  })
})
