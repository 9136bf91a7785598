/** Holds a board still while somebody reads or has a card in hand (UI: nothing jumps under a finger). */

import { hold, placesOf, type Held, type Places } from './board'
import type { Room } from './room.svelte'

export class Reading {
  #shown: Places = $state.raw(new Map())
  readonly #now: Places
  readonly #held: boolean
  readonly view: Held

  /** @param busy whether somebody reads, drags or has chosen a card, now. */
  constructor(room: Room, busy: () => boolean) {
    this.#now = $derived(placesOf(room.zones, room.heads))
    this.#held = $derived(busy())
    this.view = $derived(this.#held ? hold(this.#shown, this.#now, room.mine) : { places: this.#now, waiting: [] })

    // What I do myself is shown as soon as it is drawn: I expect it. It is drawn a frame after it is done.
    let before: Places | null = null
    let answered = 0
    $effect.pre(() => {
      const expected = room.acts !== answered && this.#now !== before
      if (!this.#held || expected) {
        this.#shown = this.#now
        answered = room.acts
      }
      before = this.#now
    })
  }

  /** Shows everything as it lies now, although somebody is reading: he has asked for it. */
  renew(): void {
    this.#shown = this.#now
  }
}
