/** A member's device: tabs that may be reloaded, and the outbox that outlives them. */

import type { RoomClient, RoomOptions } from '../../../src/sdk/api'
import type { Kept, OutboxStore } from '../../../src/sdk/outbox'
import { sessionParting, type TabStorage } from '../../../src/sdk/parting_session'
import { openRoom } from '../../../src/sdk/room'
import type { TestClock } from './clock'
import { TestTransport } from './network'
import { seededRandom } from './random'
import { ROOM, tokenFor, type TestServer } from './server'

/** Rows of several tabs; a tab that opens adopts those of the dead. */
export class TestOutbox implements OutboxStore {
  rows = new Map<string, { tab: object; command: Kept }>()
  #alive = new Set<object>()

  open(_scope: string, adopted: (commands: readonly Kept[]) => void): ReturnType<OutboxStore['open']> {
    const tab = {}
    this.#alive.add(tab)
    const orphans = [...this.rows.values()].filter((row) => !this.#alive.has(row.tab))
    for (const row of orphans) row.tab = tab
    if (orphans.length > 0) adopted(orphans.map(({ command }) => command).sort((a, b) => a.order - b.order))
    const ours = (): boolean => this.#alive.has(tab)
    return Promise.resolve({
      put: (command) => void (ours() && this.rows.set(command.id, { tab, command })),
      remove: (id) => void (ours() && this.rows.delete(id)),
      clear: () => this.rows.clear(),
      close: () => void this.#alive.delete(tab),
    })
  }

  /** All tabs die without a word. */
  kill(): void {
    this.#alive.clear()
  }
}

/** The storage of one tab, that its pages have one after the other. */
export class TestStorage implements TabStorage {
  readonly items = new Map<string, string>()
  readonly getItem = (key: string): string | null => this.items.get(key) ?? null
  readonly setItem = (key: string, value: string): void => void this.items.set(key, value)
  readonly removeItem = (key: string): void => void this.items.delete(key)
}

export class Device {
  outbox = new TestOutbox()
  storage = new TestStorage()
  page = new EventTarget()
  transport = new TestTransport()
  room: RoomClient
  /** Of the token of the next page. */
  claims: object = {}
  renew: (() => Promise<string>) | undefined
  #opened = 0

  constructor(
    readonly server: TestServer,
    readonly clock: TestClock,
    readonly member: string,
    readonly seed: number,
    private readonly more: Partial<RoomOptions> = {},
  ) {
    this.room = this.#open()
  }

  /** The page is loaded anew; nothing of it survives but the outbox and what it leaves in parting. */
  reload(): RoomClient {
    this.page.dispatchEvent(new Event('pagehide'))
    this.outbox.kill()
    this.page = new EventTarget()
    this.room.close()
    this.transport = new TestTransport()
    this.room = this.#open()
    return this.room
  }

  /** Lets an opening connection through. */
  accept(): void {
    for (const link of this.transport.links) if (link.state === 'opening') this.server.accept(link)
  }

  /** Delivers everything both ways; returns how many frames moved. */
  exchange(): number {
    this.accept()
    const { link } = this.transport
    return link ? link.deliverUp() + link.deliverDown() : 0
  }

  #open(): RoomClient {
    this.#opened += 1
    return openRoom({
      url: 'ws://palabre.test/ws',
      room: ROOM,
      token: tokenFor(this.member, this.claims),
      ...(this.renew && { renew: this.renew }),
      storage: this.outbox,
      parting: sessionParting({ storage: this.storage, page: this.page }),
      transport: this.transport,
      clock: this.clock,
      random: seededRandom(this.seed * 1000 + this.#opened),
      ...this.more,
    })
  }
}
