/**
 * The outbox in IndexedDB: one row per command, which belongs to one tab at a time. Rows of dead tabs are adopted when a tab
 * opens, and looked for again from time to time; one transaction takes them over, so that two tabs never both get them.
 */

import { openDB, type IDBPDatabase, type IDBPObjectStore } from 'idb'
import { randomId } from './ids'
import type { Kept, OutboxStore } from './outbox'
import { systemClock, type Clock } from './ports'
import { leasedTabs, lockedTabs, type OutboxSchema, type Tabs } from './tabs'

/** Between two looks for orphans, in ms. */
const LOOK = 8_000
/** What nobody came back for in so long is forgotten. */
const FORGOTTEN = 30 * 86_400_000

export interface IdbOptions {
  name?: string
  clock?: Clock
  /** Web Locks; undefined where there are none. */
  locks?: LockManager | undefined
  /** Tells when the page goes away; returns the way to stop listening. */
  leaving?: (call: () => void) => () => void
}

export const idbOutbox = (options: IdbOptions = {}): OutboxStore => {
  const { name = 'palabre', clock = systemClock } = options
  const locks = 'locks' in options ? options.locks : systemLocks()
  const leaving = options.leaving ?? pageLeaves
  return {
    open: async (scope, adopted, lost) => {
      const db = await openDB<OutboxSchema>(name, 1, {
        upgrade: (fresh) => {
          fresh.createObjectStore('commands', { keyPath: 'id' }).createIndex('scope', 'scope')
          fresh.createObjectStore('leases', { keyPath: 'tab' })
        },
      })
      const tab = randomId()
      const tabs = locks ? lockedTabs(locks, tab) : leasedTabs(db, tab, clock)
      await tabs.enter()

      let closed = false
      let cancel: () => void = () => undefined
      const look = async (): Promise<void> => {
        const found = await adopt(db, tabs, scope, tab, clock.date())
        if (closed) return
        if (found.length > 0) adopted(found)
        cancel = clock.after(LOOK, () => void look().catch(() => undefined))
      }
      await look()

      const close = (): void => {
        if (closed) return
        closed = true
        cancel()
        stop()
        tabs.leave()
        db.close()
      }
      // A page that is only put aside, and comes back, keeps its room: its rows may be adopted meanwhile, harmlessly.
      const stop = leaving(() => tabs.leave())
      return {
        put: (command) => write(db, lost, (store) => store.put({ ...command, scope, tab })),
        remove: (id) => write(db, lost, (store) => store.delete(id)),
        clear: () => void clear(db, scope).catch(() => undefined),
        close,
      }
    },
  }
}

/** Writes without waiting for a turn of the page, which may have none left. */
const write = (
  db: IDBPDatabase<OutboxSchema>,
  lost: () => void,
  change: (store: IDBPObjectStore<OutboxSchema, ['commands'], 'commands', 'readwrite'>) => Promise<unknown>,
): void => {
  try {
    const writing = db.transaction('commands', 'readwrite')
    change(writing.store).catch(() => undefined)
    writing.commit()
    writing.done.catch(lost)
  } catch {
    lost()
  }
}

/** Removes all rows of a scope, in one transaction. */
const clear = async (db: IDBPDatabase<OutboxSchema>, scope: string): Promise<void> => {
  const clearing = db.transaction('commands', 'readwrite')
  for await (const cursor of clearing.store.index('scope').iterate(scope)) await cursor.delete()
  await clearing.done
}

/** Makes the rows of dead tabs ours, in one transaction; returns them in the order given. */
const adopt = async (
  db: IDBPDatabase<OutboxSchema>,
  tabs: Tabs,
  scope: string,
  tab: string,
  now: number,
): Promise<Kept[]> => {
  const alive = await tabs.alive()
  const taking = db.transaction('commands', 'readwrite')
  const adopted: Kept[] = []
  for await (const cursor of taking.store.index('scope').iterate(scope)) {
    const { scope: _, tab: owner, ...kept } = cursor.value
    if (owner === tab || alive.has(owner)) continue
    if (now - kept.at > FORGOTTEN) {
      await cursor.delete()
      continue
    }
    await cursor.update({ ...cursor.value, tab })
    adopted.push(kept)
  }
  await taking.done
  return adopted.sort((a, b) => a.order - b.order)
}

const systemLocks = (): LockManager | undefined =>
  typeof navigator === 'undefined' ? undefined : (navigator.locks as LockManager | undefined)

/** A page that leaves lets its commands go at once, so that the next one need not wait for a lease to end. */
const pageLeaves = (call: () => void): (() => void) => {
  globalThis.addEventListener?.('pagehide', call)
  return () => globalThis.removeEventListener?.('pagehide', call)
}
