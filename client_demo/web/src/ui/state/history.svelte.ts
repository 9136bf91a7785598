import type { MessageRec } from '../../sdk/api'
import { codeOf } from './server'
import type { Room } from './room.svelte'

const PAGE = 50

/** Messages older than those that the room still holds (C9): asked for page by page, newest first (Q2). */
export class History {
  #older: readonly MessageRec[] = $state.raw([])
  loading = $state(false)
  /** Why the last page did not come, or null. */
  refused: string | null = $state(null)
  #more = $state(true)

  constructor(private readonly room: Room) {}

  /** Everything known, oldest first. What the room holds wins: it is fresher. */
  get messages(): readonly MessageRec[] {
    const first = this.room.messages[0]?.n ?? Infinity
    return [...this.#older.filter(({ n }) => n < first), ...this.room.messages]
  }

  get more(): boolean {
    return this.#more && (this.messages[0]?.n ?? 0) > 1
  }

  async load(): Promise<void> {
    if (this.loading) return
    this.loading = true
    this.refused = null
    try {
      const before = this.messages[0]?.n ?? null
      const page = await this.room.client.ask('history', { before, limit: PAGE })
      this.#older = [...(page.items as MessageRec[]).toReversed(), ...this.#older]
      this.#more = page.more
    } catch (error) {
      this.refused = codeOf(error)
    } finally {
      this.loading = false
    }
  }
}
