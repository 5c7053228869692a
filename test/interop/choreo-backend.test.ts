import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { clusterConfig } from '../support/cluster-config.ts'
import { curl, problemCode } from '../support/curl.ts'
import { handfast, startUp } from '../support/handfast.ts'
import { startOpensslBackend, subjectSeen } from '../support/openssl-backend.ts'
import { runScript } from '../support/run-command.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import type { TemporaryFolder } from '../support/temporary-folder.ts'
import { needs } from './foreign-programs.ts'

// the Choreo Connect guide, to the letter.
const backendCommands = String.raw`
openssl genpkey -out server.key -algorithm RSA -pkeyopt rsa_keygen_bits:2048
openssl req -x509 -new -key server.key -out server.pem -subj "/CN=example.com" -reqexts SAN -extensions SAN -config <(cat /etc/ssl/openssl.cnf <(printf "[SAN]\nsubjectAltName=DNS:example.com,DNS:www.example.com")) 
`
// The router's mg.pem comes with its distribution; this makes one like it, and one that nobody introduced.
const routerCommands = ['mg', 'other']
  .map(
    (name) =>
      `openssl req -x509 -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.pem -subj "/C=US/ST=CA/L=Mountain View/O=WSO2/OU=WSO2/CN=localhost" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -addext "basicConstraints=critical,CA:FALSE" -addext "extendedKeyUsage=serverAuth,clientAuth"`,
  )
  .join('\n')
const subject = 'CN=localhost,OU=WSO2,O=WSO2,L=Mountain%20View,ST=CA,C=US'

describe(
  "the Choreo Connect guide's backend behind the gateway",
  needs('bash', 'curl', 'openssl'),
  () => {
    const stack = new AsyncDisposableStack()
    let folder: TemporaryFolder
    before(async () => {
      folder = stack.use(await makeTemporaryFolder())
      await runScript(`${backendCommands}\n${routerCommands}`, { cwd: folder.path })
    })
    after(() => stack.disposeAsync())

    const mg = { certificate: 'mg.pem', key: 'mg.key' }
    const config = (
      port: number,
      backend: { readonly serverName: string; readonly certificate: string },
    ): object =>
      clusterConfig({
        clients: [{ file: 'mg.pem', kind: 'pinned' }],
        server: mg,
        backend: {
          port,
          serverName: backend.serverName,
          anchors: [{ file: backend.certificate, kind: 'pinned' }],
          identity: mg,
        },
      })
    const call = (port: number, name = 'mg'): readonly string[] => [
      '--cacert',
      'mg.pem',
      '--cert',
      `${name}.pem`,
      '--key',
      `${name}.key`,
      `https://localhost:${port}/`,
    ]

    it('is reached by its pinned certificate, and sees the gateway’s', async () => {
      const cwd = folder.path
      await using backend = await startOpensslBackend({
        cwd,
        certificate: 'server.pem',
        key: 'server.key',
        clientCa: 'mg.pem',
      })
      await using cluster = await startUp({
        path: cwd,
        data: 'reached',
        config: config(backend.port, { serverName: 'example.com', certificate: 'server.pem' }),
      })
      const refused = await curl(call(cluster.gatewayPort), { cwd })
      assert.equal(refused.status, 403)
      assert.equal(problemCode(refused), 'HF-T104')
      const put = ['--cacert', 'mg.pem', '-u', cluster.user, '-X', 'PUT']
      const added = await curl([...put, `${cluster.allowListUrl}/${subject}`], { cwd })
      assert.equal(added.status, 204, added.body)
      const accepted = await curl(call(cluster.gatewayPort), { cwd })
      assert.equal(accepted.status, 200, accepted.body)
      assert.equal(
        subjectSeen(accepted.body),
        'C=US, ST=CA, L=Mountain View, O=WSO2, OU=WSO2, CN=localhost',
      )
      // The same subject in another self-signed certificate is somebody else, and is not told why.
      const forged = await curl(call(cluster.gatewayPort, 'other'), { cwd })
      assert.equal(forged.status, 403)
      assert.equal(problemCode(forged), 'HF-T100')
    })

    for (const [what, backend] of [
      [
        'under a name that it does not have',
        { serverName: 'example.org', certificate: 'server.pem' },
      ],
      ['when another certificate is pinned', { serverName: 'localhost', certificate: 'other.pem' }],
    ] as const) {
      it(`is not reached ${what}`, async () => {
        const cwd = folder.path
        await using server = await startOpensslBackend({
          cwd,
          certificate: 'server.pem',
          key: 'server.key',
        })
        await using cluster = await startUp({
          path: cwd,
          data: backend.serverName,
          config: config(server.port, backend),
        })
        const put = ['--cacert', 'mg.pem', '-u', cluster.user, '-X', 'PUT']
        await curl([...put, `${cluster.allowListUrl}/${subject}`], { cwd })
        const answer = await curl(call(cluster.gatewayPort), { cwd })
        assert.equal(answer.status, 502, answer.body)
        assert.equal(problemCode(answer), 'HF-G302')
      })
    }

    it('has a certificate of which inspect says that it must be pinned', async () => {
      const { stdout } = await handfast(['inspect', 'server.pem', '--json'], { cwd: folder.path })
      assert.match(stdout, /"reason": "self-signed"/)
      assert.match(stdout, /"reason": "purpose-absent"/)
    })
  },
)
