import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import {
  aRequest,
  connectTo,
  liveAuthority,
  listing,
  speak,
  startGuarded,
} from '../../test/guarded.ts'
import type { GuardedServer } from '../../test/guarded.ts'
import { encodeCertificatePem } from '../x509/certificate.ts'

const authority = liveAuthority()
const intermediate = authority.intermediate({ subject: 'CN=Issuing' })
const listed = intermediate.issue({ subject: 'CN=listed' })
const policy = listing(authority, [listed])
const limit = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(10_000) })

describe('Guard and the chains that peers send', () => {
  const strays = Array.from({ length: 12 }, (_, index) =>
    liveAuthority({ subject: `CN=Stray ${index}` }),
  )

  for (const [what, intermediates] of [
    ['its root as well', [intermediate, authority]],
    ['the root before the intermediate', [authority, intermediate]],
    ['certificates that have nothing to do with it', [...strays, intermediate]],
    ['the same intermediate twice', [intermediate, intermediate]],
  ] as const) {
    it(`accepts a peer that sends ${what}`, async () => {
      await using server = await startGuarded({ policy: () => policy })
      const { text } = await speak(connectTo(server, { identity: listed, intermediates }))
      assert.match(text, /welcome/)
      const [connection] = server.accepted
      assert.ok(connection?.peer.kind === 'certified')
      assert.deepEqual(
        connection.peer.intermediates.map(({ der }) => Buffer.from(der)),
        intermediates.map(({ certificate }) => Buffer.from(certificate.der)),
      )
    })
  }

  it('refuses a peer that sends 17 certificates, though the right ones are among them', async () => {
    await using server = await startGuarded({ policy: () => policy })
    const intermediates = [intermediate, ...strays, ...strays].slice(0, 16)
    const { text } = await speak(connectTo(server, { identity: listed, intermediates }))
    assert.match(text, /403 [^]*HF-T100/)
    assert.equal((await server.event('connection-refused')).refusals[0]?.code, 'HF-T102')
  })

  it('refuses a certificate that OpenSSL reads and we do not', async () => {
    await using server = await startGuarded({ policy: () => policy })
    const odd = authority.issue({ subject: 'CN=listed' })
    const cert = flipSerialSign(odd.certificate.der)
    const { text } = await speak(connectTo(server, { identity: odd, cert }))
    assert.match(text, /403 [^]*HF-T100/)
    const event = await server.event('connection-refused')
    assert.equal(event.refusals[0]?.code, 'HF-T102')
    assert.equal(event.peer, '(unreadable certificate)')
  })
})

describe('Guard and what its handshake gives away', () => {
  it('names no authority in its request for a certificate', async () => {
    await using server = await startGuarded({ policy: () => policy })
    const recorded = await recordServerBytes(server)
    assert.deepEqual(authoritiesIn(recorded), { asked: true, authorities: 0 })
  })

  it("lets OpenSSL trust nobody, not even the process's own roots", async (t) => {
    const before = getCACertificates('default')
    t.after(() => setDefaultCACertificates(before))
    setDefaultCACertificates([encodeCertificatePem(authority.certificate)])
    await using server = await startGuarded({ policy: () => policy })
    const intermediates = [intermediate]
    assert.match((await speak(connectTo(server, { identity: listed, intermediates }))).text, /200/)
    assert.equal(server.accepted[0]?.socket.authorized, false)
  })

  it('does not ask at all with tlsType ONE_WAY', async () => {
    await using server = await startGuarded({
      tlsType: 'ONE_WAY',
      policy: () => ({ ...policy, tlsType: 'ONE_WAY' }),
    })
    const recorded = await recordServerBytes(server)
    assert.deepEqual(authoritiesIn(recorded), { asked: false, authorities: 0 })
  })

  it('ends the handshake of a client that speaks HTTP/2 alone', async () => {
    await using server = await startGuarded({ policy: () => policy })
    const { text, error } = await speak(connectTo(server, { ALPNProtocols: ['h2'] }))
    assert.equal(text, '')
    assert.ok(error)
    await server.event('handshake-failed')
    assert.equal(server.accepted.length, 0)
  })
})

