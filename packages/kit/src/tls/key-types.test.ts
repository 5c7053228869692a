import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { it } from 'node:test'
import { aRequest, liveAuthority, listing, startGuarded } from '../../test/guarded.ts'
import { needsKey } from '../../test/certificates.ts'
import { fixedIdentity } from '../identity/identity.ts'
import { caAnchor } from '../trust/anchor.ts'
import { generatePrivateKey, keyAlgorithms } from '../x509/keys.ts'
import type { KeyAlgorithm } from '../x509/keys.ts'
import { dialTls } from './dial.ts'

// Both sides show leaf and intermediate; every key of both chains is of the type.
async function handshake(algorithm: KeyAlgorithm): Promise<void> {
  const root = liveAuthority({ key: await generatePrivateKey(algorithm) })
  const intermediate = root.intermediate({ key: await generatePrivateKey(algorithm) })
  const server = intermediate.issue({
    subject: 'CN=server',
    key: await generatePrivateKey(algorithm),
    extensions: { subjectAltNames: [{ type: 'ip', value: '127.0.0.1' }] },
  })
  const client = intermediate.issue({
    subject: 'CN=client',
    key: await generatePrivateKey(algorithm),
  })
  const [serverIdentity, clientIdentity] = [server, client].map(({ certificate, key }) =>
    fixedIdentity({ name: 'peer', key, chain: [certificate, intermediate.certificate] }),
  )
  assert.ok(serverIdentity && clientIdentity)
  await using guarded = await startGuarded({
    identity: serverIdentity,
    policy: () => listing(root, [client]),
  })
  const socket = await dialTls({
    host: '127.0.0.1',
    port: guarded.port,
    serverName: '127.0.0.1',
    anchors: [caAnchor(root.certificate)],
    identity: clientIdentity,
  })
  socket.write(aRequest)
  assert.match(await text(socket), /welcome/)
  assert.equal(guarded.accepted.length, 1)
}

for (const algorithm of keyAlgorithms) {
  it(`Guard and dialTls() shake hands with ${algorithm} on both sides`, needsKey(algorithm), () =>
    handshake(algorithm),
  )
}
