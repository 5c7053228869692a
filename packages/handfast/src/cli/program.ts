import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addConfigCommands } from './commands/config.ts'
import { addDemoCommand } from './commands/demo.ts'
import { addUpCommand } from './commands/up.ts'
import { addUserCommands } from './commands/user.ts'
import { addCaCommands } from './commands/ca.ts'
import { addInspectCommand } from './commands/inspect.ts'
import { addIssueCommand } from './commands/issue.ts'
import { addRequestCommand } from './commands/request.ts'
import { addSignCommand } from './commands/sign.ts'
import { addTrustCommands } from './commands/trust.ts'
import { addVerifyCommand } from './commands/verify.ts'
import { cliErrorCodes } from './errors.ts'
import { exitStatus, printJson, reportError } from './output.ts'

const after = `
Exit status: 0 done; 1 refused or failed; 2 the command line or the configuration is wrong.

Examples:
  handfast demo                                  see mutual TLS work, and be refused
  handfast ca init --organization "Example"      make a root and an intermediate
  handfast issue --profile server --subject CN=web --san DNS:web.example --out web
  handfast up -c handfast.yaml                   run the REST API and the gateway`

/** Runs one command line. Resolves to the exit status; never rejects. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const program = createProgram()
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return Number(process.exitCode ?? exitStatus.done)
  } catch (error) {
    if (error instanceof CommanderError) return endOfCommander(error, argv)
    return reportError(error, { json: argv.includes('--json') })
  }
}

/** Commander has printed its own message, or the help that was asked for. */
function endOfCommander({ exitCode, message }: CommanderError, argv: readonly string[]): number {
  if (exitCode === 0) return exitStatus.done
  if (argv.includes('--json')) {
    printJson({ error: { code: cliErrorCodes.usage, reason: 'usage', message } })
  }
  return exitStatus.usage
}

function createProgram(): Command {
  const program = new Command('handfast')
    .description(
      'Mutual TLS, end to end: certificates, both ends of the connection, and every refusal explained.',
    )
    .version(packageVersion(), '-V, --version')
    .exitOverride()
    .showHelpAfterError('(add --help for examples)')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', after)
  addDemoCommand(program)
  addUpCommand(program)
  addCaCommands(program)
  addIssueCommand(program)
  addRequestCommand(program)
  addSignCommand(program)
  addInspectCommand(program)
  addVerifyCommand(program)
  addTrustCommands(program)
  addUserCommands(program)
  addConfigCommands(program)
  return program
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? manifest.version
      : ''
  return String(version)
}
