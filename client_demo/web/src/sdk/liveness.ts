/**
 * Notices that nothing comes any more: a broken network closes no socket, and a phone that slept does not know that it did.
 * While someone looks, silence is broken by a question (W9): `ask`, then `stale` when it is not answered, then `dead` when it is
 * better to start again. While nobody does, the server's beats are waited for.
 */

import type { Clock } from './ports'

/** Silence for so long, in ms, while someone looks: ask. */
export const QUIET = 3_000
/** A `beat` unanswered for so long: what is shown may be old, and people are told; with QUIET within five seconds. */
const STALE = 2_000
/** An answer outstanding for so long, with silence: the connection is given up. */
const DEAD = 12_000
/** The same, where someone has just come back, or a network is said to be gone. */
const DEAD_SOON = 4_000
/** Silence for so long, whatever was asked: given up (W6). */
const SILENCE = 45_000
/** The server's beat may be so late. */
const LATE = 5_000

export class Liveness {
  #heardAt: number
  /** Since when an answer is due. */
  #dueSince: number | undefined
  /** Since when a `beat` is unanswered. */
  #beatAt: number | undefined
  #urgent = false
  #stale = false
  #cancel: (() => void) | undefined

  constructor(
    private readonly clock: Clock,
    /** The longest time between two beats of the server, in ms. */
    private readonly interval: number,
    private looked: boolean,
    private readonly events: { ask(): void; stale(): void; dead(): void },
  ) {
    this.#heardAt = clock.now()
    this.#arm()
  }

  get stale(): boolean {
    return this.#stale
  }

  /** How long nothing was heard, in ms. */
  get silence(): number {
    return this.clock.now() - this.#heardAt
  }

  /** Whether someone looks at the screen. */
  set watched(on: boolean) {
    this.looked = on
    this.#arm()
  }

  /** Something was sent that will be answered. */
  asked(): void {
    this.#dueSince ??= this.clock.now()
    this.#arm()
  }

  /** A `beat` was sent. `urgent`: someone waits for this very answer. */
  beat(urgent: boolean): void {
    this.#beatAt = this.clock.now()
    this.#urgent ||= urgent
    if (urgent) this.#dueSince = this.#beatAt
    this.asked()
  }

  /** Something came; `due` tells whether answers are still outstanding. */
  heard(due: boolean): void {
    const sooner = due || this.#beatAt !== undefined
    this.#heardAt = this.clock.now()
    this.#dueSince = due ? this.#heardAt : undefined
    this.#beatAt = undefined
    this.#urgent = false
    this.#stale = false
    // The timer, when it fires, looks at the times anew: a busy room must not set one per frame.
    if (sooner || !this.#cancel) this.#arm()
  }

  /** It is known that nothing can come. */
  doubt(): void {
    this.#stale = true
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(): void {
    this.stop()
    this.#cancel = this.clock.after(Math.max(0, this.#next() - this.clock.now()), () => this.#look())
  }

  /** When the next step is due. */
  #next(): number {
    return Math.min(this.#askAt(), this.#staleAt(), this.#deadAt())
  }

  #askAt(): number {
    return this.looked && this.#beatAt === undefined ? this.#heardAt + QUIET : Infinity
  }

  #staleAt(): number {
    if (this.#stale) return Infinity
    return this.#beatAt === undefined ? this.#heardAt + this.interval + LATE : this.#beatAt + STALE
  }

  #deadAt(): number {
    return Math.min((this.#dueSince ?? Infinity) + (this.#urgent ? DEAD_SOON : DEAD), this.#heardAt + SILENCE)
  }

  #look(): void {
    this.#cancel = undefined
    const now = this.clock.now()
    if (now >= this.#deadAt()) return this.events.dead()
    if (now >= this.#askAt()) this.events.ask()
    if (now >= this.#staleAt()) {
      this.#stale = true
      this.events.stale()
    }
    this.#arm()
  }
}
