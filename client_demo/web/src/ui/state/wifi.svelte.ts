/**
 * The Wi-Fi of the place, as the host types it. It stays on this device, whose screens follow it, and travels to others in the fragment of
 * their address, which no server is ever sent: a password is nobody's business but of those who are there.
 */

import { shelf } from './shelf.svelte'

export interface Network {
  readonly name: string
  readonly password: string
}

const KEY = 'palabre.wifi'
const NONE: Network = { name: '', password: '' }

/** What phones read to join a network; a password that is empty is none. */
export function wifiText({ name, password }: Network): string {
  const safe = (text: string) => text.replace(/[\\;,:"]/g, '\\$&')
  return `WIFI:T:${password ? 'WPA' : 'nopass'};S:${safe(name)};P:${safe(password)};;`
}

/** The fragment that carries it, '' for none. */
export function wifiHash({ name, password }: Network): string {
  return name ? `#wifi=${encodeURIComponent(JSON.stringify([name, password]))}` : ''
}

/** The network in a fragment, or null. */
export function wifiIn(hash: string): Network | null {
  const found = /^#wifi=(.+)$/.exec(hash)?.[1]
  if (!found) return null
  try {
    const [name, password] = JSON.parse(decodeURIComponent(found)) as unknown[]
    return typeof name === 'string' && typeof password === 'string' && name ? { name, password } : null
  } catch {
    return null
  }
}

class Wifi {
  now: Network = $state.raw(this.#kept())

  constructor() {
    // Another window of this device has changed it.
    globalThis.addEventListener?.('storage', ({ key }) => {
      if (key === KEY) this.now = this.#kept()
    })
  }

  keep(network: Network): void {
    this.now = network
    if (network.name) shelf.setItem(KEY, JSON.stringify(network))
    else shelf.removeItem(KEY)
  }

  #kept(): Network {
    try {
      return { ...NONE, ...(JSON.parse(shelf.getItem(KEY) ?? '{}') as Partial<Network>) }
    } catch {
      return NONE
    }
  }
}

export const wifi = new Wifi()
