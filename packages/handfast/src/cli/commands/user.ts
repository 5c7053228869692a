import { systemClock } from '@handfast/kit/base'
import type { Command } from 'commander'
import { addUser } from '../../control/add-user.ts'
import { openSqliteStore } from '../../store/sqlite-store.ts'
import { databaseFile, defaultDataFolder } from '../data-folder.ts'
import { printJson, printText, speak } from '../output.ts'
import { findSecret } from '../secrets.ts'

interface AddOptions {
  readonly data: string
  readonly passwordFile?: string
  readonly replace?: boolean
  readonly json?: boolean
}

const examples = `
Without a password, one is made and printed once.

Examples:
  handfast user add admin
  handfast user add admin --data /var/lib/handfast --password-file admin.password
  HANDFAST_PASSWORD=... handfast user add admin --replace`

export function addUserCommands(program: Command): void {
  program
    .command('user')
    .description('Manage the users of the REST API')
    .command('add')
    .description('Add a user; the REST API takes its name and password with Basic authentication')
    .argument('<name>')
    .option('--data <dir>', 'the data folder', defaultDataFolder)
    .option('--password-file <file>', 'take the password from a file; else from HANDFAST_PASSWORD')
    .option('--replace', 'set the password of a user that exists')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(add)
}

async function add(name: string, options: AddOptions): Promise<void> {
  const { data, passwordFile, replace = false, json = false } = options
  const password = await findSecret({ file: passwordFile, variable: 'HANDFAST_PASSWORD' })
  await using store = await openSqliteStore({ file: databaseFile(data) })
  const { generatedPassword } = await addUser(store, {
    name,
    ...(password !== undefined && { password }),
    replace,
    actor: 'cli',
    clock: systemClock,
  })
  if (json)
    printJson({ name, ...(generatedPassword !== undefined && { password: generatedPassword }) })
  else if (generatedPassword !== undefined) printText(generatedPassword)
  speak(
    generatedPassword === undefined
      ? `Added "${name}"`
      : `Added "${name}"; above is its password, which is shown this once`,
  )
}
