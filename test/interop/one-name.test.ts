import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { clusterConfig } from '../support/cluster-config.ts'
import { curl, problemCode } from '../support/curl.ts'
import { handfast, startUp } from '../support/handfast.ts'
import type { RunningCluster } from '../support/handfast.ts'
import { startOpensslBackend, subjectSeen } from '../support/openssl-backend.ts'
import { runScript } from '../support/run-command.ts'
import type { Answer } from '../support/run-command.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import type { TemporaryFolder } from '../support/temporary-folder.ts'
import { needs } from './foreign-programs.ts'

// the one-name guide, to the letter: the CA's subject is typed at the prompts.
const commands = `
openssl genpkey -algorithm RSA -out ca-private-key.pem
openssl req -x509 -new -nodes -key ca-private-key.pem -sha256 -days 1024 -out ca-certificate.crt -extensions v3_ca
openssl genpkey -algorithm RSA -out server-private-key.pem
openssl req -new -key server-private-key.pem -out server.csr -subj "/CN=127.0.0.1" -addext "subjectAltName = IP:127.0.0.1"
openssl genpkey -algorithm RSA -out client-private-key.pem
openssl req -new -key client-private-key.pem -out client.csr -subj "/CN=127.0.0.1" -addext "subjectAltName = IP:127.0.0.1"
openssl x509 -req -in server.csr -CA ca-certificate.crt -CAkey ca-private-key.pem -CAcreateserial -out server-certificate.crt -days 365 -sha256 -extfile <(printf "subjectAltName=IP:127.0.0.1")
openssl x509 -req -in client.csr -CA ca-certificate.crt -CAkey ca-private-key.pem -CAcreateserial -out client-certificate.crt -days 365 -sha256 -extfile <(printf "subjectAltName=IP:127.0.0.1")
cat server-private-key.pem server-certificate.crt > server-key-pair.pem 
cat client-private-key.pem client-certificate.crt > client-key-pair.pem
`
// "the Common name must be the same in all of the following steps"; Enter everywhere else.
const answers: readonly Answer[] = [
  [/Country Name .*:/, ''],
  [/State or Province Name .*:/, ''],
  [/Locality Name .*:/, ''],
  [/Organization Name .*:/, ''],
  [/Organizational Unit Name .*:/, ''],
  [/Common Name .*:/, '127.0.0.1'],
  [/Email Address .*:/, ''],
]
// Its client has a Common Name only, which is no member's name: the same commands with Corda's subject.
const member = `
openssl genpkey -algorithm RSA -out member-private-key.pem
openssl req -new -key member-private-key.pem -out member.csr -subj "/C=GB/L=London/O=Org/CN=CordaOperator" -addext "subjectAltName = IP:127.0.0.1"
openssl x509 -req -in member.csr -CA ca-certificate.crt -CAkey ca-private-key.pem -CAcreateserial -out member-certificate.crt -days 365 -sha256 -extfile <(printf "subjectAltName=IP:127.0.0.1")
cat member-private-key.pem member-certificate.crt > member-key-pair.pem
`

describe(
  "the one-name guide's files in gateway, backend and client",
  needs('bash', 'curl', 'openssl'),
  () => {
    const stack = new AsyncDisposableStack()
    let folder: TemporaryFolder
    let cluster: RunningCluster
    before(async () => {
      folder = stack.use(await makeTemporaryFolder())
      const cwd = folder.path
      await runScript(commands, { cwd, answers })
      await runScript(member, { cwd })
      // One file holds both.
      const pair = { certificate: 'server-key-pair.pem', key: 'server-key-pair.pem' }
      const backend = await startOpensslBackend({ cwd, ...pair, clientCa: 'ca-certificate.crt' })
      stack.use(backend)
      cluster = await startUp({
        path: cwd,
        config: clusterConfig({
          clients: [{ file: 'ca-certificate.crt' }],
          server: { certificate: 'server-key-pair.pem' },
          backend: {
            port: backend.port,
            serverName: '127.0.0.1',
            anchors: [{ file: 'ca-certificate.crt' }],
            identity: { certificate: 'client-key-pair.pem' },
          },
        }),
      })
      stack.use(cluster)
    })
    after(() => stack.disposeAsync())

    const call = (name: string): ReturnType<typeof curl> =>
      curl(
        [
          '--cacert',
          'ca-certificate.crt',
          '--cert',
          `${name}-key-pair.pem`,
          `https://127.0.0.1:${cluster.gatewayPort}/`,
        ],
        { cwd: folder.path },
      )

    it('accept a leaf without extendedKeyUsage once its subject is on the list', async () => {
      assert.equal(problemCode(await call('member')), 'HF-T104')
      const added = await curl(
        [
          '--cacert',
          'ca-certificate.crt',
          '-u',
          cluster.user,
          '-X',
          'PUT',
          `${cluster.allowListUrl}/CN=CordaOperator,C=GB,L=London,O=Org`,
        ],
        { cwd: folder.path },
      )
      assert.equal(added.status, 204, added.body)
      const { status, body } = await call('member')
      assert.equal(status, 200, body)
      // The backend saw the gateway's certificate: the one-name guide's client.
      assert.equal(subjectSeen(body), 'CN=127.0.0.1')
    })

    it('refuse the client that nobody introduced, for that reason only', async () => {
      const refused = await call('client')
      assert.equal(refused.status, 403)
      assert.equal(problemCode(refused), 'HF-T104')
    })

    it('are sound for config check, and inspect warns of the absent extendedKeyUsage', async () => {
      const cwd = folder.path
      await handfast(['config', 'check'], { cwd })
      const files = ['client-certificate.crt', 'server-key-pair.pem']
      for (const file of files) {
        const { stdout } = await handfast(['inspect', file, '--json'], { cwd })
        assert.match(stdout, /"purpose-absent"/, file)
      }
    })
  },
)
