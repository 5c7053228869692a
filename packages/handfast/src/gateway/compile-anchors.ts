import { HandfastError } from '@handfast/kit/base'
import { caAnchor, pinnedAnchor } from '@handfast/kit/trust'
import type { Anchor } from '@handfast/kit/trust'
import { parseCertificate } from '@handfast/kit/x509'
import { GatewayError } from './errors.ts'
import type { AnchorRecord } from './state.ts'

export type AnchorsById = ReadonlyMap<string, Anchor>

/** @throws {GatewayError} anchor-invalid */
export function compileAnchors(records: readonly AnchorRecord[]): AnchorsById {
  const anchors = new Map<string, Anchor>()
  for (const record of records) {
    if (anchors.has(record.id)) throw invalid(record, 'it is there twice')
    anchors.set(record.id, anchorOf(record))
  }
  return anchors
}

/** @throws {GatewayError} anchor-unknown */
export function anchorsOf(
  ids: readonly string[],
  { anchors, listener }: { readonly anchors: AnchorsById; readonly listener: string },
): readonly Anchor[] {
  return Array.from(new Set(ids), (id) => {
    const anchor = anchors.get(id)
    if (anchor !== undefined) return anchor
    throw new GatewayError(
      'anchor-unknown',
      `Cannot use listener "${listener}": anchor ${id} is not in the state`,
      { details: { listener, anchor: id } },
    )
  })
}

// States share what did not change: an anchor is parsed once, not at every change of something else.
const parsed = new WeakMap<AnchorRecord, Anchor>()

function anchorOf(record: AnchorRecord): Anchor {
  const known = parsed.get(record)
  if (known !== undefined) return known
  const anchor = parseAnchor(record)
  if (anchor.id !== record.id) throw invalid(record, `its certificate's id is ${anchor.id}`)
  parsed.set(record, anchor)
  return anchor
}

function parseAnchor(record: AnchorRecord): Anchor {
  try {
    const certificate = parseCertificate(Buffer.from(record.certificate, 'base64'))
    return record.kind === 'ca' ? caAnchor(certificate) : pinnedAnchor(certificate)
  } catch (error) {
    if (error instanceof HandfastError) throw invalid(record, error.message, error)
    throw error
  }
}

function invalid(record: AnchorRecord, what: string, cause?: unknown): GatewayError {
  return new GatewayError('anchor-invalid', `Cannot use anchor ${record.id}: ${what}`, {
    cause,
    details: { anchor: record.id },
  })
}
