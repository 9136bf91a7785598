import type { Rec } from '../../sdk/api'
import type { Room } from './room.svelte'
import { codeOf } from './server'

const PAUSE = 300
/** Two letters, or one sign that is a word of its own: 家, 🎉, →. */
const ENOUGH = /\S\S|[^\p{Script=Latin}\p{N}\p{P}\s]/u
const LONGEST = 200

/** A search of the room, asked when the typing rests; an answer that comes too late is dropped. */
export class Search {
  #text = $state('')
  /** null while nothing is asked or the answer is under way. */
  found: readonly Rec[] | null = $state.raw(null)
  more = $state(false)
  refused: string | null = $state(null)
  #asked = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly room: Room) {}

  get text(): string {
    return this.#text
  }

  set text(text: string) {
    this.#text = text
    clearTimeout(this.#timer)
    this.#asked += 1
    this.found = null
    this.refused = null
    if (this.on) this.#timer = setTimeout(() => void this.#ask(0), PAUSE)
  }

  /** Whether there is enough to look for. */
  get on(): boolean {
    return ENOUGH.test(this.#text)
  }

  next(): Promise<void> {
    return this.#ask(this.found?.length ?? 0)
  }

  async #ask(offset: number): Promise<void> {
    const asked = ++this.#asked
    try {
      const page = await this.room.client.ask('search', { text: Array.from(this.#text.trim()).slice(0, LONGEST).join(''), offset })
      if (asked !== this.#asked) return
      this.found = [...(offset > 0 ? (this.found ?? []) : []), ...page.items]
      this.more = page.more
      this.refused = null
    } catch (error) {
      if (asked === this.#asked) this.refused = codeOf(error)
    }
  }
}
