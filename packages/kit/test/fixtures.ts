import { readFileSync } from 'node:fs'

/** A golden file made by openssl; src/x509/fixtures/README.md says how. */
export function golden(path: string): Buffer {
  return readFileSync(new URL(`../src/x509/fixtures/${path}`, import.meta.url))
}
