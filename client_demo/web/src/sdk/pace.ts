/**
 * Sends the newest signal of a kind at a pace that leaves the rate (SPEC.md, L5) to commands: one pace for all streams of a connection,
 * as the rate is a person's. Of two streams that signal at once each has its turn.
 */

import type { Clock } from './ports'

type Data = Readonly<Record<string, unknown>>

export class Pace {
  /** By kind, the newest of each stream; who has waited longest comes first. */
  readonly #waiting = new Map<string, Map<string, Data>>()
  readonly #resting = new Map<string, () => void>()
  /** Milliseconds between two signals of a kind. */
  interval = 100

  constructor(
    private readonly clock: Clock,
    private readonly send: (stream: string, kind: string, data: Data) => void,
  ) {}

  /** At once, or when its turn comes if it is still the newest of its kind. */
  give(stream: string, kind: string, data: Data): void {
    if (!this.#resting.has(kind)) return this.#go(stream, kind, data)
    const line = this.#waiting.get(kind) ?? new Map<string, Data>()
    this.#waiting.set(kind, line.set(stream, data))
  }

  /** Forgets what waits in a stream. */
  leave(stream: string): void {
    for (const line of this.#waiting.values()) line.delete(stream)
  }

  /** Forgets what waits. */
  stop(): void {
    for (const cancel of this.#resting.values()) cancel()
    this.#resting.clear()
    this.#waiting.clear()
  }

  #go(stream: string, kind: string, data: Data): void {
    this.send(stream, kind, data)
    this.#resting.set(
      kind,
      this.clock.after(this.interval, () => {
        this.#resting.delete(kind)
        for (const [next, newest] of this.#waiting.get(kind) ?? []) {
          this.#waiting.get(kind)?.delete(next)
          return this.#go(next, kind, newest)
        }
      }),
    )
  }
}
