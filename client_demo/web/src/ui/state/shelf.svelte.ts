/**
 * What this device keeps: the one way to the browser's storage. Where that is forbidden or full, also only from some moment on, what
 * could not be kept lasts as long as the page, and `forgets` says so.
 */

export interface Shelf {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
  keys(): string[]
  /** Whether something was given that is gone with the page. */
  readonly forgets: boolean
}

/** The part of the browser's storage that is used. */
export interface Store {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
  readonly length: number
  key(index: number): string | null
}

export class BrowserShelf implements Shelf {
  /** What the store did not take; null: what it did not let go. */
  readonly #here = new Map<string, string | null>()
  #forgets: boolean = $state(false)

  constructor(
    /** Throws where it is forbidden; asked anew each time, for that may change. */
    private readonly store: () => Store,
  ) {}

  get forgets(): boolean {
    return this.#forgets
  }

  getItem(key: string): string | null {
    const here = this.#here.get(key)
    if (here !== undefined) return here
    try {
      return this.store().getItem(key)
    } catch {
      return null
    }
  }

  setItem(key: string, value: string): void {
    if (this.#took(key, value)) {
      this.#here.delete(key)
    } else {
      this.#here.set(key, value)
      this.#forgets = true
    }
  }

  /** By reading it back: some stores take nothing without a word, others give nothing back. */
  #took(key: string, value: string): boolean {
    try {
      const store = this.store()
      store.setItem(key, value)
      return store.getItem(key) === value
    } catch {
      return false
    }
  }

  removeItem(key: string): void {
    try {
      this.store().removeItem(key)
      this.#here.delete(key)
    } catch {
      this.#here.set(key, null)
    }
  }

  keys(): string[] {
    const keys = new Set<string>()
    try {
      const store = this.store()
      for (let n = 0; n < store.length; n += 1) keys.add(store.key(n) ?? '')
    } catch {
      // None of them, then.
    }
    for (const [key, value] of this.#here) if (value !== null) keys.add(key)
    return [...keys].filter((key) => this.#here.get(key) !== null)
  }
}

export const shelf: Shelf = new BrowserShelf(() => globalThis.localStorage)
