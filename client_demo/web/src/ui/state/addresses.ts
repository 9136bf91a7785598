/** Page addresses of a workshop, as others can reach them: the server knows them better than this browser's address bar. */

import { pathOf } from './route.svelte'
import { sessions } from './session'

export function joinAddress(code: string): string {
  return sessions.get(code)?.links['join'] ?? location.origin + pathOf(code)
}

export function screenAddress(code: string): string {
  return sessions.get(code)?.links['screen'] ?? location.origin + pathOf(code, 'screen')
}

/** What people type: the host alone, without what every browser adds by itself. */
export function spoken(address: string): string {
  return new URL(address).host
}

/** What a personal link looks like, for who looks on and has none here. */
export function ownAddress(code: string): string {
  return `${joinAddress(code)}#lien=…`
}
