import { systemClock } from '@handfast/kit/base'
import type { Command } from 'commander'
import { describeIssuer } from '../certificates/describe-issuer.ts'
import { formatFingerprint } from '../certificates/fingerprints.ts'
import { addDataOption, openAuthority } from '../certificates/open-authority.ts'
import type { DataOption } from '../certificates/open-authority.ts'
import { formatTable, printJson, printText, printable, speak } from '../output.ts'
import { addCaImportCommand } from './ca-import.ts'
import { addCaInitCommand } from './ca-init.ts'

interface ListOptions extends DataOption {
  readonly json?: boolean
}

const examples = `
Examples:
  handfast ca list
  handfast ca list --data /var/lib/handfast --json`

export function addCaCommands(program: Command): void {
  const ca = program.command('ca').description('Make, import and list certificate authorities')
  addCaInitCommand(ca)
  addCaImportCommand(ca)
  addDataOption(ca.command('list'))
    .description('List the authorities that are kept here')
    .option('--json', 'print the list as JSON')
    .addHelpText('after', examples)
    .action(list)
}

async function list(options: ListOptions): Promise<void> {
  await using opened = await openAuthority(options)
  const now = systemClock.now()
  const issuers = (await opened.authority.list()).map((issuer) => describeIssuer(issuer, now))
  if (options.json === true) return printJson({ issuers })
  if (issuers.length === 0)
    return speak('No authority is kept here; make one with "handfast ca init"')
  const rows = issuers.map(({ label, kind, hasKey, notAfter, subject, fingerprint }) => [
    label,
    kind,
    hasKey ? 'yes' : 'no',
    notAfter.slice(0, 10),
    printable(subject),
    formatFingerprint(fingerprint),
  ])
  printText(formatTable([['LABEL', 'KIND', 'KEY', 'NOT AFTER', 'SUBJECT', 'SHA-256'], ...rows]))
}
