import { printText, printable } from '../output.ts'
import { formatRows } from './format-description.ts'
import type { Row } from './format-description.ts'

/** To standard output; what certificates say in them is made harmless. */
export function printRows(rows: readonly Row[]): void {
  printText(printable(formatRows(rows).join('\n')))
}
