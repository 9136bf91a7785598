/**
 * The parting in `sessionStorage`, which is written before its call returns, and belongs to one tab.
 *
 * A command that lies here may lie in the outbox too, and another tab may have adopted it there: all copies have one id, so it is
 * done once (SPEC.md, I2).
 */

import type { Kept, Parting } from './outbox'

const PREFIX = 'palabre.unsettled.'

/** The part of a browser's storage that is used here. */
export interface TabStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

export interface SessionPartingOptions {
  /** Undefined where the browser forbids it. */
  storage?: TabStorage | undefined
  /** Undefined where there is none to leave. */
  page?: EventTarget | undefined
}

export const sessionParting = (options: SessionPartingOptions = {}): Parting => {
  const storage = 'storage' in options ? options.storage : tabStorage()
  const page = 'page' in options ? options.page : 'addEventListener' in globalThis ? globalThis : undefined
  const forget = (key: string): void => {
    try {
      storage?.removeItem(key)
    } catch {
      // Taken in twice, then: its id makes that harmless.
    }
  }
  return {
    take: (scope) => {
      const key = PREFIX + scope
      try {
        const left: unknown = JSON.parse(storage?.getItem(key) ?? '[]')
        return Array.isArray(left) ? left.filter(isKept).sort((a, b) => a.order - b.order) : []
      } catch {
        return []
      } finally {
        forget(key)
      }
    },
    follow: (scope, unsettled) => {
      const key = PREFIX + scope
      const leave = (): void => {
        const left = unsettled()
        try {
          if (left.length > 0) storage?.setItem(key, JSON.stringify(left))
        } catch {
          // Full: what the outbox has written is kept all the same.
        }
      }
      // Out of the back-forward cache the page comes with all it had.
      const back = (event: Event): void => {
        if ((event as Event & { persisted?: boolean }).persisted) forget(key)
      }
      const stop = new AbortController()
      page?.addEventListener('pagehide', leave, { signal: stop.signal })
      page?.addEventListener('pageshow', back, { signal: stop.signal })
      return () => {
        stop.abort()
        leave()
      }
    },
  }
}

const isKept = (value: unknown): value is Kept => {
  const { id, cmd, args, at, order } = (value ?? {}) as Partial<Kept>
  return (
    typeof id === 'string' &&
    typeof cmd === 'string' &&
    typeof args === 'object' &&
    args !== null &&
    typeof at === 'number' &&
    typeof order === 'number'
  )
}

const tabStorage = (): TabStorage | undefined => {
  try {
    return (globalThis as { sessionStorage?: TabStorage }).sessionStorage
  } catch {
    return undefined // Cookies are blocked: so is this.
  }
}
