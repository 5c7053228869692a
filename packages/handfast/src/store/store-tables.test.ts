import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { storeSuite } from './store-engines.test.ts'
import type { AllowedMember, IssuedCertificate, Issuer, Manager, User } from './store.ts'

const at = new Date('2026-11-21T10:00:00.000Z')
const later = new Date('2026-11-21T10:00:00.001Z')

const user: User = { name: 'alice', passwordHash: '$scrypt$1', createdAt: at, updatedAt: at }
const manager: Manager = {
  holdingId: '3B9A266F96E2',
  name: 'O=Manager, L=London, C=GB',
  groupId: 'b5a9f2de-7f0b-4f0e-8a39-0ad1c3b6f0c1',
  anchors: ['a1', 'a2'],
  createdAt: at,
}
const entry: AllowedMember = {
  holdingId: manager.holdingId,
  anchor: 'a1',
  name: 'CN=One, O=Org, L=London, C=GB',
  createdAt: at,
  actor: 'alice',
}
const root: Issuer = {
  id: 'root-id',
  name: 'root',
  kind: 'root',
  certificate: Uint8Array.of(0x30, 0, 255),
  chain: [],
  privateKeyPem: '-----BEGIN ENCRYPTED PRIVATE KEY-----',
  parentId: null,
  createdAt: at,
}
const intermediate: Issuer = {
  ...root,
  id: 'intermediate-id',
  name: 'intermediate',
  kind: 'intermediate',
  chain: [root.certificate, Uint8Array.of(7)],
  privateKeyPem: null,
  parentId: root.id,
  createdAt: later,
}
const certificate: IssuedCertificate = {
  issuerId: root.id,
  serialNumber: 'ffee0011223344556677',
  subject: 'CN=a, O=b',
  profile: 'client',
  notBefore: at,
  notAfter: later,
  certificate: Uint8Array.of(0x30, 1, 2),
  publicKeyFingerprint: 'f1',
  issuedAt: at,
}
const record = { at, actor: 'alice', action: 'test.run', target: 'this', details: {} }

