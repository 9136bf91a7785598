/**
 * Which page of the big screen is shown: one after another, each long enough to be read from the back row, on all screens at once, as they
 * go by the server's clock; or one that is held, by a host for all of them or by keys for this one.
 */

import { untrack } from 'svelte'

import type { View } from './views'

export const LASTS = 10_000
const TICK = 250

export interface Pace {
  /** The page that hosts hold, from 1 on; 0: none. */
  readonly held: () => number
  /** The server's clock, in ms. */
  readonly now: () => number
  /** When the workshop came to where it is, for who comes later; 0: nobody knows. */
  readonly since: () => number
}

export class Cycle {
  /** Whether the page is held. */
  paused = $state(false)
  /** Whole seconds until it is turned. */
  left = $state(LASTS / 1000)
  #current: View = $state.raw({ kind: 'lobby', key: '' })
  readonly #views: () => readonly View[]
  readonly #pace: Pace
  /** When the first page was shown, or would have been; null before anything was. */
  #began: number | null = null
  #turns = 0
  #held = 0
  #first = true

  constructor(views: () => readonly View[], pace: Pace) {
    this.#views = views
    this.#pace = pace
    $effect.pre(() => {
      const [now, held] = [views(), pace.held()]
      untrack(() => this.#follow(now, held))
    })
    $effect(() => {
      if (this.paused || views().length < 2) return
      const timer = setInterval(() => this.#tick(), TICK)
      return () => clearInterval(timer)
    })
  }

  get view(): View {
    return this.#current
  }

  /** The page that is shown, from 1 on. */
  get page(): number {
    return Math.max(0, this.#at(this.#views())) + 1
  }

  get pages(): number {
    return this.#views().length
  }

  get several(): boolean {
    return this.pages > 1
  }

  /** Turns by hand: the page stays until it is turned again, or let go. */
  step(by: -1 | 1): void {
    const views = this.#views()
    if (views.length < 2) return
    this.#show(views, (this.#at(views) + by + views.length) % views.length)
    this.paused = true
  }

  hold(on: boolean): void {
    this.paused = on
    if (!on) this.#beginAt(Math.max(0, this.#at(this.#views())))
  }

  #at(views: readonly View[]): number {
    return views.findIndex(({ key }) => key === this.#current.key)
  }

  #show(views: readonly View[], at: number): void {
    this.#current = views[at] ?? views[0] ?? this.#current
  }

  /** As if this page had just been turned to. */
  #beginAt(at: number): void {
    this.#began = this.#pace.now() - at * LASTS
    this.#turns = at
    this.left = LASTS / 1000
  }

  #tick(): void {
    const passed = this.#pace.now() - (this.#began ?? 0)
    this.left = Math.ceil((LASTS - (passed % LASTS)) / 1000)
    const turns = Math.floor(passed / LASTS)
    if (turns === this.#turns) return
    this.#turns = turns
    const views = this.#views()
    this.#show(views, turns % views.length)
  }

  /**
   * Counts follow at once. A page of ideas, once it is one of several, keeps its ideas until it is turned: when two
   * hundred people write, nobody could read it otherwise.
   */
  #follow(views: readonly View[], held: number): void {
    const [page, was] = [Math.min(held, views.length) - 1, this.#held]
    this.#held = held
    const same = views[this.#at(views)]
    if (held > 0 && (held !== was || !same)) {
      this.paused = true
      this.#show(views, page)
    } else if (same) {
      if (same.kind !== 'ideas' || views.length === 1) this.#current = same
      if (was > 0 && held === 0) this.hold(false)
    } else {
      // What was held is gone, and the hold with it.
      this.paused = false
      this.#beginAt(0)
      this.#enter(views)
    }
  }

  /** The first page; for who comes when others have been at it for a while, the one that they see. */
  #enter(views: readonly View[]): void {
    const [now, since] = [this.#pace.now(), this.#pace.since()]
    const first = this.#first
    this.#first = false
    if (first && since > 0 && now > since) {
      this.#began = since
      this.#turns = Math.floor((now - since) / LASTS)
    }
    this.#show(views, this.#turns % views.length)
  }
}
