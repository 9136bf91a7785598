/** Which screen of a room this browser is: a reload shows on, and is no second one that hosts would see. */

import { shelf } from './shelf.svelte'

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
      const kept: unknown = JSON.parse(shelf.getItem(PREFIX + code) ?? 'null')
      return isShown(kept) ? kept : null
    } catch {
      return null
    }
  },

  keep(code: string, shown: Shown): void {
    shelf.setItem(PREFIX + code, JSON.stringify(shown))
  },

  forget(code: string): void {
    shelf.removeItem(PREFIX + code)
  },
}

function isShown(value: unknown): value is Shown {
  if (typeof value !== 'object' || value === null) return false
  const shown = value as Partial<Shown>
  return [shown.room, shown.token, shown.join].every((each) => typeof each === 'string')
}
