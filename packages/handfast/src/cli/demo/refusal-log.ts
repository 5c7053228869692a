import { setTimeout } from 'node:timers/promises'
import type { Events } from '@handfast/kit/base'
import type { GuardEvent } from '@handfast/kit/tls'
import type { Refusal } from '@handfast/kit/trust'
import type { ClusterEvent } from '../cluster.ts'

const limits = {
  maxWaitMs: 5_000,
  maxEntries: 1_000,
}

/** Keeps what the gateway said of the connections it refused and cut, and passes every event on. */
export class RefusalLog implements Events<ClusterEvent> {
  readonly #next: Events<ClusterEvent>
  readonly #entries = new Map<string, PromiseWithResolvers<readonly Refusal[]>>()

  constructor(next: Events<ClusterEvent>) {
    this.#next = next
  }

  emit(event: ClusterEvent): void {
    if (event.room === 'gateway' && event.event.type === 'connection') this.#keep(event.event.event)
    this.#next.emit(event)
  }

  /** Of the refused connection with this id; empty when the gateway says nothing within five seconds. */
  refusalsOf(id: string): Promise<readonly Refusal[]> {
    return this.#wait(`refused ${id}`)
  }

  /** Of the live connection of this subject that was cut. */
  cutOf(subject: string): Promise<readonly Refusal[]> {
    return this.#wait(`cut ${subject}`)
  }

  #keep(event: GuardEvent): void {
    if (event.type === 'connection-refused')
      this.#entry(`refused ${event.id}`).resolve(event.refusals)
    if (event.type === 'connection-cut') this.#entry(`cut ${event.peer}`).resolve(event.refusals)
  }

  #wait(key: string): Promise<readonly Refusal[]> {
    return Promise.race([
      this.#entry(key).promise,
      setTimeout(limits.maxWaitMs, [], { ref: false }),
    ])
  }

  #entry(key: string): PromiseWithResolvers<readonly Refusal[]> {
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    const entry = Promise.withResolvers<readonly Refusal[]>()
    this.#entries.set(key, entry)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > limits.maxEntries && oldest !== undefined) this.#entries.delete(oldest)
    return entry
  }
}
