import { once } from 'node:events'
import { readFile, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from './run-command.ts'
import { makeTemporaryFolder } from './temporary-folder.ts'

/** Executes the commands of a document, so that they stay true. */

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface GuideResult {
  readonly status: number | null
  readonly output: string
  /** How many blocks were executed. */
  readonly executed: number
}

export interface GuideOptions {
  /** Programs beyond bash that blocks may need (`needs=curl`); a block that needs another one is left out. */
  readonly programs: readonly string[]
}

interface Block {
  readonly content: string
  readonly attributes: Readonly<Record<string, string>>
}

/**
 * Runs the blocks marked `sh run` of a guide, top to bottom, in one shell and an empty folder; `until="…"` marks one that stays up.
 * The ports that guides use are replaced by free ones.
 */
export async function runGuide(file: string, { programs }: GuideOptions): Promise<GuideResult> {
  await using folder = await makeTemporaryFolder()
  await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'))
  const text = await replacePorts(await readFile(join(root, file), 'utf8'))
  const blocks = parseBlocks(text).filter(
    ({ attributes }) => attributes['needs'] === undefined || programs.includes(attributes['needs']),
  )
  const script = [prelude, ...blocks.map(scriptOf)].join('\n')
  const { status, stdout, stderr } = await runCommand(['bash', '-c', script], {
    cwd: folder.path,
    env: {
      HOME: folder.path,
      NO_COLOR: '1',
      PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
    },
  })
  return { status, output: `${stdout}\n${stderr}`, executed: blocks.length }
}

const prelude = `set -euo pipefail
trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
`

function scriptOf({ content, attributes }: Block): string {
  const { until, file } = attributes
  if (file !== undefined) return `cat > ${file} <<'END-OF-BLOCK'\n${content}\nEND-OF-BLOCK`
  if (until === undefined) return content
  // `exec`: the job is the program itself, so that ending the job ends it.
  const command = content.replace(/&\s*$/, '').replace(/^npx /, '')
  return `( exec ${command} ) 2> block.log &
for _ in $(seq 300); do grep -qs '${until}' up.log && break; sleep 0.1; done
grep -q '${until}' up.log || { cat up.log block.log; exit 1; }`
}

function parseBlocks(text: string): readonly Block[] {
  return Array.from(text.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)\n```$/gm), (match) => {
    const [, language = '', info = '', content = ''] = match
    const pairs = Array.from(
      info.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g),
      ([, key = '', quoted, bare]): [string, string] => [key, quoted ?? bare ?? ''],
    )
    return {
      language,
      runs: /(^| )run( |$)/.test(info),
      content,
      attributes: Object.fromEntries(pairs),
    }
  }).filter(
    ({ language, runs, attributes }) =>
      (language === 'sh' && runs) || attributes['file'] !== undefined,
  )
}

async function replacePorts(text: string): Promise<string> {
  let replaced = text
  for (const port of ['8888', '8443', '9000'])
    replaced = replaced.replaceAll(port, String(await freePort()))
  return replaced
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
