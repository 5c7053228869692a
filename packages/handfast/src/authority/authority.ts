import type { KeyObject } from 'node:crypto'
import { silentEvents } from '@handfast/kit/base'
import type { Clock, Events } from '@handfast/kit/base'
import { generatePrivateKey, publicKeyFromPrivate } from '@handfast/kit/x509'
import type { GeneralName, KeyAlgorithm, Name } from '@handfast/kit/x509'
import type { Store } from '../store/store.ts'
import { findIssuerRow, listIssuers, readStore } from './context.ts'
import type { Asked, AuthorityContext } from './context.ts'
import { certifyIntermediate, createIntermediate, createRoot } from './create-issuer.ts'
import type { CreatedIssuer, IntermediateRequest, RootRequest } from './create-issuer.ts'
import { AuthorityError } from './errors.ts'
import { emitSafely } from './events.ts'
import type { AuthorityEvent } from './events.ts'
import { importIssuer } from './import-issuer.ts'
import type { ImportRequest } from './import-issuer.ts'
import { issueLeaf } from './issue-leaf.ts'
import type { Issued } from './issue-leaf.ts'
import { parseIssuer } from './issuer.ts'
import type { AuthorityIssuer } from './issuer.ts'
import { KeyRing } from './key-ring.ts'
import type { PassphraseSource } from './key-ring.ts'
import { findProfile } from './profiles.ts'
import { readRequest, takeAuthorityRequest, takeRequest } from './request-policy.ts'
import { TrialKeys } from './sign-certificate.ts'

export interface AuthorityOptions {
  readonly store: Store
  readonly clock: Clock
  /** Of the keys at rest. */
  readonly passphrase: PassphraseSource
  readonly events?: Events<AuthorityEvent>
}

interface CertificateRequest extends Asked {
  /** The issuer's label. */
  readonly issuer: string
  /** `server`, `client` or `peer`. */
  readonly profile: string
  readonly lifetimeDays?: number | undefined
}

export interface IssueRequest extends CertificateRequest {
  readonly subject: Name
  readonly subjectAltNames?: readonly GeneralName[] | undefined
}

export interface IssuedWithKey extends Issued {
  /** Nowhere else: it is not stored. */
  readonly privateKey: KeyObject
}

export interface SignRequest extends CertificateRequest {
  /** PEM or DER. */
  readonly csr: Uint8Array | string
  /** Instead of the subject that the request asks for. */
  readonly subject?: Name | undefined
  /** Instead of the names that the request asks for. */
  readonly subjectAltNames?: readonly GeneralName[] | undefined
}

export interface SignIntermediateRequest extends Omit<IntermediateRequest, 'algorithm' | 'name'> {
  /** PEM or DER. */
  readonly csr: Uint8Array | string
  /** Instead of the subject that the request asks for. */
  readonly name?: Name | undefined
}

/**
 * A certificate authority over a store: what it returns is on disk, with its audit row. Issuers are found by label.
 * @see docs of each method; all of them throw {AuthorityError}, with a code and a hint
 */
export class Authority implements AsyncDisposable {
  readonly #context: AuthorityContext

  constructor({ store, clock, passphrase, events = silentEvents }: AuthorityOptions) {
    const keys = new KeyRing(passphrase)
    this.#context = { store, clock, events, keys, trials: new TrialKeys() }
  }

  /** Makes a root and its key; by default ECDSA P-384 for ten years. */
  async initRoot(request: RootRequest): Promise<CreatedIssuer> {
    return this.#watched(request.label, createRoot(this.#context, request))
  }

  /** Makes an intermediate and its key under `parent`; by default ECDSA P-256 for five years. */
  async initIntermediate(request: IntermediateRequest): Promise<CreatedIssuer> {
    return this.#watched(request.parent, createIntermediate(this.#context, request))
  }

  /** Takes over a CA that was made elsewhere. */
  async importIssuer(request: ImportRequest): Promise<CreatedIssuer> {
    return this.#watched(request.label, importIssuer(this.#context, request))
  }

  /**
   * Makes a CA of another's key, from its request: under its subject if none is given, with nothing else taken from
   * it. It is listed as an issuer, without its key.
   */
  async signIntermediate(request: SignIntermediateRequest): Promise<CreatedIssuer> {
    return this.#watched(request.parent, this.#signIntermediate(request))
  }

  /** Issues a leaf for a public key, or for a new key that is returned and kept nowhere. */
  async issue(request: IssueRequest & { readonly publicKey: KeyObject }): Promise<Issued>
  async issue(
    request: IssueRequest & { readonly algorithm?: KeyAlgorithm | undefined },
  ): Promise<IssuedWithKey>
  async issue(
    request: IssueRequest & {
      readonly publicKey?: KeyObject
      readonly algorithm?: KeyAlgorithm | undefined
    },
  ): Promise<Issued | IssuedWithKey> {
    return this.#watched(request.issuer, this.#issue(request))
  }

  /** Issues a leaf for a request: its key, its subject and its names are taken, each under the profile's rules. */
  async signCsr(request: SignRequest): Promise<Issued> {
    return this.#watched(request.issuer, this.#signCsr(request))
  }

  /** Every issuer, oldest first. */
  async list(): Promise<readonly AuthorityIssuer[]> {
    return readStore(this.#context, listIssuers)
  }

  /** @throws {AuthorityError} issuer-not-found */
  async find(label: string): Promise<AuthorityIssuer> {
    return parseIssuer(await readStore(this.#context, (tx) => findIssuerRow(tx, label)))
  }

  /** Forgets the keys. The store stays open: it is the caller's. */
  close(): Promise<void> {
    this.#context.keys.close()
    return Promise.resolve()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #issue(
    request: IssueRequest & {
      readonly publicKey?: KeyObject
      readonly algorithm?: KeyAlgorithm | undefined
    },
  ): Promise<Issued | IssuedWithKey> {
    const profile = findProfile(request.profile)
    const { publicKey, algorithm = 'ec-p256', subjectAltNames = [] } = request
    const order = { ...request, profile, subjectAltNames, dropped: [], warnings: [] }
    if (publicKey !== undefined) return issueLeaf(this.#context, { ...order, publicKey })
    const privateKey = await generatePrivateKey(algorithm)
    const issued = await issueLeaf(this.#context, {
      ...order,
      publicKey: publicKeyFromPrivate(privateKey),
    })
    return { ...issued, privateKey }
  }

  async #signCsr(request: SignRequest): Promise<Issued> {
    const profile = findProfile(request.profile)
    const { csr, warnings } = readRequest(request.csr)
    const taken = takeRequest(csr, { ...request, profile })
    return issueLeaf(this.#context, {
      ...request,
      ...taken,
      profile,
      publicKey: csr.publicKey,
      warnings,
    })
  }

  async #signIntermediate(request: SignIntermediateRequest): Promise<CreatedIssuer> {
    const { csr, warnings } = readRequest(request.csr)
    const { name, dropped } = takeAuthorityRequest(csr, request.name)
    const created = await certifyIntermediate(this.#context, {
      ...request,
      name,
      publicKey: csr.publicKey,
      privateKeyPem: null,
      dropped,
    })
    return { ...created, warnings: [...warnings, ...created.warnings] }
  }

  async #watched<T>(issuer: string, work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      if (error instanceof AuthorityError) {
        const { code, reason } = error
        const at = this.#context.clock.now()
        emitSafely(this.#context.events, { type: 'issuance-refused', at, issuer, code, reason })
      }
      throw error
    }
  }
}
