import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { testAuthority } from '../../../test/certificates.ts'
import { temporaryFolder } from '../../../test/run-program.ts'
import { reserveOutputs } from '../files.ts'
import { writeIssued } from './write-issued.ts'

test('writeIssued() says which certificate is recorded when its files cannot be written', async (t) => {
  const folder = await temporaryFolder(t)
  const places = ['web.crt', 'web.key'].map((name) => ({ path: join(folder, name), secret: true }))
  const authority = await testAuthority()
  const { certificate } = await authority.issue({ serialNumber: '4711' })
  {
    await using outputs = await reserveOutputs(places, { force: false })
    await writeFile(join(folder, 'web.key'), 'of another program')
    await assert.rejects(writeIssued(outputs, { contents: ['', ''], certificate }), {
      reason: 'file-exists',
      message: /certificate 4711 was recorded/,
      hint: /run the command again/,
    })
  }
  assert.deepEqual(await readdir(folder), ['web.key'])
})