storeSuite('the tables', ({ write }) => {
  describe('users', () => {
    it('keeps one row a name, and when it was made', async () => {
      await write(async (tx) => tx.users.upsert(user))
      const changed = { ...user, passwordHash: '$scrypt$2', createdAt: later, updatedAt: later }
      await write(async (tx) => tx.users.upsert(changed))
      await write(async (tx) => tx.users.upsert({ ...user, name: 'Alice' }))
      const users = await write(async (tx) => tx.users.list())
      assert.deepEqual(users, [
        { ...user, name: 'Alice' },
        { ...changed, createdAt: at },
      ])
    })

    it('finds by the exact name', async () => {
      await write(async (tx) => tx.users.upsert(user))
      assert.deepEqual(await write(async (tx) => tx.users.byName('alice')), user)
      assert.equal(await write(async (tx) => tx.users.byName('ALICE')), undefined)
    })

    it('keeps any text as it is', async () => {
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (text) => {
          const named = { ...user, name: text, passwordHash: text }
          await write(async (tx) => tx.users.upsert(named))
          assert.deepEqual(await write(async (tx) => tx.users.byName(text)), named)
        }),
        { numRuns: 50 },
      )
    })
  })

  describe('managers', () => {
    it('inserts, finds, updates and lists', async () => {
      await write(async (tx) => tx.managers.insert(manager))
      const changed = { ...manager, anchors: ['a3'], groupId: 'g2' }
      await write(async (tx) => tx.managers.update({ ...changed, createdAt: later }))
      const found = await write(async (tx) => tx.managers.byHoldingId(manager.holdingId))
      assert.deepEqual(found, changed)
      assert.deepEqual(await write(async (tx) => tx.managers.list()), [changed])
    })

    it('refuses a second one with the same holding id', async () => {
      await write(async (tx) => tx.managers.insert(manager))
      await assert.rejects(
        write(async (tx) => tx.managers.insert(manager)),
        { code: 'HF-S104', reason: 'conflict' },
      )
    })

    it('refuses to update one that is not there', async () => {
      await assert.rejects(
        write(async (tx) => tx.managers.update(manager)),
        { reason: 'row-missing' },
      )
      assert.equal(await write(async (tx) => tx.managers.byHoldingId('X')), undefined)
    })
  })

  describe('the allow-list', () => {
    beforeEach(async () => write(async (tx) => tx.managers.insert(manager)))

    it('adds once', async () => {
      assert.equal(await write(async (tx) => tx.allowList.add(entry)), true)
      const again = { ...entry, actor: 'bob', createdAt: later }
      assert.equal(await write(async (tx) => tx.allowList.add(again)), false)
      assert.deepEqual(await write(async (tx) => tx.allowList.list()), [entry])
      assert.equal(await write(async (tx) => tx.allowList.count()), 1)
    })

    it('removes a name under every anchor, and says what', async () => {
      const other = { ...entry, name: 'CN=Two, O=Org, L=London, C=GB' }
      const second = { ...entry, anchor: 'a2' }
      await write(async (tx) => {
        for (const each of [second, entry, other]) await tx.allowList.add(each)
      })
      const removed = await write(async (tx) => tx.allowList.remove(entry))
      assert.deepEqual(removed, [entry, second])
      assert.deepEqual(await write(async (tx) => tx.allowList.remove(entry)), [])
      assert.deepEqual(await write(async (tx) => tx.allowList.list()), [other])
    })

    it('lists by manager, sorted by name and anchor', async () => {
      const stranger = { ...manager, holdingId: '000000000000', createdAt: later }
      const [a, b, c] = [
        entry,
        { ...entry, anchor: 'a2' },
        { ...entry, holdingId: stranger.holdingId, name: 'CN=Aaa, O=Org, L=London, C=GB' },
      ]
      await write(async (tx) => {
        await tx.managers.insert(stranger)
        for (const each of [b, a, c]) await tx.allowList.add(each)
      })
      const own = await write(async (tx) => tx.allowList.list({ holdingId: manager.holdingId }))
      assert.deepEqual(own, [a, b])
      assert.deepEqual(await write(async (tx) => tx.allowList.list()), [c, a, b])
      assert.deepEqual(await write(async (tx) => tx.allowList.list({ limit: 2 })), [c, a])
    })

    it('refuses an entry of a manager that is not there', async () => {
      await assert.rejects(
        write(async (tx) => tx.allowList.add({ ...entry, holdingId: 'X' })),
        { code: 'HF-S105', reason: 'reference-missing' },
      )
    })
  })

  describe('issuers and certificates', () => {
    beforeEach(async () => write(async (tx) => tx.issuers.insert(root)))

    it('keeps an issuer as it was given', async () => {
      await write(async (tx) => tx.issuers.insert(intermediate))
      assert.deepEqual(await write(async (tx) => tx.issuers.byName('intermediate')), intermediate)
      assert.deepEqual(await write(async (tx) => tx.issuers.byId(root.id)), root)
      assert.deepEqual(await write(async (tx) => tx.issuers.list()), [root, intermediate])
      assert.equal(await write(async (tx) => tx.issuers.byName('none')), undefined)
    })

    it('refuses a name that is taken, and a parent that is not there', async () => {
      await assert.rejects(
        write(async (tx) => tx.issuers.insert({ ...intermediate, name: root.name })),
        { reason: 'conflict' },
      )
      await assert.rejects(
        write(async (tx) => tx.issuers.insert({ ...intermediate, parentId: 'nobody' })),
        { reason: 'reference-missing' },
      )
    })

    it('keeps certificates, newest first', async () => {
      const second = { ...certificate, serialNumber: '01', publicKeyFingerprint: 'f2' }
      await write(async (tx) => tx.issuers.insert(intermediate))
      const third = { ...certificate, issuerId: intermediate.id }
      await write(async (tx) => {
        for (const each of [certificate, second, third]) await tx.certificates.insert(each)
      })
      const { certificates: all, ...found } = await write(async (tx) => ({
        certificates: await tx.certificates.list(),
        issuer: await tx.certificates.byIssuer(root.id),
        key: await tx.certificates.byPublicKey('f1'),
        one: await tx.certificates.list({ limit: 1 }),
      }))
      assert.deepEqual(all, [third, second, certificate])
      assert.deepEqual(found.issuer, [second, certificate])
      assert.deepEqual(found.key, [third, certificate])
      assert.deepEqual(found.one, [third])
    })

    it('refuses a serial number that the issuer used', async () => {
      await write(async (tx) => tx.certificates.insert(certificate))
      await assert.rejects(
        write(async (tx) => tx.certificates.insert({ ...certificate, subject: 'CN=other' })),
        { reason: 'conflict' },
      )
      await assert.rejects(
        write(async (tx) => tx.certificates.insert({ ...certificate, issuerId: 'nobody' })),
        { reason: 'reference-missing' },
      )
    })
  })

  describe('the audit', () => {
    it('keeps what it was told, newest first', async () => {
      const details = { text: 'a', number: 1, yes: true, list: ['x', 'y'] }
      const first = await write(async (tx) => tx.audit.append(record))
      const second = await write(async (tx) => tx.audit.append({ ...record, details }))
      assert.ok(second.sequence > first.sequence)
      const rows = await write(async (tx) => tx.audit.list())
      assert.deepEqual(rows, [{ ...record, details, sequence: second.sequence }, first])
      assert.deepEqual(await write(async (tx) => tx.audit.list({ limit: 1 })), [rows[0]])
    })

    it('keeps nothing of a transaction that failed', async () => {
      const failure = new Error('changed my mind')
      await assert.rejects(
        write(async (tx) => {
          await tx.users.upsert(user)
          await tx.audit.append(record)
          await tx.revision.bump(at)
          throw failure
        }),
        failure,
      )
      const kept = await write(async (tx) => ({
        users: await tx.users.list(),
        audit: await tx.audit.list(),
        revision: (await tx.revision.current()).number,
      }))
      assert.deepEqual(kept, { users: [], audit: [], revision: 0 })
    })
  })

  describe('lists', () => {
    it('take a limit that is a number of rows', async () => {
      for (const limit of [0, -1, 1.5, Number.NaN, 100_001]) {
        await assert.rejects(
          write(async (tx) => tx.users.list({ limit })),
          RangeError,
        )
      }
    })
  })
})
