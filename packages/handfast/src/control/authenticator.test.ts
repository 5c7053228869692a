import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '@handfast/kit/base'
import type { Store } from '../store/store.ts'
import { addUser } from './add-user.ts'
import { Authenticator } from './authenticator.ts'
import { authorization, basic, openTestStore, password } from './rest-stage.test.ts'

async function addAlice(store: Store): Promise<void> {
  await addUser(store, { name: 'alice', password, actor: 'test', clock: systemClock })
}

/** A clock that stands still until it is set. */
function testClock(): { now(): Date; schedule(): () => void; set(at: number): void } {
  let at = Date.parse('2026-11-21T10:00:00Z')
  return {
    now: () => new Date(at),
    schedule: () => () => undefined,
    set: (next) => (at = next),
  }
}

describe('Authenticator', { timeout: 30_000 }, () => {
  it('knows a user by name and password', async () => {
    await using test = await openTestStore()
    await addAlice(test.store)
    const authenticator = new Authenticator({ store: test.store, clock: systemClock })
    assert.equal(await authenticator.authenticate(authorization), 'alice')
  })

  it('refuses no credentials, a wrong password and an unknown user', async () => {
    await using test = await openTestStore()
    await addAlice(test.store)
    const authenticator = new Authenticator({ store: test.store, clock: systemClock })
    const refused = {
      'credentials-missing': [undefined, '', 'Basic !', 'Bearer x'],
      'credentials-wrong': [
        basic('alice', `${password}.`),
        basic('alice', ''),
        basic('Alice', password),
        basic('bob', password),
      ],
    }
    for (const [reason, headers] of Object.entries(refused)) {
      for (const header of headers) {
        await assert.rejects(authenticator.authenticate(header), { reason })
      }
    }
  })

  it('spends a verification on an unknown user as well', async () => {
    await using test = await openTestStore()
    await addAlice(test.store)
    const authenticator = new Authenticator({
      store: test.store,
      clock: systemClock,
      maxVerifications: 0,
    })
    for (const name of ['alice', 'nobody']) {
      await assert.rejects(authenticator.authenticate(basic(name, password)), {
        code: 'HF-C103',
        reason: 'verifications-exhausted',
      })
    }
  })

  it('checks at most so many passwords at once, the same one only once', async () => {
    await using test = await openTestStore()
    await addAlice(test.store)
    const authenticator = new Authenticator({
      store: test.store,
      clock: systemClock,
      maxVerifications: 1,
    })
    const same = [authorization, authorization, authorization].map(async (header) =>
      authenticator.authenticate(header),
    )
    const other = authenticator.authenticate(basic('alice', 'another password'))
    await assert.rejects(other, { reason: 'verifications-exhausted' })
    assert.deepEqual(await Promise.all(same), ['alice', 'alice', 'alice'])
  })

  it('remembers a verified credential for a minute', async () => {
    await using test = await openTestStore()
    await addAlice(test.store)
    const clock = testClock()
    const authenticator = new Authenticator({ store: test.store, clock, maxVerifications: 1 })
    await authenticator.authenticate(authorization)
    // The one place is taken: only what is remembered gets in.
    const taking = authenticator.authenticate(basic('alice', 'another password'))
    assert.equal(await authenticator.authenticate(authorization), 'alice')
    clock.set(clock.now().getTime() + 60_000)
    await assert.rejects(authenticator.authenticate(authorization), {
      reason: 'verifications-exhausted',
    })
    await assert.rejects(taking, { reason: 'credentials-wrong' })
  })

  it('forgets it when the password is set anew', async () => {
    await using test = await openTestStore()
    await addAlice(test.store)
    const authenticator = new Authenticator({ store: test.store, clock: systemClock })
    await authenticator.authenticate(authorization)
    const next = 'quite another one'
    await addUser(test.store, {
      name: 'alice',
      password: next,
      replace: true,
      actor: 'test',
      clock: systemClock,
    })
    await assert.rejects(authenticator.authenticate(authorization), {
      reason: 'credentials-wrong',
    })
    assert.equal(await authenticator.authenticate(basic('alice', next)), 'alice')
  })

  it('does not remember what was wrong', async () => {
    await using test = await openTestStore()
    await addAlice(test.store)
    const authenticator = new Authenticator({ store: test.store, clock: systemClock })
    const header = basic('alice', 'another password')
    for (const attempt of [1, 2]) {
      await assert.rejects(
        authenticator.authenticate(header),
        { reason: 'credentials-wrong' },
        `attempt ${attempt}`,
      )
    }
  })
})
