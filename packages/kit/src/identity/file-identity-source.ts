import type { Cancel } from '../base/clock.ts'
import type { Identity, IdentitySource } from './identity.ts'
import { loadIdentity } from './load-files.ts'
import type { IdentityFiles } from './load-files.ts'

/** An identity from files, read anew when asked to: whole, or the old one stays. */
export class FileIdentitySource implements IdentitySource {
  readonly #files: IdentityFiles
  readonly #watchers = new Set<(identity: Identity) => void>()
  #current: Identity

  private constructor(files: IdentityFiles, current: Identity) {
    this.#files = files
    this.#current = current
  }

  /** @throws {IdentityError} when the files do not make an identity */
  static async load(files: IdentityFiles): Promise<FileIdentitySource> {
    return new FileIdentitySource(files, await loadIdentity(files))
  }

  current(): Identity {
    return this.#current
  }

  watch(fn: (identity: Identity) => void): Cancel {
    this.#watchers.add(fn)
    return () => {
      this.#watchers.delete(fn)
    }
  }

  /**
   * Reads the files again and tells the watchers.
   * @throws {IdentityError} when they do not make an identity; the old one stays in use
   */
  async reload(): Promise<void> {
    this.#current = await loadIdentity(this.#files)
    for (const fn of this.#watchers) fn(this.#current)
  }
}
