import { relative } from 'node:path'
import type { Command } from 'commander'
import { checkCluster } from '../cluster-inputs.ts'
import { loadConfig } from '../config.ts'
import { configTemplate } from '../config-template.ts'
import { writeOutputs } from '../files.ts'
import { printJson, printText, speak } from '../output.ts'

interface InitOptions {
  readonly out: string
  readonly force?: boolean
}

interface CheckOptions {
  readonly config: string
  readonly json?: boolean
}

export function addConfigCommands(program: Command): void {
  const config = program.command('config').description('Write and check the configuration file')
  config
    .command('init')
    .description('Write a commented configuration file to start from')
    .option('--out <file>', 'where to write it', 'handfast.yaml')
    .option('--force', 'replace the file if it exists')
    .addHelpText(
      'after',
      '\nExamples:\n  handfast config init\n  handfast config init --out /etc/handfast/handfast.yaml',
    )
    .action(async (options: InitOptions) => {
      const { out, force = false } = options
      await writeOutputs([{ path: out, content: configTemplate, secret: false }], { force })
      speak(`Wrote ${out}`)
      speak(`Next: edit it, then run "handfast config check --config ${out}"`)
    })
  config
    .command('check')
    .description('Check the configuration file and everything that it names; changes nothing')
    .option('-c, --config <file>', 'the configuration file', 'handfast.yaml')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  handfast config check\n  handfast config check -c demo/handfast.yaml --json',
    )
    .action(check)
}

async function check({ config: file, json = false }: CheckOptions): Promise<void> {
  const config = await loadConfig(file)
  const { identities, anchors } = await checkCluster(config)
  if (json) {
    printJson({ ok: true, file, identities, anchors })
    return
  }
  for (const { name, subject, notAfter } of identities)
    printText(`identity ${name}: ${subject}, until ${notAfter}`)
  for (const { kind, subject, path } of anchors)
    printText(`anchor   ${kind}: ${subject} (${relative('.', path)})`)
  printText(`${file} is sound`)
}
