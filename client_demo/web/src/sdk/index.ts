/** Palabre's client for browsers: `joinRoom` gives a token, `openRoom` a live room. */

export type * from './api'
export { Refused } from './errors'
export { createRoom, httpBase, joinRoom, openScreen, refresh, socketUrl, useLink } from './http'
export type { Entry, Links } from './http'
export { newId, randomId } from './ids'
export { openRoom } from './room'
export { followBrowser } from './browser'
