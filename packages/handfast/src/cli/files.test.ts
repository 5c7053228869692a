import assert from 'node:assert/strict'
import { mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../test/run-program.ts'
import { readInput, reserveOutputs, writeOutputs } from './files.ts'

const secret = { secret: true, content: 'secret' }
const open = { secret: false, content: 'open' }

test('writeOutputs() writes each file whole, secrets for their owner only', async (t) => {
  const folder = await temporaryFolder(t)
  const [key, certificate] = [join(folder, 'new', 'web.key'), join(folder, 'new', 'web.crt')]
  await writeOutputs(
    [
      { path: key, ...secret },
      { path: certificate, ...open },
    ],
    { force: false },
  )
  assert.equal(await readFile(key, 'utf8'), 'secret')
  assert.equal((await stat(key)).mode & 0o777, 0o600)
  assert.equal((await stat(certificate)).mode & 0o077, 0o044)
  assert.deepEqual((await readdir(join(folder, 'new'))).toSorted(), ['web.crt', 'web.key'])
})

test('writeOutputs() replaces a file with force only, and makes a secret private then', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'web.key')
  await writeFile(path, 'old', { mode: 0o644 })
  const write = (force: boolean): Promise<void> => writeOutputs([{ path, ...secret }], { force })
  await assert.rejects(write(false), { reason: 'file-exists' })
  assert.equal(await readFile(path, 'utf8'), 'old')
  await write(true)
  assert.equal(await readFile(path, 'utf8'), 'secret')
  assert.equal((await stat(path)).mode & 0o777, 0o600)
})

test('reserveOutputs() leaves nothing when one of the places cannot be written to', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'file'), '')
  const places = [
    { path: join(folder, 'web.crt'), secret: false },
    { path: join(folder, 'file', 'web.key'), secret: true },
  ]
  await assert.rejects(reserveOutputs(places, { force: false }), { reason: 'file-unwritable' })
  assert.deepEqual(await readdir(folder), ['file'])
})

test('reserveOutputs() leaves nothing when it is disposed without having been written', async (t) => {
  const folder = await temporaryFolder(t)
  {
    await using _ = await reserveOutputs([{ path: join(folder, 'a'), secret: true }], {
      force: false,
    })
    assert.equal((await readdir(folder)).length, 1)
  }
  assert.deepEqual(await readdir(folder), [])
})

test('reserveOutputs() writes nothing when another program took a place meanwhile', async (t) => {
  const folder = await temporaryFolder(t)
  const places = ['a', 'b'].map((name) => ({ path: join(folder, name), secret: false }))
  await using outputs = await reserveOutputs(places, { force: false })
  await writeFile(join(folder, 'b'), 'theirs')
  await assert.rejects(outputs.write(['1', '2']), { reason: 'file-exists' })
  await outputs[Symbol.asyncDispose]()
  assert.deepEqual(await readdir(folder), ['b'])
  assert.equal(await readFile(join(folder, 'b'), 'utf8'), 'theirs')
})

test('reserveOutputs() never replaces a folder or a device, not even with force', async (t) => {
  const folder = await temporaryFolder(t)
  await mkdir(join(folder, 'sub'))
  await symlink('/dev/null', join(folder, 'device'))
  for (const name of ['sub', 'device']) {
    const reserve = reserveOutputs([{ path: join(folder, name), secret: false }], { force: true })
    await assert.rejects(reserve, { reason: 'file-unwritable' })
  }
})

test('readInput() refuses a folder, a missing file and an endless one', async (t) => {
  const folder = await temporaryFolder(t)
  const places = [folder, join(folder, 'missing'), '/dev/zero']
  for (const path of process.platform === 'win32' ? places.slice(0, 2) : places) {
    await assert.rejects(readInput(path), { reason: 'file-unreadable' })
  }
})
