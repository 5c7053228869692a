/** Lets one through at a time, in order of arrival, each with a limit on the wait. */
export class Turnstile {
  readonly #waiting: (() => void)[] = []
  #busy = false

  /** How many wait. */
  get length(): number {
    return this.#waiting.length
  }

  /** Resolves to the function that lets the next one in, or to undefined when `timeoutMs` passed first. */
  async enter(timeoutMs: number): Promise<(() => void) | undefined> {
    if (this.#busy && !(await this.#wait(timeoutMs))) return undefined
    this.#busy = true
    let left = false
    return () => {
      if (left) return
      left = true
      this.#leave()
    }
  }

  async #wait(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const admit = (): void => {
        clearTimeout(timer)
        resolve(true)
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(admit), 1)
        resolve(false)
      }, timeoutMs)
      this.#waiting.push(admit)
    })
  }

  /** Stays busy while it hands over, so that nobody can push in between. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#busy = false
    else next()
  }
}
