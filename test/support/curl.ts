import assert from 'node:assert/strict'
import { runCommand } from './run-command.ts'

export interface CurlAnswer {
  readonly status: number
  readonly body: string
}

/** One call by curl, which must get an answer, whatever it says. */
export async function curl(
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<CurlAnswer> {
  const command = ['curl', '-sS', '-w', String.raw`\n%{http_code}`, ...args] as const
  const { status, stdout, stderr } = await runCommand([...command], options)
  assert.equal(status, 0, `${command.join(' ')}\n${stderr}`)
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) }
}

/** The public code of a refusal that was read as a problem. */
export function problemCode({ body }: CurlAnswer): unknown {
  const problem: unknown = JSON.parse(body)
  return typeof problem === 'object' && problem !== null && 'code' in problem
    ? problem.code
    : undefined
}
