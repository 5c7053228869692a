import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { clusterConfig } from '../support/cluster-config.ts'
import type { IdentityFiles } from '../support/cluster-config.ts'
import { curl, problemCode } from '../support/curl.ts'
import { handfast, startUp } from '../support/handfast.ts'
import type { RunningCluster } from '../support/handfast.ts'
import { startOpensslBackend, subjectSeen } from '../support/openssl-backend.ts'
import { runScript } from '../support/run-command.ts'
import type { Answer } from '../support/run-command.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import type { TemporaryFolder } from '../support/temporary-folder.ts'
import { needs } from './foreign-programs.ts'

// the workshop, to the letter; the passphrases are typed at the prompts. Its `cd` puts B's folder into C's.
const commands = String.raw`
# Create directory structure for Client C CA
mkdir -p client_c_ca/{certs,private,csr}
cd client_c_ca

# Generate Client C root CA private key
openssl genrsa -aes256 -out private/client_c_root_ca.key 4096

# Generate Client C root CA certificate (self-signed)
openssl req -x509 -new -nodes -key private/client_c_root_ca.key -sha256 -days 3650 \
    -out certs/client_c_root_ca.crt \
    -subj "/C=FR/ST=Iles-De-France/L=Paris/O=Client C Organization/OU=IT Department/CN=Client C Root CA"

openssl x509 -in certs/client_c_root_ca.crt -text -noout

# Create directory structure for Client B CA
mkdir -p client_b_ca/{certs,private,csr}
cd client_b_ca

# Generate Client B root CA private key
openssl genrsa -aes256 -out private/client_b_root_ca.key 4096

# Generate Client B root CA certificate (self-signed)
openssl req -x509 -new -nodes -key private/client_b_root_ca.key -sha256 -days 3650 \
    -out certs/client_b_root_ca.crt \
    -subj "/C=FR/ST=Iles-De-France/L=Paris/O=Client B Organization/OU=IT Department/CN=Client B Root CA"

# Verify the root CA certificate
openssl x509 -in certs/client_b_root_ca.crt -text -noout
`
const passphrase = 'workshop passphrase'
const answers: readonly Answer[] = ['c', 'b'].flatMap((owner): readonly Answer[] => [
  [/Enter PEM pass phrase:/, passphrase],
  [/Verifying - Enter PEM pass phrase:/, passphrase],
  [new RegExp(`Enter pass phrase for private/client_${owner}_root_ca.key:`), passphrase],
])

const root = 'client_c_ca/certs/client_c_root_ca.crt'
const rootKey = 'client_c_ca/private/client_c_root_ca.key'
const rootB = 'client_c_ca/client_b_ca/certs/client_b_root_ca.crt'
const rootBKey = 'client_c_ca/client_b_ca/private/client_b_root_ca.key'
const organisation = (name: string): string => `/C=FR/L=Paris/O=Client ${name} Organization`

// The steps before which the text stops. Every key is encrypted RSA, as its own are.
const remaining = [
  '# Generate Intermediate CA Certificate for Client C',
  'openssl genrsa -aes256 -passout file:passphrase -out issuing.key 4096',
  `openssl req -new -key issuing.key -passin file:passphrase -out issuing.csr -subj "${organisation('C')}/CN=Client C Intermediate CA"`,
  `openssl x509 -req -in issuing.csr -CA ${root} -CAkey ${rootKey} -passin file:passphrase -CAcreateserial -out issuing.crt -days 1825 -sha256 -extfile <(printf "basicConstraints=critical,CA:TRUE,pathlen:0\\nkeyUsage=critical,keyCertSign,cRLSign")`,
  '# Generate CSR from Client B for Client C; Client C signs it; create Server Certificate for Client C',
  ...leaf('client-b', 'B', 'extendedKeyUsage=clientAuth'),
  ...leaf('gateway', 'C', 'extendedKeyUsage=clientAuth'),
  ...leaf('server', 'C', 'subjectAltName=DNS:client-c.example'),
].join('\n')

function leaf(name: string, owner: string, extensions: string): readonly string[] {
  return [
    `openssl genrsa -aes256 -passout file:passphrase -out ${name}.key 4096`,
    `openssl req -new -key ${name}.key -passin file:passphrase -out ${name}.csr -subj "${organisation(owner)}/CN=${name}"`,
    `openssl x509 -req -in ${name}.csr -CA issuing.crt -CAkey issuing.key -passin file:passphrase -CAcreateserial -out ${name}.leaf -days 365 -sha256 -extfile <(printf "${extensions}")`,
    `cat ${name}.leaf issuing.crt > ${name}.crt`,
  ]
}

