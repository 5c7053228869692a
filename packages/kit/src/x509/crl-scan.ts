import { DerReader, malformed, tags } from './der-reader.ts'
import { integerBytes, timeValue } from './der-values.ts'
import { crlEntryOids } from './crl-entry.ts'
import { octetString, oid, sequence } from './der-writer.ts'
import { encodeReason } from './revocation-reason.ts'

/** Where an entry ends, and its extensions when there is more to them than a reason code of the usual form. */
export interface ScannedEntry {
  readonly end: number
  readonly extensions: Uint8Array | undefined
}

/**
 * Checks the form of the entry at `offset`: all of it, but for the extensions that it returns. Entries as CAs write them
 * are checked in place, at some 0.1 µs; others through `DerReader`. Both accept the same.
 * @throws {X509Error} der-malformed
 */
export function scanEntry(content: Uint8Array, offset: number): ScannedEntry {
  return scanUsual(content, offset) ?? scanSlowly(content, offset)
}

/** `undefined`: not of the usual form, which need not mean that it is wrong. */
function scanUsual(content: Uint8Array, offset: number): ScannedEntry | undefined {
  const length = content[offset + 1] ?? 0xff
  const end = offset + 2 + length
  if (content[offset] !== tags.sequence || length >= 0x80 || end > content.length) return undefined
  const serial = offset + 2
  const serialLength = content[serial + 1] ?? 0xff
  if (content[serial] !== tags.integer || !isShortestInteger(content, serial + 2, serialLength))
    return undefined
  const time = serial + 2 + serialLength
  if (!isUsualTime(content, time)) return undefined
  const extensions = time + 2 + utcTimeLength
  if (extensions === end) return { end, extensions: undefined }
  if (extensions + reasonPrefix.length + 1 !== end) return undefined
  for (let index = 0; index < reasonPrefix.length; index += 1) {
    if (content[extensions + index] !== reasonPrefix[index]) return undefined
  }
  return (content[end - 1] ?? 0xff) < 0x80 ? { end, extensions: undefined } : undefined
}

function scanSlowly(content: Uint8Array, offset: number): ScannedEntry {
  const entry = new DerReader(content.subarray(offset)).read(tags.sequence)
  const reader = new DerReader(entry.content)
  const serial = integerBytes(reader.read(tags.integer))
  // The index takes one octet of length; certificates have at most 20 (RFC 5280 §4.1.2.2).
  if (serial.length >= 0x80) throw malformed('serial number of more than 127 octets')
  timeValue(reader.read())
  const extensions = reader.done ? undefined : reader.read(tags.sequence).der
  reader.finish()
  return { end: offset + entry.der.length, extensions }
}

/** X.690 §8.3.2 */
function isShortestInteger(content: Uint8Array, start: number, length: number): boolean {
  if (length === 0 || length >= 0x80) return false
  if (length === 1) return true
  const first = content[start]
  const second = content[start + 1] ?? 0
  return !((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
}

const utcTimeLength = 13

/** A UTCTime that names a second; days that only some months have are left to `timeValue`. */
function isUsualTime(content: Uint8Array, start: number): boolean {
  if (content[start] !== tags.utcTime || content[start + 1] !== utcTimeLength) return false
  if (content[start + 14] !== 0x5a) return false
  const pair = (index: number): number => {
    const tens = (content[start + index] ?? 0) - 0x30
    const ones = (content[start + index + 1] ?? 0) - 0x30
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 100
  }
  const [month, day] = [pair(4), pair(6)]
  return (
    pair(2) < 100 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= (month === 2 ? 28 : 30) &&
    pair(8) <= 23 &&
    pair(10) <= 59 &&
    pair(12) <= 59
  )
}

/** Extensions that hold nothing but a reason code, without the code itself. */
const reasonPrefix = sequence(
  sequence(oid(crlEntryOids.reasonCode), octetString(encodeReason('unspecified'))),
).subarray(0, -1)
