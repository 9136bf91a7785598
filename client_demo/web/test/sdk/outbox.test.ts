/** Commands outlive their tab, in IndexedDB, with Web Locks and without (a phone on plain http has none). */

import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Kept, Outbox } from '../../src/sdk/outbox'
import { idbOutbox } from '../../src/sdk/outbox_idb'
import { TestClock } from './support/clock'

const SCOPE = 'room:aaaaaaaaaaaa member:aaaaaaaaaaaa'
const command = (n: number): Kept => ({ id: `c${n}`, cmd: 'idea.add', args: { text: `${n}` }, at: Date.now(), order: n })

/** Locks as a browser keeps them: held until released, or until the tab that holds them dies. */
class TestLocks {
  #held = new Map<string, object>()

  /** The lock manager that one tab sees. */
  for(tab: object): LockManager {
    const request = async (name: string, work: () => Promise<void>): Promise<void> => {
      this.#held.set(name, tab)
      await work()
      this.#held.delete(name)
    }
    const query = (): Promise<LockManagerSnapshot> => Promise.resolve({ held: [...this.#held.keys()].map((name) => ({ name })) })
    return { request, query } as unknown as LockManager
  }

  kill(tab: object): void {
    for (const [name, owner] of this.#held) if (owner === tab) this.#held.delete(name)
  }
}

interface Tab {
  outbox: Outbox
  adopted: string[]
  /** Goes away without a word. */
  die(): void
  /** Goes away as a page does that is reloaded or closed. */
  leave(): void
}

const kinds = [
  { name: 'with Web Locks', locked: true },
  { name: 'with leases, on plain http', locked: false },
]

describe.each(kinds)('an outbox in IndexedDB, $name', ({ locked }) => {
  let clock: TestClock
  let locks: TestLocks

  beforeEach(() => {
    globalThis.indexedDB = new IDBFactory()
    clock = new TestClock()
    locks = new TestLocks()
  })

  const open = async (scope = SCOPE): Promise<Tab> => {
    const tab = {}
    const adopted: string[] = []
    let dead = false
    let leave = (): void => undefined
    const store = idbOutbox({
      clock: { now: clock.now, date: clock.date, after: (ms, call) => clock.after(ms, () => dead || call()) },
      locks: locked ? locks.for(tab) : undefined,
      leaving: (call) => {
        leave = call
        return () => undefined
      },
    })
    const outbox = await store.open(scope, (commands) => adopted.push(...commands.map(({ id }) => id)), () => undefined)
    const die = (): void => {
      dead = true
      locks.kill(tab)
    }
    return { outbox, adopted, die, leave: () => (leave(), die()) }
  }

  /** All requests made so far are through when a later one is. */
  const written = async (): Promise<void> => {
    const done = await idbOutbox({ locks: undefined, clock }).open('nobody', () => undefined, () => undefined)
    done.close()
  }

  /** Time in which a dead tab is noticed. */
  const later = async (): Promise<void> => {
    for (let n = 0; n < 20; n += 1) {
      clock.advance(1_000)
      await written()
    }
  }

  test('what a reloaded page left is there at once, in order', async () => {
    const first = await open()
    for (const n of [2, 1, 3]) first.outbox.put(command(n))
    first.outbox.remove('c2')
    await written()
    first.leave()
    await written()
    const second = await open()
    expect(second.adopted).toEqual(['c1', 'c3'])
  })

  test('what belongs to a living tab stays its own', async () => {
    const first = await open()
    first.outbox.put(command(1))
    await written()
    const second = await open()
    await later()
    expect(second.adopted).toEqual([])
    first.outbox.remove('c1')
    await written()
    first.die()
    await later()
    expect(second.adopted).toEqual([])
  })

  test('what a tab left that died without a word is adopted by one that lives', async () => {
    const first = await open()
    const second = await open()
    first.outbox.put(command(1))
    await written()
    first.die()
    await later()
    expect(second.adopted).toEqual(['c1'])
  })

  test('two tabs never both adopt the same', async () => {
    const first = await open()
    for (const n of [1, 2, 3]) first.outbox.put(command(n))
    await written()
    first.leave()
    await written()
    const tabs = await Promise.all([open(), open(), open()])
    await later()
    expect(tabs.flatMap(({ adopted }) => adopted).sort()).toEqual(['c1', 'c2', 'c3'])
  })

  test('what is cleared is gone, of whatever tab, and nothing of anybody else', async () => {
    const [first, second, other] = [await open(), await open(), await open('another')]
    first.outbox.put(command(1))
    second.outbox.put(command(2))
    other.outbox.put(command(3))
    await written()
    second.outbox.clear()
    second.outbox.close()
    await written()
    for (const tab of [first, other]) tab.leave()
    await written()
    expect((await open()).adopted).toEqual([])
    expect((await open('another')).adopted).toEqual(['c3'])
  })

  test('another member, or another room, gets nothing of it', async () => {
    const first = await open()
    first.outbox.put(command(1))
    await written()
    first.leave()
    await written()
    const other = await open('room:aaaaaaaaaaaa member:bbbbbbbbbbbb')
    await later()
    expect(other.adopted).toEqual([])
  })

  test('what nobody came back for in a month is forgotten', async () => {
    const first = await open()
    first.outbox.put({ ...command(1), at: clock.now() - 31 * 86_400_000 })
    first.outbox.put({ ...command(2), at: clock.now() - 29 * 86_400_000 })
    await written()
    first.leave()
    await written()
    const second = await open()
    expect(second.adopted).toEqual(['c2'])
  })

  test('a device whose clock is set back an hour calls nobody alive for it', async () => {
    const first = await open()
    const second = await open()
    first.outbox.put(command(1))
    await written()
    first.die()
    clock.set(-3_600_000)
    await later()
    expect(second.adopted).toEqual(['c1'])
  })

  test('a closed outbox adopts no more', async () => {
    const first = await open()
    const second = await open()
    second.outbox.close()
    first.outbox.put(command(1))
    await written()
    first.die()
    await later()
    expect(second.adopted).toEqual([])
  })
})
