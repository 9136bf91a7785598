/** The clock of a step, as everyone sees it: by the server's time, drawn at each of its seconds. */

import type { StepRec } from '../../sdk/api'
import type { Room } from './room.svelte'

/** How often a running clock is looked at, in ms: less than people notice, and within what all must agree on. */
const LOOK = 100

/** Milliseconds left on a step's clock at `now`; null where it has none. Below zero it has run out. */
export function leftOn(step: StepRec | undefined, now: number): number | null {
  if (!step) return null
  if (typeof step.ends === 'number') return step.ends - now
  return step.left ?? null
}

/** « 9:05 »; what is begun counts, so that it ends at zero with the gong and not a second before. */
export function spelled(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

export class Timer {
  #now = $state(0)
  readonly #room: Room

  constructor(room: Room) {
    this.#room = room
    this.#now = room.now()
    $effect(() => {
      if (typeof room.step?.ends !== 'number') return
      this.#now = room.now()
      const timer = setInterval(() => (this.#now = room.now()), LOOK)
      return () => clearInterval(timer)
    })
  }

  readonly left: number | null = $derived.by(() => leftOn(this.#room.step, this.#now))
  readonly runs: boolean = $derived.by(() => typeof this.#room.step?.ends === 'number')
  readonly over: boolean = $derived(this.left !== null && this.left <= 0)
  readonly text: string = $derived(this.left === null ? '' : spelled(this.left))
}
