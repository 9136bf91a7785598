/**
 * Back stays inside. The parts of a room lie behind each other: its places, the tabs in them, and a sheet over them. Each place has an
 * address of its own (`?place=all&all=messages`) and is an entry of the browser's history, so that its own button leads to where one was and
 * not out of the room, and a reload or an address that is passed on leads there too. A sheet is an entry without an address: it does not
 * outlive the page.
 */

type Parts = Readonly<Record<string, string>>

interface Entry {
  /** How many things lie over the page, each of which Back takes away. */
  readonly sheets?: number
  /** How far down one was when one went elsewhere from here, in px. */
  readonly scrolled?: number
}

/** The places of a desk in a hand, and what lies beside a large one; the first is where one begins. */
export const DESK = ['steer', 'board', 'messages', 'people'] as const
export const SIDE = ['messages', 'review', 'decisions', 'people'] as const

class Inside {
  #parts: Parts = $state.raw({})
  /** What closes each thing that lies over the page; the last is on top. */
  #over: (() => void)[] = []
  #settles = false

  /** What a part of this page shows, of what it may show; the first of these where one has not been elsewhere. */
  at<Shows extends string>(part: string, known: readonly [Shows, ...Shows[]]): Shows {
    return known.find((shows) => shows === this.#parts[part]) ?? known[0]
  }

  go(to: Parts): void {
    if (Object.entries(to).every(([part, shows]) => this.#parts[part] === shows)) return
    history.replaceState({ inside: { ...entry(), scrolled: scrollY } }, '')
    this.#parts = { ...this.#parts, ...to }
    this.#push({})
  }

  /** What lies beside all else is chosen without going anywhere: Back does not lead through it. */
  turn(to: Parts): void {
    this.#parts = { ...this.#parts, ...to }
    history.replaceState(history.state, '', this.#address())
  }

  /** Something is shown over all else until `close`, which Back calls; returns what is to be called when it has closed otherwise. */
  over(close: () => void): () => void {
    this.#over.push(close)
    if (sheets() < this.#over.length) this.#push({ sheets: this.#over.length })
    return () => {
      const at = this.#over.indexOf(close)
      if (at < 0) return
      // What lies on it goes with it.
      this.#over.splice(at)
      this.#settle()
    }
  }

  /** Takes the entries of what has closed out of the history, all at once: the browser counts steps from where it still is. */
  #settle(): void {
    if (this.#settles) return
    this.#settles = true
    queueMicrotask(() => {
      this.#settles = false
      if (sheets() > this.#over.length) history.go(this.#over.length - sheets())
    })
  }

  /** A page is shown, as its address says: a new one, or one that Back or a reload has led to. */
  begin(): void {
    this.#parts = parts()
    // What lay over it did not outlive it.
    if (sheets() > 0) history.replaceState(null, '')
  }

  /** Follows the browser's own buttons; returns the way to stop. */
  follow(): () => void {
    const moved = (): void => {
      while (this.#over.length > sheets()) this.#over.pop()?.()
      const before = this.#parts
      this.#parts = parts()
      const scrolled = entry()?.scrolled
      // The browser goes back to where one was before that place is drawn again, and so only as far as the one before it was long.
      if (scrolled !== undefined && !same(before, this.#parts)) requestAnimationFrame(() => scrollTo(0, scrolled))
    }
    addEventListener('popstate', moved)
    return () => removeEventListener('popstate', moved)
  }

  #push(inside: Entry): void {
    history.pushState({ inside }, '', this.#address())
  }

  #address(): URL {
    const here = new URL(location.href)
    here.search = new URLSearchParams(this.#parts).toString()
    return here
  }
}

const entry = (): Entry | undefined => (history.state as { inside?: Entry } | null)?.inside

const sheets = (): number => entry()?.sheets ?? 0

const parts = (): Parts => Object.fromEntries(new URLSearchParams(location.search))

const same = (one: Parts, other: Parts): boolean =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].every((part) => one[part] === other[part])

export const inside = new Inside()
