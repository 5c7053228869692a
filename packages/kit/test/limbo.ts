import { gunzipSync } from 'node:zlib'
import { parseCertificates } from '../src/x509/certificate.ts'
import type { Certificate } from '../src/x509/certificate.ts'
import { X509Error } from '../src/x509/errors.ts'
import type { KeyUsage } from '../src/x509/extensions.ts'
import { findPaths } from '../src/x509/find-paths.ts'
import { verificationProfiles } from '../src/x509/profiles.ts'
import { namesServer } from '../src/x509/server-name.ts'
import { golden } from './fixtures.ts'

/** What a case of x509-limbo says, in the suite's own words; fixtures/README.md says where it comes from. */
export interface LimboCase {
  readonly id: string
  readonly validation_kind: 'SERVER' | 'CLIENT'
  readonly validation_time: string | null
  readonly key_usage: readonly KeyUsage[]
  readonly expected_result: 'SUCCESS' | 'FAILURE'
  readonly expected_peer_name: { readonly value: string } | null
  readonly max_chain_depth: number | null
  readonly trusted_certs: readonly string[]
  readonly untrusted_intermediates: readonly string[]
  readonly peer_certificate: string
}

/** What was decided, and what the suite makes of it. */
export type LimboAnswer = `${'accept' | 'refuse'}: ${LimboOutcome}`
export type LimboOutcome = 'agree' | 'false accept' | 'false refuse' | 'needs CRL'

// Made for servers, and turned into a case for clients: the certificate is sound there.
const wrongByDerivation: ReadonlySet<string> = new Set(['limbo-mtls rfc5280::eku::ee-wrong-eku'])

export function limboCases(suite: 'limbo-core' | 'limbo-mtls'): readonly LimboCase[] {
  const text = gunzipSync(golden(`limbo/${suite}.json.gz`)).toString('utf8')
  const { testcases } = JSON.parse(text) as { readonly testcases: readonly LimboCase[] }
  return testcases.filter(({ id }) => !wrongByDerivation.has(`${suite} ${id}`))
}

export function judgeLimboCase(limboCase: LimboCase): LimboAnswer {
  const verdict = accepts(limboCase) ? 'accept' : 'refuse'
  if (limboCase.id.startsWith('crl::')) return `${verdict}: needs CRL`
  const wanted = limboCase.expected_result === 'SUCCESS' ? 'accept' : 'refuse'
  return verdict === wanted ? `${verdict}: agree` : `${verdict}: false ${verdict}`
}

// For the cases that name no time: all of them hold then.
const usualTime = '2025-06-01T00:00:00Z'

function accepts(given: LimboCase): boolean {
  const server = given.validation_kind === 'SERVER'
  try {
    const [leaf] = parseCertificates(given.peer_certificate)
    if (leaf === undefined) return false
    const search = {
      leaf,
      intermediates: read(given.untrusted_intermediates),
      roots: read(given.trusted_certs),
      purpose: server ? 'serverAuth' : 'clientAuth',
      at: new Date(given.validation_time ?? usualTime),
      keyUsages: given.key_usage,
      profile: verificationProfiles[given.id.startsWith('webpki::') ? 'webpki' : 'mtls'],
      ...(given.max_chain_depth !== null && { maxIntermediates: given.max_chain_depth }),
    } as const
    const sound = [...findPaths(search)].some(
      ({ root, faults }) => root !== undefined && faults.length === 0,
    )
    const { expected_peer_name: name } = given
    return sound && (!server || name === null || namesServer(leaf, name.value))
  } catch (cause) {
    if (cause instanceof X509Error) return false
    throw cause
  }
}

function read(pems: readonly string[]): readonly Certificate[] {
  return pems.flatMap((pem) => parseCertificates(pem))
}
