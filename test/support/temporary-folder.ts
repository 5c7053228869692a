import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A folder of the test's own, gone with everything in it when the test ends. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
  /** A path in the folder. */
  file(name: string): string
}

export async function makeTemporaryFolder(): Promise<TemporaryFolder> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'handfast-test-')))
  return {
    path: folder,
    file: (name) => path.join(folder, name),
    // A process that was just ended may still be closing its files.
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}
