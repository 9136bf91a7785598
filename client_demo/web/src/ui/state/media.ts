/** Widths at which a screen is laid out anew; styles use the same numbers. */

import { on } from 'svelte/events'
import { createSubscriber } from 'svelte/reactivity'

/** Paper has a width of its own, and a screen that is laid out anew for it loses what is being written and drawn. */
const paper = matchMedia('print')

/** Whether the window is so wide; while a page is printed, as it was before. */
class Width {
  #is: boolean
  readonly #query: MediaQueryList
  readonly #subscribe: () => void

  constructor(query: string) {
    this.#query = matchMedia(query)
    this.#is = this.#query.matches
    this.#subscribe = createSubscriber((update) => {
      const look = (): void => {
        if (this.#look()) update()
      }
      const stop = [on(this.#query, 'change', look), on(paper, 'change', look)]
      return () => stop.forEach((each) => each())
    })
  }

  get current(): boolean {
    this.#subscribe()
    this.#look()
    return this.#is
  }

  /** Whether it is another than before. */
  #look(): boolean {
    const before = this.#is
    if (!paper.matches) this.#is = this.#query.matches
    return this.#is !== before
  }
}

/** Two columns beside each other. */
export const desktop = new Width('(min-width: 1100px)')
/** Three. */
export const wide = new Width('(min-width: 1600px)')
/** Too narrow for a projector's page: a phone held upright. */
export const narrow = new Width('(max-width: 699px)')
