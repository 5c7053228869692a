import { identityErrorCodes } from '@handfast/kit/identity'
import { handshakeFailures, tlsErrorCodes } from '@handfast/kit/tls'
import { refusalCatalogue, trustErrorCodes } from '@handfast/kit/trust'
import { x509ErrorCodes } from '@handfast/kit/x509'
import { authorityErrorCodes } from '../packages/handfast/src/authority/errors.ts'
import { cliErrorCodes } from '../packages/handfast/src/cli/errors.ts'
import { controlErrorCodes } from '../packages/handfast/src/control/errors.ts'
import { gatewayErrorCodes } from '../packages/handfast/src/gateway/errors.ts'
import { storeErrorCodes } from '../packages/handfast/src/store/errors.ts'
import { refusals as gatewayRefusals } from '../packages/handfast/src/gateway/refusals.ts'

interface ErrorTable {
  readonly room: string
  readonly codes: Readonly<Record<string, string>>
}

/** Every room's own errors. */
export const errorTables: readonly ErrorTable[] = [
  { room: 'certificates, keys and stores', codes: x509ErrorCodes },
  { room: 'policies', codes: trustErrorCodes },
  { room: 'identities and anchors', codes: identityErrorCodes },
  { room: 'TLS', codes: tlsErrorCodes },
  { room: 'the authority', codes: authorityErrorCodes },
  { room: 'the gateway', codes: gatewayErrorCodes },
  { room: 'the REST API', codes: controlErrorCodes },
  { room: 'the database', codes: storeErrorCodes },
  { room: 'the command line', codes: cliErrorCodes },
]

/** Renders docs/refusals/README.md from the catalogues, so that no code is without its words. */
export function renderRefusalIndex(): string {
  const peers = Object.entries(refusalCatalogue).map(([name, kind]) => ({ name, ...kind }))
  const handshakes = Object.entries(handshakeFailures).map(([name, kind]) => ({ name, ...kind }))
  const requests = Object.entries(gatewayRefusals).map(([name, kind]) => ({ name, ...kind }))
  return [
    '# Refusals',
    '',
    '<!-- Made by "npm run docs" from the catalogues in the code. Do not edit. -->',
    '',
    'Why a connection or a request was refused. The log of the side that refused has the code, what was found, and the names and',
    'dates of the certificate concerned. The refused side gets an HTTP 403 with `code`, `title` and `id`: give the `id` to the',
    'operator of the other side, who finds the whole story by it.',
    '',
    'A peer may not be told everything: by trying, it could find out whom the other side trusts. *Told to* says who reads the code',
    'itself; everybody else reads `HF-T100`.',
    '',
    '## Peers',
    '',
    '| code | name | what | told to |',
    '|---|---|---|---|',
    ...peers.map(
      ({ code, name, title, seenBy }) =>
        `| [${code}](#${anchorOf(code, name)}) | ${name} | ${title} | ${audience[seenBy]} |`,
    ),
    '',
    ...peers.flatMap(({ code, name, title, why, fix }) => [
      `### ${code} ${name}`,
      '',
      `${title}.`,
      '',
      `**Why.** ${why}.`,
      '',
      `**What to do.** ${fix}.`,
      '',
    ]),
    '## Handshakes',
    '',
    'Why no connection came about at all: nobody was judged yet, and TLS gives the client no code.',
    '',
    '| code | name | what | what to do |',
    '|---|---|---|---|',
    ...handshakes.map(({ code, name, what, fix }) => `| ${code} | ${name} | ${what} | ${fix} |`),
    '',
    '## Requests',
    '',
    'What the gateway answers to a request of an accepted peer by itself.',
    '',
    '| code | name | status | what | what to do |',
    '|---|---|---|---|---|',
    ...requests.map(
      ({ code, name, status, title, fix }) =>
        `| ${code} | ${name} | ${status} | ${title} | ${fix} |`,
    ),
    '',
    '## Errors',
    '',
    'What the programs and the library report of their own work. Each error says beside its code what it was about and what to do',
    '(`hint:` on the command line, `hint` in JSON); the code is for telling them apart.',
    '',
    '| code | name | from |',
    '|---|---|---|',
    ...errorTables.flatMap(({ room, codes }) =>
      Object.entries(codes).map(([name, code]) => `| ${code} | ${name} | ${room} |`),
    ),
    '',
  ].join('\n')
}

const audience = {
  anyone: 'anyone',
  vouched: 'a peer that an anchor signed for',
  operator: 'the operator only',
} as const

/** As the usual Markdown renderers make it from the heading. */
function anchorOf(code: string, name: string): string {
  return `${code} ${name}`.toLowerCase().replaceAll(' ', '-')
}
