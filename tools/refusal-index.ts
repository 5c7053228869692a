import { refusalCatalogue } from '@handfast/kit/trust'
import { refusals as gatewayRefusals } from '../packages/handfast/src/gateway/refusals.ts'

/** Renders docs/refusals/README.md from the catalogues, so that no code is without its words. */
export function renderRefusalIndex(): string {
  const peers = Object.entries(refusalCatalogue).map(([name, kind]) => ({ name, ...kind }))
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
