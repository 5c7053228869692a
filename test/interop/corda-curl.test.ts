import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { startDemo } from '../support/demo.ts'
import type { RunningDemo } from '../support/demo.ts'
import { runScript } from '../support/run-command.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import type { TemporaryFolder } from '../support/temporary-folder.ts'
import { needs } from './foreign-programs.ts'

// The commands of Corda's guide ("Update the MGM Allowed Certificate Subject List"), to the letter.
const add =
  'curl -k -u $REST_API_USER:$REST_API_PASSWORD -X PUT  "$MGM_API_URL/mgm/$MGM_HOLDING_ID/mutual-tls/allowed-client-certificate-subjects/CN=CordaOperator,C=GB,L=London,O=Org"'
const removeTwo =
  'curl -k -u $REST_API_USER:$REST_API_PASSWORD -X DELETE  "$MGM_API_URL/mgm/$MGM_HOLDING_ID/mutual-tls/allowed-client-certificate-subjects/CN=CordaOperatorTwo,C=GB,L=London,O=Org"'
const addThree =
  'curl -k -u $REST_API_USER:$REST_API_PASSWORD -X PUT  "$MGM_API_URL/mgm/$MGM_HOLDING_ID/mutual-tls/allowed-client-certificate-subjects/CN=CordaOperatorThree,C=GB,L=London,O=Org"'
const list =
  'curl -k -u $REST_API_USER:$REST_API_PASSWORD "$MGM_API_URL/mgm/$MGM_HOLDING_ID/mutual-tls/allowed-client-certificate-subjects"'

const clientB = 'CN=client-b, O=Client B Organization, L=Paris, C=FR'

interface Answer {
  readonly status: number
  readonly body: string
}

describe("Corda's curl commands", needs('bash', 'curl'), () => {
  const stack = new AsyncDisposableStack()
  let demo: RunningDemo
  let home: TemporaryFolder

  before(async () => {
    demo = stack.use(await startDemo())
    home = stack.use(await makeTemporaryFolder())
    // The status without a change to the commands.
    await writeFile(home.file('.curlrc'), 'silent\nshow-error\nwrite-out = "\\n%{http_code}"\n')
  })
  after(() => stack.disposeAsync())

  const run = async (
    command: string,
    changed: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const env = {
      HOME: home.path,
      REST_API_USER: demo.user,
      REST_API_PASSWORD: demo.password,
      MGM_API_URL: demo.restUrl,
      MGM_HOLDING_ID: demo.holdingId,
      ...changed,
    }
    const { stdout } = await runScript(command, { env })
    const end = stdout.lastIndexOf('\n')
    return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) }
  }
  const listed = async (): Promise<unknown> => JSON.parse((await run(list)).body)

  it('add a subject in any attribute order, list it in Corda’s, and remove it', async () => {
    assert.match(demo.restUrl, /\/api\/v5_1$/)
    assert.deepEqual(await run(add), { status: 204, body: '' })
    assert.deepEqual(await run(add), { status: 204, body: '' })
    assert.deepEqual(await listed(), ['CN=CordaOperator, O=Org, L=London, C=GB', clientB])
    assert.deepEqual(await run(addThree), { status: 204, body: '' })
    const two = 'CN=CordaOperatorTwo, O=Org, L=London, C=GB'
    assert.deepEqual(await run(addThree.replace('Three', 'Two')), { status: 204, body: '' })
    assert.ok(((await listed()) as string[]).includes(two))
    assert.deepEqual(await run(removeTwo), { status: 204, body: '' })
    assert.deepEqual(await run(removeTwo), { status: 204, body: '' })
    assert.deepEqual(await listed(), [
      'CN=CordaOperator, O=Org, L=London, C=GB',
      'CN=CordaOperatorThree, O=Org, L=London, C=GB',
      clientB,
    ])
  })

  it('get errors of Corda’s shape', async () => {
    const cases: readonly (readonly [Readonly<Record<string, string>>, string, number, RegExp])[] =
      [
        [{ REST_API_PASSWORD: 'wrong' }, list, 401, /^Error during user authentication/],
        [
          { MGM_HOLDING_ID: 'ABCDEFABCDEF' },
          list,
          404,
          /^virtual node 'ABCDEFABCDEF' not found\.$/,
        ],
        [{ MGM_HOLDING_ID: 'short' }, list, 400, /^Invalid holding identity short hash: /],
        [{}, add.replace('O=Org', 'O'), 400, /^subject is not a valid X500 name: /],
        [{}, add.replace(',L=London', ''), 400, /^subject is not a valid X500 name: /],
        [{}, add.replace('mutual-tls', 'mutual'), 404, /./],
        [{}, add.replace('PUT', 'PATCH'), 405, /./],
      ]
    for (const [changed, command, status, title] of cases) {
      const answer = await run(command, changed)
      const error: unknown = JSON.parse(answer.body)
      assert.ok(isCordaError(error), answer.body)
      assert.equal(answer.status, status, answer.body)
      assert.equal(error.status, status)
      assert.match(error.title, title)
      assert.ok(Object.values(error.details).every((value) => typeof value === 'string'))
    }
  })

  it('are asked for credentials when they bring none', async () => {
    const anonymous = list.replace('-u $REST_API_USER:$REST_API_PASSWORD', '-i')
    const { status, body } = await run(anonymous)
    assert.equal(status, 401)
    assert.match(body, /^www-authenticate: Basic realm=/im)
    assert.match(body, /"title":"User credentials are empty or cannot be resolved"/)
  })
})

interface CordaError {
  readonly title: string
  readonly status: number
  readonly details: Readonly<Record<string, unknown>>
}

function isCordaError(value: unknown): value is CordaError {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).toSorted().join() === 'details,status,title' &&
    'title' in value &&
    typeof value.title === 'string' &&
    'details' in value &&
    typeof value.details === 'object'
  )
}
