import type { Cancel } from '../base/clock.ts'
import { IdentityError } from './errors.ts'
import type { Identity, IdentitySource } from './identity.ts'
import { loadIdentity } from './load-files.ts'
import type { IdentityFiles } from './load-files.ts'

/** An identity from files, read anew when asked to: whole, or the old one stays. */
export class FileIdentitySource implements IdentitySource {
  readonly #files: IdentityFiles
  readonly #watchers = new Set<(identity: Identity) => void>()
  #current: Identity
  #reloading: Promise<void> = Promise.resolve()

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
    // Of its own, so that one function may watch twice and each cancel ends one of them.
    const watcher = (identity: Identity): void => fn(identity)
    this.#watchers.add(watcher)
    return () => {
      this.#watchers.delete(watcher)
    }
  }

  /**
   * Reads the files again and tells the watchers.
   * @throws {IdentityError} when they do not make an identity, or a watcher cannot use it; the old one stays in use
   */
  async reload(): Promise<void> {
    // One after the other: of two at once, the one that read first could be done last.
    const reloaded = this.#reloading.then(async () => this.#swap(await loadIdentity(this.#files)))
    this.#reloading = reloaded.catch(() => undefined)
    return reloaded
  }

  #swap(next: Identity): void {
    const previous = this.#current
    const failures = this.#tell(next)
    if (failures.length === 0) return
    // OpenSSL refuses keys that it finds too weak. Whoever took the new identity already gets the old one back.
    this.#tell(previous)
    const [cause] = failures
    const reason = cause instanceof Error ? cause.message : 'unknown error'
    throw new IdentityError(
      'certificate-unusable',
      `Cannot use identity "${next.name}": ${reason}`,
      {
        cause: failures.length === 1 ? cause : new AggregateError(failures),
        hint: 'Use a key and certificates of today: RSA of 2048 bits or ECDSA, signed with SHA-256 or better',
      },
    )
  }

  /** What went wrong in watchers; one that throws keeps no other from hearing. */
  #tell(identity: Identity): readonly unknown[] {
    this.#current = identity
    const failures: unknown[] = []
    for (const fn of this.#watchers) {
      try {
        fn(identity)
      } catch (failure) {
        failures.push(failure)
      }
    }
    return failures
  }
}
