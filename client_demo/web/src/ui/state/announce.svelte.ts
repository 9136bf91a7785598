/** What a screen reader is told, politely and in bulk: forty ideas in five seconds are one sentence. */

import { untrack } from 'svelte'

const BULK = 5000

class Announcer {
  said: string = $state('')
  /** What has come since the last sentence: how many, and the words for so many. */
  #arrived = new Map<string, { n: number; words: (n: number) => string }>()

  say(text: string): void {
    // The same words twice are read twice only if the region changes in between.
    this.said = untrack(() => this.said) === text ? `${text}\u00a0` : text
  }

  /** Says how many of a kind came, together with all that comes in the next five seconds. */
  arrived(kind: string, n: number, words: (n: number) => string): void {
    // The first of them has set the clock.
    if (this.#arrived.size === 0) setTimeout(() => this.#tell(), BULK)
    this.#arrived.set(kind, { n: n + (this.#arrived.get(kind)?.n ?? 0), words })
  }

  #tell(): void {
    const sentences = [...this.#arrived.values()].map(({ n, words }) => words(n))
    this.#arrived.clear()
    this.say(sentences.join(', '))
  }
}

export const announcer = new Announcer()
