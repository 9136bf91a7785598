/** The order of questions on one page: it changes when somebody asks for it, or while nobody sees it (UI: nothing jumps under a finger). */

import { untrack } from 'svelte'

import type { IdeaRec } from '../../sdk/api'
import { keep, type Kept } from './asking'

export class Order {
  #shown: readonly string[] = $state.raw([])
  #seen = false
  readonly #now: readonly string[]
  readonly view: Kept

  /** @param ordered the questions, as they would be put in order now. */
  constructor(ordered: () => readonly IdeaRec[]) {
    this.#now = $derived(ordered().map(({ id }) => id))
    this.view = $derived(keep(this.#shown, this.#now))
    $effect.pre(() => {
      const now = this.#now
      if (!this.#seen || untrack(() => this.#shown.length) === 0) this.#shown = now
    })
  }

  /** Puts them in order: somebody has asked for it. */
  readonly renew = (): void => {
    this.#shown = this.#now
  }

  /** For the list: while it is out of sight it is put in order by itself. */
  readonly watch = (list: HTMLElement): (() => void) => {
    const observer = new IntersectionObserver((entries) => {
      this.#seen = entries.at(-1)?.isIntersecting ?? false
      if (!this.#seen) this.renew()
    })
    observer.observe(list)
    return () => observer.disconnect()
  }
}
