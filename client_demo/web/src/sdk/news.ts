/** What the listeners have not heard of yet. An input may touch many things; they hear of all of them at once. */

import type { Change } from './api'
import type { Relayed } from './messages'
import type { Touched } from './replica'

export class News {
  #ids: Set<string> | 'reset' = new Set()
  #signals: Relayed[] = []
  pending = false
  people = false

  /** These look different now. */
  changed(ids: Touched): void {
    if (ids === 'reset' || this.#ids === 'reset') this.#ids = 'reset'
    else for (const id of ids) this.#ids.add(id)
  }

  relayed(signals: readonly Relayed[]): void {
    this.#signals.push(...signals)
  }

  /** All of it, to be told; undefined when there is none. */
  take(status: boolean): Change | undefined {
    const { pending, people } = this
    const change = { ids: this.#ids, pending, status, people, signals: this.#signals }
    if (change.ids !== 'reset' && change.ids.size + change.signals.length === 0 && !pending && !people && !status) {
      return undefined
    }
    this.#ids = new Set()
    this.#signals = []
    this.pending = this.people = false
    return change
  }
}
