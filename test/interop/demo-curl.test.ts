import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startHandfast } from '../support/handfast.ts'
import { runScript } from '../support/run-command.ts'
import type { RunningProcess } from '../support/running-process.ts'
import { needs } from './foreign-programs.ts'

const newcomer = 'CN=client-b-batch, O=Client B Organization, L=Paris, C=FR'
const clientB = 'CN=client-b, O=Client B Organization, L=Paris, C=FR'

// What a user copies from the terminal, run as it stands there.
describe('the commands that handfast demo prints', needs('bash', 'curl'), () => {
  const stack = new AsyncDisposableStack()
  let demo: RunningProcess
  let commands: readonly string[]

  before(async () => {
    demo = stack.use(startHandfast(['demo']))
    await demo.waitFor('stderr', /Everything stays up/)
    await demo.waitFor('stdout', /-X DELETE \S+\n/)
    commands = demo.stdout.split('\n').flatMap((line) => /^ {2}(curl .*)$/.exec(line)?.[1] ?? [])
  })
  after(() => stack.disposeAsync())

  const copied = async (index: number): Promise<string> => {
    const command = commands[index]
    assert.ok(command !== undefined, `no command ${index} in\n${demo.stdout}`)
    return (await runScript(command, {})).stdout
  }

  it('are six', () => {
    assert.equal(commands.length, 6, demo.stdout)
  })

  it('call the gateway as Client B, who is greeted', async () => {
    assert.equal(await copied(0), 'Hello, client-b!\n')
  })

  it('call the gateway as the subject that was removed, who reads why not', async () => {
    assert.partialDeepStrictEqual(JSON.parse(await copied(1)), { status: 403, code: 'HF-T104' })
  })

  it('call the gateway as nobody, who reads what is missing', async () => {
    assert.partialDeepStrictEqual(JSON.parse(await copied(2)), { status: 403, code: 'HF-T101' })
  })

  it('introduce the removed subject, who is greeted then, and remove it again', async () => {
    assert.deepEqual(JSON.parse(await copied(3)), [clientB])
    assert.equal(await copied(4), '')
    assert.deepEqual(JSON.parse(await copied(3)), [clientB, newcomer])
    assert.equal(await copied(1), 'Hello, client-b-batch!\n')
    assert.equal(await copied(5), '')
    assert.deepEqual(JSON.parse(await copied(3)), [clientB])
    assert.partialDeepStrictEqual(JSON.parse(await copied(1)), { code: 'HF-T104' })
  })

  it('lose their files at Ctrl-C, with status 0', async () => {
    const root = /--cacert (\S+)/.exec(commands[0] ?? '')?.[1] ?? ''
    assert.ok(existsSync(root))
    assert.deepEqual(await demo.stop('SIGINT'), { status: 0, signal: null })
    assert.ok(!existsSync(path.dirname(root)))
  })
})
