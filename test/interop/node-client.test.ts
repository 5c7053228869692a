import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import type { SecureVersion } from 'node:tls'
import { startDemo } from '../support/demo.ts'
import type { RunningDemo } from '../support/demo.ts'

const versions: readonly SecureVersion[] = ['TLSv1.2', 'TLSv1.3']
const times = 50

interface Call {
  readonly version: SecureVersion
  readonly certified: boolean
  readonly body?: Uint8Array
}

// Not our own client and no dispatcher: node:https as anybody writes it, by the Node that runs this test.
describe('a plain Node client', () => {
  const stack = new AsyncDisposableStack()
  let demo: RunningDemo
  let files: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer }

  before(async () => {
    demo = stack.use(await startDemo())
    files = {
      ca: readFileSync(demo.rootFile),
      cert: readFileSync(demo.certificateFile),
      key: readFileSync(demo.keyFile),
    }
  })
  after(() => stack.disposeAsync())

  const call = async ({ version, certified, body }: Call): Promise<readonly [number, string]> => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly [number, string]>()
    const { ca, cert, key } = files
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: demo.gatewayPort,
        path: '/hello',
        method: body === undefined ? 'GET' : 'POST',
        agent: false,
        minVersion: version,
        maxVersion: version,
        signal: AbortSignal.timeout(20_000),
        ca,
        ...(certified && { cert, key }),
      },
      (response) => {
        text(response).then((read) => resolve([response.statusCode ?? 0, read]), reject)
      },
    )
    outgoing.once('error', reject)
    outgoing.end(body)
    return promise
  }

  for (const version of versions) {
    it(`is greeted with ${version}`, async () => {
      assert.deepEqual(await call({ version, certified: true }), [200, 'Hello, client-b!\n'])
    })

    it(`sends a megabyte with ${version} and is greeted`, async () => {
      const body = new Uint8Array(1_000_000)
      assert.deepEqual(await call({ version, certified: true, body }), [200, 'Hello, client-b!\n'])
    })

    for (const size of [0, 1_000_000]) {
      const what = size === 0 ? 'a GET' : 'a POST with a megabyte'
      it(`reads the whole refusal of ${what} with ${version}, ${times} times of ${times}`, async () => {
        for (let round = 0; round < times; round += 1) {
          const body = size === 0 ? {} : { body: new Uint8Array(size) }
          const [status, read] = await call({ version, certified: false, ...body })
          assert.equal(status, 403, `round ${round}`)
          assert.partialDeepStrictEqual(JSON.parse(read), { status: 403, code: 'HF-T101' })
        }
      })
    }
  }
})
