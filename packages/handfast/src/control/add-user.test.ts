import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '@handfast/kit/base'
import { addUser } from './add-user.ts'
import { Authenticator } from './authenticator.ts'
import { ControlError } from './errors.ts'
import { basic, openTestStore } from './rest-stage.test.ts'

const by = { actor: 'cli', clock: systemClock }

describe('addUser', { timeout: 30_000 }, () => {
  it('generates a password of 192 bits, and it works', async () => {
    await using test = await openTestStore()
    const { store } = test
    const { generatedPassword } = await addUser(store, { ...by, name: 'alice' })
    assert.match(generatedPassword ?? '', /^[\w-]{32}$/)
    const authenticator = new Authenticator({ store, clock: systemClock })
    assert.equal(await authenticator.authenticate(basic('alice', generatedPassword ?? '')), 'alice')
  })

  it('takes a password of 12 characters, and then generates none', async () => {
    await using test = await openTestStore()
    const added = await addUser(test.store, { ...by, name: 'bob', password: 'twelve chars' })
    assert.deepEqual(added, { name: 'bob' })
  })

  it('keeps a hash and an audit row, and no password', async () => {
    await using test = await openTestStore()
    await addUser(test.store, { ...by, name: 'bob', password: 'twelve chars' })
    const { users, audit } = await test.store.transaction(async (tx) => ({
      users: await tx.users.list(),
      audit: await tx.audit.list(),
    }))
    assert.deepEqual(
      audit.map(({ actor, action, target, details }) => ({ actor, action, target, details })),
      [{ actor: 'cli', action: 'user.add', target: 'bob', details: {} }],
    )
    assert.match(users[0]?.passwordHash ?? '', /^\$scrypt\$/)
    assert.ok(!JSON.stringify({ users, audit }).includes('twelve chars'))
  })

  it('refuses a name that is taken, unless it is to be replaced', async () => {
    await using test = await openTestStore()
    const { store } = test
    await addUser(store, { ...by, name: 'bob', password: 'twelve chars' })
    await assert.rejects(addUser(store, { ...by, name: 'bob' }), {
      code: 'HF-C122',
      reason: 'user-exists',
    })
    await addUser(store, { ...by, name: 'bob', password: 'another twelve', replace: true })
    const [latest] = await store.transaction(async (tx) => tx.audit.list())
    assert.equal(latest?.action, 'user.set-password')
    const authenticator = new Authenticator({ store, clock: systemClock })
    assert.equal(await authenticator.authenticate(basic('bob', 'another twelve')), 'bob')
    await assert.rejects(authenticator.authenticate(basic('bob', 'twelve chars')))
  })

  it('refuses names that a header or a log cannot carry', async () => {
    await using test = await openTestStore()
    for (const name of ['', 'a:b', ' a', 'a\n', 'a'.repeat(65), '\ud800']) {
      await assert.rejects(addUser(test.store, { ...by, name }), { reason: 'user-name-invalid' })
    }
    await addUser(test.store, { ...by, name: 'Ærøskøbing ops' })
  })

  it('refuses weak and impossible passwords, and never says them', async () => {
    await using test = await openTestStore()
    for (const password of ['', 'eleven char', 'x'.repeat(257), 'line\nbreak in it']) {
      await assert.rejects(addUser(test.store, { ...by, name: 'bob', password }), (error) => {
        assert.ok(error instanceof ControlError)
        assert.equal(error.reason, 'password-unsuitable')
        const said = JSON.stringify([error.message, error.hint, error.details])
        return password === '' || !said.includes(password)
      })
    }
    assert.deepEqual(await test.store.transaction(async (tx) => tx.users.list()), [])
  })
})
