import { describe, it } from 'node:test'
import { foreignPrograms } from './foreign-programs.ts'

// This file's name makes it the first to run: what the others need stands at the top of the report.

process.stdout.write(
  `The interop tests need these programs; a test whose program is missing is skipped by name:\n${foreignPrograms
    .map(({ name, version, missing, from }) =>
      missing === undefined ? `  ${name}: ${version}` : `  ${name}: ${missing} (${from})`,
    )
    .join('\n')}\n`,
)

describe('the programs that interop tests run', () => {
  for (const { name, missing } of foreignPrograms) {
    it(`${name} is there`, { skip: missing ?? false }, () => undefined)
  }
})
