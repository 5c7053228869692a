import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  aRequest,
  connectTo,
  liveAuthority,
  listing,
  speak,
  startGuarded,
} from '../../test/guarded.ts'
import type { ClientOptions } from '../../test/guarded.ts'
import { refusalCatalogue } from '../trust/refusal-catalogue.ts'
import { acceptedConnection } from './guard.ts'

const versions = ['TLSv1.2', 'TLSv1.3'] as const
const authority = liveAuthority()
const intermediate = authority.intermediate({ subject: 'CN=Issuing' })
const listed = intermediate.issue({ subject: 'CN=listed' })
const policy = listing(authority, [listed])

interface Refused {
  readonly who: string
  readonly client: ClientOptions
  /** In the log. */
  readonly code: string
  /** Told to the peer. */
  readonly publicCode: string
}

const past = { notBefore: new Date(Date.now() - 9e9), notAfter: new Date(Date.now() - 1e6) }
const other = liveAuthority({ subject: 'CN=Test Root,O=Test' })
const selfSigned = liveAuthority({
  subject: 'CN=listed',
  extensions: { basicConstraints: { ca: false }, keyUsage: ['digitalSignature'] },
})
const refused: readonly Refused[] = [
  { who: 'no certificate', client: {}, code: 'HF-T101', publicCode: 'HF-T101' },
  {
    who: 'the same subject from another authority of the same name',
    client: { identity: other.issue({ subject: 'CN=listed' }) },
    code: 'HF-T110',
    publicCode: 'HF-T100',
  },
  {
    who: 'an unknown authority',
    client: {
      identity: liveAuthority({ subject: 'CN=Elsewhere' }).issue({ subject: 'CN=listed' }),
    },
    code: 'HF-T112',
    publicCode: 'HF-T100',
  },
  {
    who: 'a missing intermediate',
    client: { identity: listed },
    code: 'HF-T112',
    publicCode: 'HF-T100',
  },
  {
    who: 'a self-signed certificate',
    client: { identity: selfSigned },
    code: 'HF-T111',
    publicCode: 'HF-T100',
  },
  {
    who: 'a subject that is not listed',
    client: { identity: authority.issue({ subject: 'CN=stranger' }) },
    code: 'HF-T104',
    publicCode: 'HF-T104',
  },
  {
    who: 'an expired certificate',
    client: { identity: authority.issue({ subject: 'CN=listed', ...past }) },
    code: 'HF-T132',
    publicCode: 'HF-T132',
  },
  {
    who: 'a certificate for servers only',
    client: {
      identity: authority.issue({
        subject: 'CN=listed',
        extensions: { extendedKeyUsage: ['serverAuth'] },
      }),
    },
    code: 'HF-T134',
    publicCode: 'HF-T134',
  },
]

for (const version of versions) {
  const only = { minVersion: version, maxVersion: version }

  test(`Guard accepts a listed peer with its intermediate over ${version}`, async () => {
    await using server = await startGuarded({ policy: () => policy })
    const socket = connectTo(server, { ...only, identity: listed, intermediates: [intermediate] })
    const { text } = await speak(socket)
    assert.match(text, /^HTTP\/1\.1 200 [^]*welcome$/)
    const [connection] = server.accepted
    assert.equal(connection?.verdict.outcome, 'accept')
    assert.equal(connection.verdict.path?.length, 3)
    assert.equal(connection.peer.kind === 'certified' && connection.peer.intermediates.length, 1)
  })

  for (const { who, client, code, publicCode } of refused) {
    test(`Guard refuses ${who} over ${version}, and nothing of it reaches a parser`, async () => {
      await using server = await startGuarded({ policy: () => policy })
      const { text } = await speak(connectTo(server, { ...only, ...client }))
      const event = await server.event('connection-refused')
      assert.equal(event.refusals[0]?.code, code)
      assert.match(text, /^HTTP\/1\.1 403 Forbidden\r\n/)
      const problem: unknown = JSON.parse(text.slice(text.indexOf('\r\n\r\n')))
      assert.deepEqual(problem, {
        type: `urn:handfast:refusal:${publicCode}`,
        title: Object.values(refusalCatalogue).find((kind) => kind.code === publicCode)?.title,
        status: 403,
        code: publicCode,
        id: event.id,
      })
      assert.equal(server.accepted.length, 0)
      assert.equal(server.requests.length, 0)
    })
  }
}

test('Guard with refusal "drop" closes without a word', async () => {
  await using server = await startGuarded({ policy: () => policy, refusal: 'drop' })
  const { text } = await speak(connectTo(server))
  assert.equal(text, '')
  assert.equal((await server.event('connection-refused')).refusals[0]?.code, 'HF-T101')
})

test('Guard lets a refused peer that sends five megabytes read why', async () => {
  await using server = await startGuarded({ policy: () => policy })
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n'
  const { text } = await speak(connectTo(server), head + 'x'.repeat(5_000_000))
  assert.match(text, /HF-T101/)
  assert.equal(server.requests.length, 0)
})

test('Guard with tlsType ONE_WAY asks for no certificate, and takes none', async () => {
  await using server = await startGuarded({
    tlsType: 'ONE_WAY',
    policy: () => ({ ...policy, tlsType: 'ONE_WAY' }),
  })
  const { text } = await speak(connectTo(server, { identity: listed }))
  assert.match(text, /welcome/)
  assert.equal(server.accepted[0]?.peer.kind, 'anonymous')
})

test('Guard serves hundreds of connections at once, each by its own verdict', async () => {
  await using server = await startGuarded({ policy: () => policy })
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      speak(
        connectTo(
          server,
          index % 2 === 0 ? { identity: listed, intermediates: [intermediate] } : {},
        ),
      ),
    ),
  )
  assert.ok(
    answers.every(({ text }, index) => text.includes(index % 2 === 0 ? 'welcome' : 'HF-T101')),
  )
  assert.equal(server.requests.length, 100)
})

test('Guard passes on what a peer sends together with the end of its handshake', async () => {
  await using server = await startGuarded({ policy: () => policy })
  const socket = connectTo(server, { identity: listed, intermediates: [intermediate] })
  const pipelined = `GET /1 HTTP/1.1\r\nHost: a\r\n\r\n${aRequest}`
  const { text } = await speak(socket, pipelined)
  assert.equal(text.match(/welcome/g)?.length, 2)
  assert.deepEqual(
    server.requests.map(({ url }) => url),
    ['/1', '/'],
  )
})

test('acceptedConnection() knows the sockets that a guard accepted, and no others', async () => {
  let known: unknown
  await using server = await startGuarded({
    policy: () => policy,
    onConnection: ({ socket }) => {
      known = acceptedConnection(socket)
      socket.end('bye')
    },
  })
  const client = connectTo(server, { identity: listed, intermediates: [intermediate] })
  await speak(client, '')
  assert.ok(known)
  assert.equal(acceptedConnection(client), undefined)
})
