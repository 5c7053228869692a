import { HandfastError, isHandfastError } from '@handfast/kit/base'
import { styleText } from 'node:util'
import { CliError } from './errors.ts'

/** Data goes to stdout, speech to stderr: a pipe gets the data alone. */

export function printText(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}

/** Progress, warnings and what to do next. */
export function speak(text: string): void {
  process.stderr.write(`${text}\n`)
}

export function warn(text: string): void {
  speak(`${styleText('yellow', 'warning:', { stream: process.stderr })} ${printable(text)}`)
}

/** The exit statuses, also in `handfast --help`. */
export const exitStatus = { done: 0, failed: 1, usage: 2 } as const

/** Shows an error as people read it, and says with which status to end. Never a stack trace. */
export function reportError(error: unknown, { json }: { readonly json: boolean }): number {
  const known = isHandfastError(error) ? error : unexpected(error)
  if (json) {
    const { code, reason, message, hint, details } = known
    printJson({ error: { code, reason, message, ...(hint !== undefined && { hint }), details } })
  } else {
    const label = styleText(['red', 'bold'], 'error:', { stream: process.stderr })
    speak(`${label} ${printable(known.message)} [${known.code}]`)
    if (known.hint !== undefined)
      speak(`${styleText('bold', 'hint:', { stream: process.stderr })} ${printable(known.hint)}`)
  }
  return known.reason === 'usage' || known.reason === 'config-invalid'
    ? exitStatus.usage
    : exitStatus.failed
}

/**
 * Text from certificates, files and peers may hold control characters; a terminal must not obey them.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n'
      ? character
      : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

/** Columns padded to their widest cell. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (found, row) => row.map((cell, index) => Math.max(found[index] ?? 0, cell.length)),
    [],
  )
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function unexpected(error: unknown): HandfastError {
  const message = error instanceof Error ? error.message : String(error)
  return new HandfastError({ code: 'HF-U100', reason: 'unexpected' }, `Cannot go on: ${message}`, {
    cause: error,
    hint: 'This is a fault in Handfast: please report it with the command that you ran',
  })
}

/** Refuses a command line that cannot be meant. */
export function usageError(message: string, hint: string): CliError {
  return new CliError('usage', message, { hint })
}