describe("the workshop's workshop, finished", needs('bash', 'curl', 'openssl'), () => {
  const stack = new AsyncDisposableStack()
  let folder: TemporaryFolder
  before(async () => {
    folder = stack.use(await makeTemporaryFolder())
    await writeFile(folder.file('passphrase'), `${passphrase}\n`, { mode: 0o600 })
    await runScript(commands, { cwd: folder.path, answers })
    await runScript(remaining, { cwd: folder.path })
  })
  after(() => stack.disposeAsync())

  interface Callers {
    readonly name: string
    readonly identity: (name: string) => IdentityFiles
    readonly client: readonly string[]
    /** Whoever must not pass, though it has B's name. */
    readonly stranger: readonly string[]
  }

  /** C's gateway in front of C's backend, which demands the gateway's certificate; B calls. */
  const assertWorks = async ({ name, identity, client, stranger }: Callers): Promise<void> => {
    const cwd = folder.path
    await runScript(
      // s_server has no passphrase file of its own for the prompt, and sends what stands in -cert_chain after the leaf.
      `openssl pkey -in ${identity('server').key} -passin file:passphrase -out ${name}-backend.key`,
      { cwd },
    )
    const { certificate } = identity('server')
    await using backend = await startOpensslBackend({
      cwd,
      certificate,
      key: `${name}-backend.key`,
      chain: certificate,
      clientCa: root,
    })
    await using cluster = await startUp({
      path: cwd,
      data: `${name}-data`,
      config: clusterConfig({
        clients: [{ file: root }],
        server: identity('server'),
        backend: {
          port: backend.port,
          serverName: 'client-c.example',
          anchors: [{ file: root }],
          identity: identity('gateway'),
        },
      }),
    })
    const refused = await callGateway(cluster, client)
    assert.equal(problemCode(refused), 'HF-T104')
    const subject = 'CN=client-b,O=Client%20B%20Organization,L=Paris,C=FR'
    const allow = ['-k', '-u', cluster.user, '-X', 'PUT', `${cluster.allowListUrl}/${subject}`]
    assert.equal((await curl(allow, { cwd })).status, 204)
    const accepted = await callGateway(cluster, client)
    assert.equal(accepted.status, 200, accepted.body)
    assert.equal(subjectSeen(accepted.body), 'C=FR, L=Paris, O=Client C Organization, CN=gateway')
    const other = await callGateway(cluster, stranger)
    assert.equal(other.status, 403)
    assert.equal(problemCode(other), 'HF-T100')
  }

  const callGateway = (
    { gatewayPort }: RunningCluster,
    client: readonly string[],
  ): ReturnType<typeof curl> =>
    curl(
      [
        '--cacert',
        root,
        '--resolve',
        `client-c.example:${gatewayPort}:127.0.0.1`,
        ...client,
        `https://client-c.example:${gatewayPort}/`,
      ],
      { cwd: folder.path },
    )

  it('works with openssl alone: encrypted RSA-4096 keys, passphrases in files', async () => {
    const cwd = folder.path
    const strangers = `
openssl req -newkey rsa:2048 -nodes -keyout stranger.key -out stranger.csr -subj "${organisation('B')}/CN=client-b"
openssl x509 -req -in stranger.csr -CA ${rootB} -CAkey ${rootBKey} -passin file:passphrase -CAcreateserial -out stranger.crt -days 365 -sha256 -extfile <(printf "extendedKeyUsage=clientAuth")`
    await runScript(strangers, { cwd })
    await assertWorks({
      name: 'openssl',
      identity: (name) => ({
        certificate: `${name}.crt`,
        key: `${name}.key`,
        passphrase: { file: 'passphrase' },
      }),
      client: ['--cert', 'client-b.crt', '--key', 'client-b.key', '--pass', passphrase],
      stranger: ['--cert', 'stranger.crt', '--key', 'stranger.key'],
    })
  })

  it('works with the roots imported into handfast, which does the rest', async () => {
    const cwd = folder.path
    const run = async (command: string, ...more: readonly string[]): Promise<void> => {
      await handfast([...command.split(' '), ...more], { cwd })
    }
    const keys = '--key-passphrase-file passphrase --passphrase-file ca.passphrase'
    const cData = '--data hf-c --passphrase-file ca.passphrase'
    const bData = '--data hf-b --passphrase-file ca.passphrase'
    await run(
      `ca import --label c-root --data hf-c --certificate ${root} --key ${rootKey} ${keys} --create-passphrase`,
    )
    await run(
      `ca import --label b-root --data hf-b --certificate ${rootB} --key ${rootBKey} ${keys}`,
    )
    await run(
      `ca import --label issuing --data hf-c --certificate issuing.crt --key issuing.key --chain ${root} ${keys}`,
    )
    const names = {
      b: 'O=Client B Organization,L=Paris,C=FR',
      c: 'O=Client C Organization,L=Paris,C=FR',
    }
    await run('request --out hf-client-b --subject', `CN=client-b,${names.b}`)
    await run(`sign hf-client-b.csr --profile client --out hf-client-b.crt ${cData}`)
    await run(
      `sign hf-client-b.csr --profile client --issuer b-root --out hf-stranger.crt ${bData}`,
    )
    await run(`issue --profile client --out hf-gateway ${cData} --subject`, `CN=gateway,${names.c}`)
    await run(
      `issue --profile server --out hf-server --san DNS:client-c.example ${cData} --subject`,
      `CN=server,${names.c}`,
    )
    await assertWorks({
      name: 'handfast',
      identity: (name) => ({ certificate: `hf-${name}.crt`, key: `hf-${name}.key` }),
      client: ['--cert', 'hf-client-b.crt', '--key', 'hf-client-b.key'],
      stranger: ['--cert', 'hf-stranger.crt', '--key', 'hf-client-b.key'],
    })
  })
})
