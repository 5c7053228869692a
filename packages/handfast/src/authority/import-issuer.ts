import type { KeyObject } from 'node:crypto'
import {
  fingerprint,
  keySigner,
  parseCertificates,
  parsePrivateKey,
  publicKeyFingerprint,
  publicKeyFromPrivate,
} from '@handfast/kit/x509'
import type { Certificate } from '@handfast/kit/x509'
import type { Transaction } from '../store/store.ts'
import { listIssuers, readStore } from './context.ts'
import type { Asked, AuthorityContext } from './context.ts'
import { announceIssuer, checkLabelFree, issuerWithKey } from './create-issuer.ts'
import type { CreatedIssuer } from './create-issuer.ts'
import { AuthorityError } from './errors.ts'
import { probeIssuer } from './import-probe.ts'
import { caNameKey, checkLabel, knownAuthorities, rootOf } from './issuer.ts'
import type { AuthorityIssuer, KnownAuthorities } from './issuer.ts'
import { checkKey } from './key-policy.ts'
import { limits } from './limits.ts'
import { recordIssuer } from './record.ts'
import { subjectText } from './text.ts'
import type { Note } from './text.ts'

export interface ImportRequest extends Asked {
  readonly label: string
  /** PEM with the CA's certificate and those above it, in any order, or one certificate in DER. */
  readonly certificates: Uint8Array | string
  /** PEM or DER; may be encrypted. */
  readonly key: Uint8Array | string
  /** Of `key`, when it is encrypted. */
  readonly passphrase?: string | undefined
}

/**
 * Takes over a CA that was made elsewhere, whatever order its files are in. Its key is encrypted anew with the
 * passphrase of this authority.
 * @throws {AuthorityError}
 * @throws {X509Error} when a file is malformed, or the passphrase does not open the key
 */
export async function importIssuer(
  context: AuthorityContext,
  request: ImportRequest,
): Promise<CreatedIssuer> {
  const { label, actor } = request
  const now = context.clock.now()
  checkLabel(label)
  const { key, certificate, given } = readMaterial(request)
  checkKey(publicKeyFromPrivate(key))
  const warnings = checkKeyUsage(certificate)
  const { known, beside } = await readStore(context, async (tx) => {
    await checkNew(tx, { label, certificate })
    return { known: await listIssuers(tx), beside: await issuerWithKey(tx) }
  })
  const probe = await probeIssuer(
    { certificate, signer: keySigner(key), at: now },
    {
      intermediates: [...given, ...known.map((issuer) => issuer.certificate)],
      roots: known.map(rootOf),
    },
  )
  const privateKeyPem = await context.keys.encrypt(key, beside)
  const issuer: AuthorityIssuer = {
    id: fingerprint(certificate),
    label,
    kind: 'imported',
    certificate,
    chain: probe.chain,
    hasKey: true,
    createdAt: now,
  }
  await context.store.transaction(async (tx) => {
    await checkNew(tx, { label, certificate })
    await recordIssuer(tx, { issuer, privateKeyPem, action: 'issuer.import', actor })
  })
  announceIssuer(context, issuer)
  return {
    issuer,
    warnings: [
      ...warnings,
      ...probe.warnings,
      ...sameSubject(certificate, knownAuthorities(known)),
      ...unused(given, [certificate, ...probe.chain]),
    ],
    dropped: [],
  }
}

interface Material {
  readonly key: KeyObject
  /** The one whose key it is. */
  readonly certificate: Certificate
  readonly given: readonly Certificate[]
}

function readMaterial({ label, certificates, key, passphrase }: ImportRequest): Material {
  for (const input of [certificates, key]) {
    if (input.length <= limits.maxImportBytes) continue
    throw new AuthorityError(
      'request-too-large',
      `Cannot import "${label}": a file is larger than 256 kB`,
      {
        hint: 'Give the certificate of the CA and those above it, nothing else',
      },
    )
  }
  const privateKey = parsePrivateKey(key, passphrase === undefined ? {} : { passphrase })
  const given = parseCertificates(certificates)
  if (given.length > limits.maxImportCertificates) {
    throw new AuthorityError(
      'request-too-large',
      `Cannot import "${label}": ${given.length} certificates, the limit is ${limits.maxImportCertificates}`,
      { hint: 'Give the certificate of the CA and those above it, nothing else' },
    )
  }
  const publicKeyInfo = publicKeyFromPrivate(privateKey).export({ type: 'spki', format: 'der' })
  const wanted = publicKeyFingerprint({ publicKeyInfo })
  const certificate = given.find((candidate) => publicKeyFingerprint(candidate) === wanted)
  if (certificate !== undefined) return { key: privateKey, certificate, given }
  throw new AuthorityError(
    'issuer-key-mismatch',
    `Cannot import "${label}": the key is not the key of ${given.map(({ subject }) => `"${subjectText(subject)}"`).join(' or ')}`,
    { hint: 'Give the key and the certificate of the same CA' },
  )
}

/** RFC 5280 §4.2.1.3 wants keyUsage in every CA; roots made by hand with `openssl req -x509` have none. */
function checkKeyUsage({ subject, issuer, extensions }: Certificate): readonly Note[] {
  if (extensions.keyUsage !== undefined) return []
  if (caNameKey(subject) === caNameKey(issuer)) {
    const why =
      'this root has none: verifiers accept that, but its key may then be used for anything'
    return [{ what: 'keyUsage', why }]
  }
  throw new AuthorityError(
    'issuer-not-a-ca',
    `Cannot import "${subjectText(subject)}": it is an intermediate without keyUsage`,
    { hint: 'Have it issued anew with keyUsage keyCertSign, cRLSign' },
  )
}

/** @throws {AuthorityError} issuer-exists */
async function checkNew(
  tx: Transaction,
  { label, certificate }: { readonly label: string; readonly certificate: Certificate },
): Promise<void> {
  await checkLabelFree(tx, label)
  const same = await tx.issuers.byId(fingerprint(certificate))
  if (same === undefined) return
  throw new AuthorityError(
    'issuer-exists',
    `Cannot import "${label}": the same certificate is kept as "${same.name}"`,
    { hint: `Use issuer "${same.name}"` },
  )
}

function sameSubject(certificate: Certificate, known: KnownAuthorities): readonly Note[] {
  const label = known.subjects.get(caNameKey(certificate.subject))
  if (label === undefined || known.keys.has(publicKeyFingerprint(certificate))) return []
  return [
    {
      what: `subject ${subjectText(certificate.subject)}`,
      why: `the CA "${label}" has it too, with another key: verifiers may try the wrong one`,
    },
  ]
}

function unused(given: readonly Certificate[], used: readonly Certificate[]): readonly Note[] {
  const ids = new Set(used.map(fingerprint))
  return given
    .filter((certificate) => !ids.has(fingerprint(certificate)))
    .map(({ subject }) => ({
      what: `certificate ${subjectText(subject)}`,
      why: 'it is not on the path from this CA to its root',
    }))
}
