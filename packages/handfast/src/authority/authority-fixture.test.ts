import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { Clock } from '@handfast/kit/base'
import { parseCertificates, parseGeneralName, parseName } from '@handfast/kit/x509'
import type { Certificate, GeneralName, Name } from '@handfast/kit/x509'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { Authority } from './authority.ts'
import type { AuthorityEvent } from './events.ts'
import { dayMs } from './limits.ts'

// No tests in this file: what the others of this room stand on.

export const passphrase = 'correct horse battery staple'

/** A golden file made by openssl; packages/kit/src/x509/fixtures/README.md says how. */
export function golden(file: string): Buffer {
  const folder = new URL('../../../kit/src/x509/fixtures/', import.meta.url)
  return readFileSync(new URL(file, folder))
}

export function goldenCertificate(file: string): Certificate {
  const [certificate] = parseCertificates(golden(file))
  if (certificate === undefined) throw new Error(`no certificate in ${file}`)
  return certificate
}

/** A day after the golden files were made: all of them are valid then. */
export const start: Date = new Date(
  goldenCertificate('workshop/client_c_root_ca.crt').notBefore.getTime() + dayMs,
)

export class TestClock implements Clock {
  #now: Date

  constructor(now: Date = start) {
    this.#now = now
  }

  now(): Date {
    return this.#now
  }

  schedule(): never {
    throw new Error('the authority schedules nothing')
  }

  advance(days: number): void {
    this.#now = new Date(this.#now.getTime() + days * dayMs)
  }
}

export interface Bench {
  readonly authority: Authority
  readonly store: Store
  readonly clock: TestClock
  readonly events: AuthorityEvent[]
  /** Another authority over the same store. */
  readonly again: (passphrase: string) => Authority
}

/** An empty authority over a database that goes with the test. */
export async function openBench(t: TestContext): Promise<Bench> {
  return openDatabase(t, undefined)
}

/** With a root "root", and a day later an intermediate "issuing" under it; a day later still it is now. */
export async function openHierarchy(t: TestContext): Promise<Bench> {
  snapshot ??= buildHierarchy()
  return openDatabase(t, await snapshot)
}

/** When `openHierarchy` stands. */
export const hierarchyStart: Date = new Date(start.getTime() + 2 * dayMs)

// Encrypting keys takes half a second: it is done once for a file of tests, and each test gets a copy.
let snapshot: Promise<Buffer> | undefined

async function buildHierarchy(): Promise<Buffer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'handfast-authority-'))
  const file = path.join(folder, 'handfast.db')
  const store = await openSqliteStore({ file })
  const clock = new TestClock()
  const authority = new Authority({ store, clock, passphrase: () => passphrase })
  await authority.initRoot({ label: 'root', name: name('CN=Root,O=Client C') })
  clock.advance(1)
  await authority.initIntermediate({
    label: 'issuing',
    parent: 'root',
    name: name('CN=Issuing,O=Client C'),
  })
  await store.close()
  const bytes = readFileSync(file)
  rmSync(folder, { recursive: true })
  return bytes
}

async function openDatabase(t: TestContext, content: Buffer | undefined): Promise<Bench> {
  const folder = mkdtempSync(path.join(tmpdir(), 'handfast-authority-'))
  const file = path.join(folder, 'handfast.db')
  if (content !== undefined) writeFileSync(file, content, { mode: 0o600 })
  const store = await openSqliteStore({ file })
  t.after(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  const clock = new TestClock(content === undefined ? start : hierarchyStart)
  const events: AuthorityEvent[] = []
  const again = (secret: string): Authority =>
    new Authority({
      store,
      clock,
      passphrase: () => secret,
      events: { emit: (event) => events.push(event) },
    })
  return { authority: again(passphrase), store, clock, events, again }
}

export function name(text: string): Name {
  return parseName(text)
}

export function san(...texts: readonly string[]): readonly GeneralName[] {
  return texts.map(parseGeneralName)
}

export function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex')
}
