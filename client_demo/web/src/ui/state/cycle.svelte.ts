/** Which view the big screen shows: one after another, each long enough to be read from the back row. */

import { untrack } from 'svelte'

import type { View } from './views'

const LASTS = 10_000

export class Cycle {
  paused = $state(false)
  #current: View = $state.raw({ kind: 'lobby', key: 'lobby' })
  readonly #views: () => readonly View[]

  constructor(views: () => readonly View[]) {
    this.#views = views
    $effect.pre(() => {
      const now = views()
      untrack(() => this.#follow(now))
    })
    $effect(() => {
      if (this.paused || views().length < 2) return
      const timer = setInterval(() => this.step(1), LASTS)
      return () => clearInterval(timer)
    })
  }

  get view(): View {
    return this.#current
  }

  get several(): boolean {
    return this.#views().length > 1
  }

  step(by: -1 | 1): void {
    const views = this.#views()
    const at = views.findIndex(({ key }) => key === this.#current.key)
    this.#current = views[(at + by + views.length) % views.length] ?? this.#current
  }

  /**
   * Counts follow at once. A page of ideas, once it is one of several, keeps its ideas until it is turned: when two
   * hundred people write, nobody could read it otherwise.
   */
  #follow(views: readonly View[]): void {
    const same = views.find(({ key }) => key === this.#current.key)
    if (!same) this.#current = views[0] ?? this.#current
    else if (same.kind !== 'ideas' || views.length === 1) this.#current = same
  }
}
