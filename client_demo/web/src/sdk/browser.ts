/** The one file of the SDK that knows of a page: it tells a room client what the browser notices. */

import type { RoomClient } from './api'

/**
 * Tells whether the page is looked at (W9), reconnects at once when it is again or when the device is back online, and notices a
 * lost network. Returns the way to stop.
 */
export const followBrowser = (room: Pick<RoomClient, 'watched' | 'wake' | 'lost'>): (() => void) => {
  const stop = new AbortController()
  const { signal } = stop
  const look = (): void => room.watched(document.visibilityState === 'visible')
  look()
  addEventListener('online', () => room.wake(), { signal })
  addEventListener('offline', () => room.lost(), { signal })
  // A page that comes out of the back-forward cache has lost its socket without a word.
  addEventListener('pageshow', (event) => event.persisted && room.wake(), { signal })
  document.addEventListener('visibilitychange', look, { signal })
  return () => stop.abort()
}
