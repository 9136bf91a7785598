import { untrack } from 'svelte'

import type { Rec } from '../../sdk/api'
import { codeOf } from './server'

interface Page {
  readonly items: readonly Rec[]
  readonly more: boolean
}

/** What is browsed: asked for page by page, and kept while one is elsewhere, so that Back finds it as it was. */
export class Browsed<R extends { readonly id: string }> {
  /** null before the first answer. */
  items: readonly R[] | null = $state.raw(null)
  more: boolean = $state(false)
  loading: boolean = $state(false)
  /** Why the last page did not come, or null. */
  refused: string | null = $state(null)
  #asked = 0

  /** @param ask - asks for the page that follows what is here. */
  constructor(private readonly ask: (here: readonly R[]) => Promise<Page>) {}

  /** Asks anew from the beginning; what is here stays until the answer is. */
  load(): Promise<void> {
    return this.#load([])
  }

  next(): Promise<void> {
    return this.loading ? Promise.resolve() : this.#load(this.items ?? [])
  }

  /** Something is no more what it was asked for. */
  put(change: (items: readonly R[]) => readonly R[]): void {
    const items = untrack(() => this.items)
    if (items) this.items = change(items)
  }

  async #load(here: readonly R[]): Promise<void> {
    const asked = ++this.#asked
    this.loading = true
    try {
      const page = await this.ask(here)
      if (asked !== this.#asked) return
      const known = new Set(here.map(({ id }) => id))
      this.items = [...here, ...(page.items as readonly unknown[] as readonly R[]).filter(({ id }) => !known.has(id))]
      this.more = page.more
      this.refused = null
    } catch (error) {
      if (asked === this.#asked) this.refused = codeOf(error)
    } finally {
      if (asked === this.#asked) this.loading = false
    }
  }
}
