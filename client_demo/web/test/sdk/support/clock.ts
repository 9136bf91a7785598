/** Time that passes only when a test says so. */

import type { Clock } from '../../../src/sdk/ports'

export class TestClock implements Clock {
  #now = 1_700_000_000_000
  #timers = new Map<number, { at: number; call: () => void }>()
  #made = 0

  #set = 0

  readonly now = (): number => this.#now
  readonly date = (): number => this.#now + this.#set

  /** Somebody, or the network, sets the device's clock this far forth or back. */
  set(ms: number): void {
    this.#set += ms
  }

  readonly after = (ms: number, call: () => void): (() => void) => {
    const id = (this.#made += 1)
    this.#timers.set(id, { at: this.#now + ms, call })
    return () => this.#timers.delete(id)
  }

  get waiting(): number {
    return this.#timers.size
  }

  /** The device sleeps: time passes, and what is due then comes late. */
  sleep(ms: number): void {
    this.#now += ms
  }

  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0]
      if (!due) break
      this.#timers.delete(due[0])
      this.#now = Math.max(this.#now, due[1].at)
      due[1].call()
    }
    this.#now = end
  }
}

/** Promises that have all they wait for are settled; nothing here waits for time. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
