/** Questions whose answers are outstanding on this connection (SPEC.md, Q). */

import type { Rec } from './api'
import { offline, Refused } from './errors'
import type { Answer, RefusedMessage } from './messages'

export interface Page {
  items: Rec[]
  more: boolean
}

interface Waiting {
  resolve(page: Page): void
  reject(error: Refused): void
}

export class Asks {
  #waiting = new Map<string, Waiting>()

  get outstanding(): number {
    return this.#waiting.size
  }

  /** Waits for the answer to question `id`. Rejects with `Refused`. */
  wait(id: string): Promise<Page> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  answer({ id, items, more = false }: Answer): void {
    this.#take(id)?.resolve({ items: [...items], more })
  }

  /** Whether the refusal was of a question. */
  refused({ id, code, text, retry }: RefusedMessage): boolean {
    const waiting = this.#take(id)
    waiting?.reject(new Refused(code, text, retry))
    return waiting !== undefined
  }

  disconnected(): void {
    for (const { reject } of this.#waiting.values()) reject(offline('the connection was lost before the answer came'))
    this.#waiting.clear()
  }

  #take(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }
}
