/** Page addresses of a workshop, as others can reach them: the server knows them better than this browser's address bar. */

import { pathOf } from './route.svelte'
import { sessions } from './session'

/** Of rooms in which this page is nobody, as a screen. */
const told = new Map<string, string>()

/** The address that the server gave a screen to show. */
export function learn(code: string, join: string): void {
  told.set(code, join)
}

/** Where everybody comes in: one address, and the server's to know. */
export function joinAddress(code: string): string {
  return sessions.get(code)?.links['join'] ?? told.get(code) ?? location.origin + pathOf(code)
}

/**
 * Whether an address leads here from this network alone, as a laptop's does: it ends when the laptop is closed or carried elsewhere,
 * and nothing that is promised for Monday may depend on it.
 */
export function isPassing(address: string): boolean {
  const { hostname } = new URL(address)
  const [a = 0, b = 0] = /^\d+\.\d+\./.exec(hostname)?.[0].split('.').map(Number) ?? []
  const quiet = a === 10 || a === 127 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254) || (a === 100 && b >= 64 && b < 128)
  return quiet || /^\[(::1|f[cd]|fe[89ab])/.test(hostname) || /^[^.[]+$|\.(local|lan|home|localhost)$/.test(hostname)
}

/** Where the minutes stay: for those who were there, and by the way in for others. */
export function minutesAddress(code: string): string {
  return `${joinAddress(code)}/minutes`
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
