/** Sends the newest signal of a kind at a pace that leaves the rate (SPEC.md, L5) to commands. */

import type { Clock } from './ports'

export class Pace {
  #waiting = new Map<string, unknown>()
  #resting = new Map<string, () => void>()
  /** Milliseconds between two signals of a kind. */
  interval = 100

  constructor(
    private readonly clock: Clock,
    private readonly send: (kind: string, data: unknown) => void,
  ) {}

  /** At once, or when its turn comes if it is still the newest of its kind. */
  give(kind: string, data: unknown): void {
    if (this.#resting.has(kind)) this.#waiting.set(kind, data)
    else this.#go(kind, data)
  }

  /** Forgets what waits. */
  stop(): void {
    for (const cancel of this.#resting.values()) cancel()
    this.#resting.clear()
    this.#waiting.clear()
  }

  #go(kind: string, data: unknown): void {
    this.send(kind, data)
    this.#resting.set(
      kind,
      this.clock.after(this.interval, () => {
        this.#resting.delete(kind)
        if (!this.#waiting.has(kind)) return
        const newest = this.#waiting.get(kind)
        this.#waiting.delete(kind)
        this.#go(kind, newest)
      }),
    )
  }
}
