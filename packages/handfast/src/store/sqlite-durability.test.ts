import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { describe, it } from 'node:test'
import { openSqliteStore } from './sqlite-store.ts'
import type { Revision } from './store.ts'
import { temporaryFolder } from './store-engines.test.ts'

const at = '2026-11-21T10:00:00.000Z'
const modulePath = import.meta.resolve('./sqlite-store.ts')

/** A process of its own that opens `file`, runs `body` and then stays. */
function start(file: string, body: string): ChildProcess {
  const script = `
    import { openSqliteStore } from ${JSON.stringify(modulePath)}
    const at = new Date('${at}')
    const store = await openSqliteStore({ file: ${JSON.stringify(file)} })
    setInterval(() => undefined, 60_000)
    ${body}`
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function hear(child: ChildProcess, word: string): Promise<void> {
  assert.ok(child.stdout)
  for await (const chunk of child.stdout) {
    if (String(chunk).includes(word)) return
  }
  assert.fail(`the process ended without saying "${word}"`)
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

describe('a killed process', { timeout: 60_000, skip: process.platform === 'win32' }, () => {
  it('leaves what it committed, and nothing of what it had not', async (t) => {
    const file = path.join(temporaryFolder(t), 'handfast.db')
    const child = start(
      file,
      `
      const manager = { holdingId: 'A', name: 'O=M', groupId: 'g', anchors: ['a1'], createdAt: at }
      const entry = { holdingId: 'A', anchor: 'a1', createdAt: at, actor: 'alice' }
      await store.transaction(async (tx) => {
        await tx.managers.insert(manager)
        await tx.allowList.add({ ...entry, name: 'one' })
        await tx.audit.append({ at, actor: 'alice', action: 'a', target: 't', details: {} })
        await tx.revision.bump(at)
      })
      await store.transaction(async (tx) => {
        await tx.allowList.add({ ...entry, name: 'two' })
        await tx.audit.append({ at, actor: 'alice', action: 'b', target: 't', details: {} })
        console.log('ready')
        await new Promise(() => undefined)
      })`,
    )
    t.after(() => child.kill('SIGKILL'))
    await hear(child, 'ready')
    await kill(child)
    await using store = await openSqliteStore({ file })
    const found = await store.transaction(async (tx) => ({
      names: (await tx.allowList.list()).map(({ name }) => name),
      actions: (await tx.audit.list()).map(({ action }) => action),
      revision: (await tx.revision.current()).number,
    }))
    assert.deepEqual(found, { names: ['one'], actions: ['a'], revision: 1 })
  })

  it('gives its lock back', async (t) => {
    const file = path.join(temporaryFolder(t), 'handfast.db')
    await using store = await openSqliteStore({ file })
    const child = start(
      file,
      `await store.transaction(async (tx) => {
        await tx.revision.bump(at)
        console.log('ready')
        await new Promise(() => undefined)
      })`,
    )
    t.after(() => child.kill('SIGKILL'))
    await hear(child, 'ready')
    const waiting = store.transaction(async (tx) => tx.revision.bump(new Date(at)))
    await kill(child)
    assert.equal((await waiting).number, 1)
  })
})

describe('another process', { timeout: 60_000 }, () => {
  it('is heard when it changes something', async (t) => {
    const file = path.join(temporaryFolder(t), 'handfast.db')
    await using store = await openSqliteStore({ file })
    const told = new Promise<Revision>((resolve) => store.watchRevision(resolve))
    const child = start(file, 'await store.transaction(async (tx) => tx.revision.bump(at))')
    t.after(() => child.kill('SIGKILL'))
    assert.deepEqual(await told, { number: 1, at: new Date(at) })
  })
})