describe('Guard and a refused peer', () => {
  it('does not let it hold the connection by sending on', async () => {
    await using server = await startGuarded({ policy: () => policy })
    const socket = connectTo(server)
    socket.allowHalfOpen = true
    socket.on('error', () => undefined).resume()
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    // With an error or without: the guard reads so much and no more, and a reset is what is left then.
    socket.once('close', () => resolve())
    const chunk = Buffer.alloc(16_384, 'x')
    const send = (): void => {
      while (socket.writable && socket.write(chunk));
    }
    socket.on('drain', send)
    await once(socket, 'secureConnect', limit())
    send()
    await closed
    // What lies in buffers between the two ends included.
    assert.ok(socket.bytesWritten < 64 * 1024 * 1024)
    assert.equal(server.requests.length, 0)
  })

  it('does not let it hold the connection by never ending it', async () => {
    await using server = await startGuarded({ policy: () => policy })
    await using relay = await startRelay(server, { allowHalfOpen: true })
    const socket = connectTo({ ...server, port: relay.port })
    socket.allowHalfOpen = true
    socket.on('error', () => undefined).resume()
    await once(socket, 'end', limit())
    const { promise, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => reject(new Error('it is still open')), 10_000)
    await Promise.race([server.guard.close({ graceMs: 60_000 }), promise])
    clearTimeout(timer)
    socket.destroy()
  })

  it('survives its reset at any moment', async () => {
    await using server = await startGuarded({ policy: () => policy })
    let chunks = 0
    await using relay = await startRelay(server, {
      onServerBytes: (back) => {
        chunks += 1
        if (chunks % 3 !== 0) back.resetAndDestroy()
      },
    })
    await Promise.all(
      Array.from({ length: 30 }, async () => speak(connectTo({ ...server, port: relay.port }))),
    )
    assert.ok(chunks >= 30)
    const good = connectTo(server, { identity: listed, intermediates: [intermediate] })
    assert.match((await speak(good, aRequest)).text, /welcome/)
  })
})

/** Turns the serial number 1 to -127: DER, but not a certificate by RFC 5280 §4.1.2.2. */
function flipSerialSign(der: Uint8Array): string {
  const copy = Buffer.from(der)
  const at = copy.indexOf(Buffer.from('a003020102020101', 'hex'))
  assert.ok(at > 0)
  copy[at + 7] = 0x81
  return `-----BEGIN CERTIFICATE-----\n${copy.toString('base64')}\n-----END CERTIFICATE-----\n`
}

interface RelayOptions {
  readonly allowHalfOpen?: boolean
  readonly onServerBytes?: (back: Socket, chunk: Buffer) => void
}

/** Stands between a client and the guard, and sees their bytes as they are. */
async function startRelay(
  { port }: GuardedServer,
  { allowHalfOpen = false, onServerBytes }: RelayOptions,
): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>()
  const relay = createServer({ allowHalfOpen }, (front) => {
    const back = connectTcp({ port, host: '127.0.0.1', allowHalfOpen })
    sockets.add(front).add(back)
    back.on('data', (chunk: Buffer) => onServerBytes?.(back, chunk))
    // With half-open connections each direction ends by itself, or not at all.
    front.on('error', () => back.destroy()).pipe(back, { end: !allowHalfOpen })
    back.on('error', () => front.destroy()).pipe(front)
    back.on('close', () => front.destroy())
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening', limit())
  const address = relay.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      relay.close()
      await once(relay, 'close', limit())
    },
  }
}

/** What the server sends in a TLS 1.2 handshake, whose first flight anybody can read. */
async function recordServerBytes(server: GuardedServer): Promise<Buffer> {
  const chunks: Buffer[] = []
  await using relay = await startRelay(server, {
    onServerBytes: (_, chunk) => chunks.push(chunk),
  })
  await speak(connectTo({ ...server, port: relay.port }, { maxVersion: 'TLSv1.2' }))
  return Buffer.concat(chunks)
}

/** RFC 5246 §7.4.4: CertificateRequest is message 13; the names are behind the types and the signature algorithms. */
function authoritiesIn(recorded: Buffer): { asked: boolean; authorities: number } {
  const messages: Buffer[] = []
  for (let at = 0; recorded[at] === 22; at += 5 + recorded.readUInt16BE(at + 3)) {
    messages.push(recorded.subarray(at + 5, at + 5 + recorded.readUInt16BE(at + 3)))
  }
  const handshake = Buffer.concat(messages)
  for (let at = 0; at + 4 <= handshake.length; at += 4 + handshake.readUIntBE(at + 1, 3)) {
    if (handshake[at] === 14) break
    if (handshake[at] !== 13) continue
    const types = handshake[at + 4] ?? 0
    const algorithms = at + 5 + types
    const names = algorithms + 2 + handshake.readUInt16BE(algorithms)
    return { asked: true, authorities: handshake.readUInt16BE(names) }
  }
  return { asked: false, authorities: 0 }
}
