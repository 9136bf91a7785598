/**
 * Back stays inside. On a phone the parts of a room lie behind each other: its places and their tabs, and a sheet over them, are entries of
 * the browser's history, so that its own button leads to where one was and not out of the room.
 */

type Parts = Readonly<Record<string, string>>

interface Entry {
  /** Which part shows what. */
  readonly parts: Parts
  /** Something lies over them that Back takes away. */
  readonly sheet?: true
}

class Inside {
  #parts: Parts = $state.raw({})
  #close: (() => void) | undefined

  /** What a part of this page shows; `first` where one has not been elsewhere. */
  at(part: string, first: string): string {
    return this.#parts[part] ?? first
  }

  go(to: Parts): void {
    if (Object.entries(to).every(([part, shows]) => this.#parts[part] === shows)) return
    this.#parts = { ...this.#parts, ...to }
    this.#push({ parts: this.#parts })
  }

  /** Something is shown over the page until `close`, which Back calls; returns what is to be called when it has closed otherwise. */
  over(close: () => void): () => void {
    this.#close = close
    this.#push({ parts: this.#parts, sheet: true })
    return () => {
      if (this.#close !== close) return
      this.#close = undefined
      if (entry()?.sheet) history.back()
    }
  }

  /** A page is shown, as its entry says: a new one, or one that Back or a reload has led to. */
  begin(): void {
    const here = entry()
    this.#parts = here?.parts ?? {}
    // What lay over it did not outlive it.
    if (here?.sheet) history.replaceState({ inside: { parts: here.parts } }, '')
  }

  /** Follows the browser's own buttons; returns the way to stop. */
  follow(): () => void {
    const moved = (): void => {
      const close = this.#close
      this.#close = undefined
      close?.()
      this.#parts = entry()?.parts ?? {}
    }
    addEventListener('popstate', moved)
    return () => removeEventListener('popstate', moved)
  }

  #push(inside: Entry): void {
    history.pushState({ inside }, '', location.href)
  }
}

const entry = (): Entry | undefined => (history.state as { inside?: Entry } | null)?.inside

export const inside = new Inside()
