/** Which screen this tab is: a reload shows on, and is no second one that hosts would see. */

export interface Shown {
  readonly room: string
  readonly token: string
  /** The address that people are shown. */
  readonly join: string
}

const PREFIX = 'palabre.screen.'

export const screens = {
  get(code: string): Shown | null {
    try {
      const kept: unknown = JSON.parse(sessionStorage.getItem(PREFIX + code) ?? 'null')
      return isShown(kept) ? kept : null
    } catch {
      return null
    }
  },

  /** Where nothing can be kept, a reload opens another. */
  keep(code: string, shown: Shown): void {
    try {
      sessionStorage.setItem(PREFIX + code, JSON.stringify(shown))
    } catch {
      return
    }
  },

  forget(code: string): void {
    try {
      sessionStorage.removeItem(PREFIX + code)
    } catch {
      return
    }
  },
}

function isShown(value: unknown): value is Shown {
  if (typeof value !== 'object' || value === null) return false
  const shown = value as Partial<Shown>
  return [shown.room, shown.token, shown.join].every((each) => typeof each === 'string')
}
