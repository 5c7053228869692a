import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { succeed } from './run-command.ts'

const root = path.join(import.meta.dirname, '../..')

/** Builds both packages. */
export function buildPackages(): void {
  execFileSync(process.execPath, [path.join(root, 'tools/build.ts')], { stdio: 'ignore' })
}

/** Packs a built package as `npm publish` would, and gives the tarball. */
export async function pack(name: 'handfast' | 'kit', folder: string): Promise<string> {
  const from = path.join(root, 'packages', name, 'dist')
  const { stdout } = await succeed(
    ['npm', 'pack', from, '--json', '--silent', '--pack-destination', folder],
    { cwd: folder },
  )
  const file = /"filename":\s*"([^"]+)"/.exec(stdout)?.[1] ?? ''
  return path.join(folder, path.basename(file))
}
