import assert from 'node:assert/strict'
import { connect as connectTcp } from 'node:net'
import { test } from 'node:test'
import { connectTo, speak, startGuarded } from '../../test/guarded.ts'
import { handshakeFailure, handshakeFailures } from './handshake-failure.ts'

for (const [what, options, code] of [
  [
    'an old client',
    { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    'HF-L202',
  ],
  [
    'a client without a fitting cipher',
    { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' },
    'HF-L203',
  ],
  ['a client of another protocol', { ALPNProtocols: ['h2'] }, 'HF-L206'],
  ['a client without a known group', { ecdhCurve: 'secp521r1', minVersion: 'TLSv1.3' }, undefined],
] as const) {
  test(`Guard names why the handshake of ${what} fails`, async () => {
    await using server = await startGuarded()
    await speak(connectTo(server, options))
    // A group that OpenSSL knows by default is no failure: then the client is refused for having no certificate.
    if (code === undefined)
      return assert.equal((await server.event('connection-refused')).publicCode, 'HF-T101')
    assert.equal((await server.event('handshake-failed')).failure.code, code)
  })
}

test('Guard names why the handshake of a client that speaks plain HTTP fails', async () => {
  await using server = await startGuarded()
  const socket = connectTcp(server.port, '127.0.0.1').on('error', () => undefined)
  socket.resume().end('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const { failure, remoteAddress } = await server.event('handshake-failed')
  assert.equal(failure.code, 'HF-L201')
  assert.equal(remoteAddress, '127.0.0.1')
})

test('handshakeFailure() names the alerts by which a peer refuses our certificate', () => {
  for (const alert of [
    'TLSV1_ALERT_UNKNOWN_CA',
    'SSLV3_ALERT_BAD_CERTIFICATE',
    'SSLV3_ALERT_CERTIFICATE_EXPIRED',
  ]) {
    assert.equal(handshakeFailure(`ERR_SSL_${alert}`).code, 'HF-L207')
  }
  assert.equal(handshakeFailure('ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR').code, 'HF-L200')
  assert.equal(handshakeFailure('anything').name, 'handshake-failed')
})

test('handshakeFailures has a code for each, and none twice', () => {
  const codes = Object.values(handshakeFailures).map(({ code }) => code)
  assert.equal(new Set(codes).size, codes.length)
})
