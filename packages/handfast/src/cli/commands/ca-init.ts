import { join } from 'node:path'
import { systemClock } from '@handfast/kit/base'
import { encodeCertificatePem } from '@handfast/kit/x509'
import type { Command } from 'commander'
import type { Authority } from '../../authority/authority.ts'
import type { CreatedIssuer } from '../../authority/create-issuer.ts'
import { AuthorityError } from '../../authority/errors.ts'
import { caNameKey, knownAuthorities } from '../../authority/issuer.ts'
import { planAuthority } from '../certificates/authority-plan.ts'
import type { AuthorityPlan, PlanOptions } from '../certificates/authority-plan.ts'
import { describeIssuer } from '../certificates/describe-issuer.ts'
import type { IssuerDescription } from '../certificates/describe-issuer.ts'
import { issuerRows } from '../certificates/format-description.ts'
import {
  addDataOption,
  addPassphraseOption,
  createAuthority,
  sameAuthority,
} from '../certificates/open-authority.ts'
import type { DataOption } from '../certificates/open-authority.ts'
import { printRows } from '../certificates/print-rows.ts'
import { speakWarnings } from '../certificates/speak-notes.ts'
import { takePassphrase } from '../certificates/take-passphrase.ts'
import type { NewPassphraseOption } from '../certificates/take-passphrase.ts'
import { reserveOutputs } from '../files.ts'
import { printJson, printText, speak, usageError } from '../output.ts'

interface InitOptions extends PlanOptions, DataOption, NewPassphraseOption {
  readonly out: string
  readonly force?: boolean
  readonly json?: boolean
}

const examples = `
The root signs one intermediate, which issues everything else. Their keys are kept encrypted in the data folder, with
one passphrase: whoever has the folder and the passphrase is the authority, so keep the two apart.

Examples:
  handfast ca init --organization "Client C" --country FR --passphrase-file ca.passphrase --create-passphrase
  HANDFAST_PASSPHRASE=... handfast ca init --organization Example
  handfast ca init --root-subject "CN=Root,O=Example" --intermediate-subject "CN=Issuing,O=Example" \\
    --label example --root-days 7300 --passphrase-file ca.passphrase --json`

export function addCaInitCommand(ca: Command): void {
  const command = ca
    .command('init')
    .description('Make a root and an intermediate, and the keys of both')
    .option('--organization <name>', 'names them "<name> Root CA" and "<name> Issuing CA"')
    .option('--country <code>', 'two letters, added to both names')
    .option('--locality <name>', 'added to both names')
    .option('--root-subject <name>', 'the root\'s whole name instead, such as "CN=Root,O=Example"')
    .option('--intermediate-subject <name>', "the intermediate's whole name instead")
    .option('--label <label>', 'what to call the intermediate here; the root is <label>-root')
    .option('--root-algorithm <algorithm>', "of the root's key (default: ec-p384)")
    .option('--algorithm <algorithm>', "of the intermediate's key (default: ec-p256)")
    .option('--root-days <days>', 'how long the root is valid (default: 3650)')
    .option('--days <days>', 'how long the intermediate is valid (default: 1825)')
    .option('--out <folder>', 'where to write <label>-root.crt, which partners need', '.')
  addPassphraseOption(addDataOption(command))
    .option('--create-passphrase', 'make a new passphrase and write it to --passphrase-file')
    .option('--force', 'replace <label>-root.crt if it exists')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action(init)
}

async function init(options: InitOptions): Promise<void> {
  const plan = planAuthority(options, systemClock.now())
  const rootFile = join(options.out, `${plan.root.label}.crt`)
  const place = { path: rootFile, secret: false }
  await using outputs = await reserveOutputs([place], { force: options.force === true })
  await using passphrase = await takePassphrase(options)
  await using opened = await createAuthority(options, passphrase.text)
  const { authority } = opened
  await checkNew(authority, { plan, options })
  const root = await authority.initRoot(plan.root)
  passphrase.keep()
  const intermediate = await createIntermediate(authority, plan)
  await outputs.write([encodeCertificatePem(root.issuer.certificate)])
  report({ root, intermediate }, { options, rootFile })
}

/** Whatever would refuse the intermediate once the root is stored, and what the database knows only. */
async function checkNew(
  authority: Authority,
  { plan, options }: { readonly plan: AuthorityPlan; readonly options: InitOptions },
): Promise<void> {
  const issuers = await authority.list()
  const { label, name } = plan.intermediate
  const taken = issuers.find((issuer) => [label, plan.root.label].includes(issuer.label))
  if (taken !== undefined) {
    throw new AuthorityError('issuer-exists', `Cannot create issuer "${taken.label}": it exists`, {
      hint: 'Choose another --label; issuers are never replaced, because certificates depend on them',
    })
  }
  const holder = knownAuthorities(issuers).subjects.get(caNameKey(name))
  if (holder !== undefined) {
    throw new AuthorityError(
      'subject-of-a-ca',
      `Cannot create issuer "${label}": issuer "${holder}" has its subject`,
      {
        hint: 'Choose another subject with --intermediate-subject',
      },
    )
  }
  if (options.createPassphrase !== true || !issuers.some(({ hasKey }) => hasKey)) return
  throw usageError(
    'Cannot use --create-passphrase: the keys that are kept here have a passphrase, and one database has one',
    'Give that passphrase instead, or make the authority in another folder with --data',
  )
}

async function createIntermediate(
  authority: Authority,
  plan: AuthorityPlan,
): Promise<CreatedIssuer> {
  try {
    return await authority.initIntermediate({ ...plan.intermediate, parent: plan.root.label })
  } catch (error) {
    // The plan was checked: what is left is a disk or a database that fails between two transactions.
    speak(`The root "${plan.root.label}" was made and is kept; the intermediate was not`)
    throw error
  }
}

interface Created {
  readonly root: CreatedIssuer
  readonly intermediate: CreatedIssuer
}

function report(
  { root, intermediate }: Created,
  { options, rootFile }: { readonly options: InitOptions; readonly rootFile: string },
): void {
  const now = systemClock.now()
  const described = {
    root: describeIssuer(root.issuer, now),
    intermediate: describeIssuer(intermediate.issuer, now),
  }
  const warnings = [...root.warnings, ...intermediate.warnings]
  speakWarnings({ warnings, clamped: intermediate.clamped })
  const passphrase = options.createPassphrase === true ? options.passphraseFile : undefined
  const files = { root: rootFile, ...(passphrase !== undefined && { passphrase }) }
  if (options.json === true) return printJson({ ...described, files, warnings })
  printIssuer(described.root)
  printText('')
  printIssuer(described.intermediate)
  speak(`Wrote ${rootFile}`)
  if (passphrase !== undefined) {
    speak(
      `Wrote ${passphrase}: keep it apart from the data folder, and keep a copy; without it no key can be used`,
    )
  }
  speak(`Next: hand ${rootFile} to your partners, and let them confirm its SHA-256 by another way`)
  speak(
    `Next: handfast issue --profile server --subject CN=web --san DNS:web.example --out web${sameAuthority(options)}`,
  )
}

function printIssuer(issuer: IssuerDescription): void {
  printRows(issuerRows(issuer))
}
