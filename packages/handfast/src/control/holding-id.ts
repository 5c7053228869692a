import { ControlError } from './errors.ts'

const length = 12

/** Corda's short hash, upper-cased. @throws {ControlError} holding-id-invalid */
export function parseHoldingId(text: string): string {
  if (text.length !== length) {
    throw invalid(`Hex string has length of ${text.length} but should be ${length} characters`)
  }
  if (!/^[0-9a-f]+$/i.test(text)) throw invalid('Not a valid hex string')
  return text.toUpperCase()
}

function invalid(why: string): ControlError {
  return new ControlError('holding-id-invalid', `Invalid holding identity short hash: ${why}`, {
    hint: 'Use the 12 hexadecimal digits that handfast up printed',
  })
}
