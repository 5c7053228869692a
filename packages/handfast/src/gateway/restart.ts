import type { CompiledState } from './compile-state.ts'
import { GatewayError } from './errors.ts'
import type { ListenerState } from './state.ts'

/**
 * Refuses a next state that only a restart could bring about: what is bound, and with which identity and TLS type.
 * @throws {GatewayError} restart-needed
 */
export function refuseRestart(now: CompiledState, next: CompiledState): void {
  for (const { name } of now.state.listeners) {
    if (!next.listeners.has(name)) throw restartNeeded(name, 'it would be removed')
  }
  for (const listener of next.state.listeners) {
    const old = now.listeners.get(listener.name)?.state
    if (old === undefined) throw restartNeeded(listener.name, 'it would be added')
    const changed = fixed.find((key) => old[key] !== listener[key])
    if (changed === undefined) continue
    const what = `its ${changed} would change from "${old[changed]}" to "${listener[changed]}"`
    throw restartNeeded(listener.name, what)
  }
}

const fixed = ['host', 'port', 'identity', 'tlsType'] as const satisfies (keyof ListenerState)[]

function restartNeeded(listener: string, what: string): GatewayError {
  return new GatewayError(
    'restart-needed',
    `Cannot apply the change to listener "${listener}" while the gateway runs: ${what}`,
    { details: { listener }, hint: 'Restart the gateway to apply it' },
  )
}
