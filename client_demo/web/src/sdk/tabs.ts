/**
 * Which tabs are alive: the outbox of a dead one is an orphan that another tab may adopt.
 *
 * A Web Lock is held as long as its tab lives, and no longer. On plain http there are none; then a tab writes again and again
 * until when it counts as alive. A background tab whose timers are throttled may then be called dead: its commands are
 * adopted and perhaps sent twice, which their ids make harmless (SPEC.md, I2).
 */

import type { DBSchema, IDBPDatabase } from 'idb'
import type { Kept } from './outbox'
import type { Clock } from './ports'

export interface OutboxSchema extends DBSchema {
  commands: { key: string; value: Kept & { scope: string; tab: string }; indexes: { scope: string } }
  /** `until`: the tab counts as alive until then, by the clock of this device. */
  leases: { key: string; value: { tab: string; until: number } }
}

export interface Tabs {
  /** Makes this tab count as alive; to be awaited before it adopts anything. */
  enter(): Promise<void>
  /** The tabs that count as alive now. */
  alive(): Promise<ReadonlySet<string>>
  leave(): void
}

const PREFIX = 'palabre-tab-'

export const lockedTabs = (locks: LockManager, tab: string): Tabs => {
  let release: () => void = () => undefined
  return {
    enter: () =>
      new Promise((entered, failed) => {
        const held = new Promise<void>((resolve) => (release = resolve))
        locks
          .request(PREFIX + tab, () => {
            entered()
            return held
          })
          .catch(failed)
      }),
    alive: async () => {
      const { held = [] } = await locks.query()
      const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(PREFIX))
      return new Set(names.map((name) => name.slice(PREFIX.length)))
    },
    leave: () => release(),
  }
}

const RENEWED = 2_000
const LASTS = 6_000

export const leasedTabs = (db: IDBPDatabase<OutboxSchema>, tab: string, clock: Clock): Tabs => {
  let cancel: () => void = () => undefined
  const renew = async (): Promise<void> => {
    cancel = clock.after(RENEWED, () => void renew().catch(() => undefined))
    await db.put('leases', { tab, until: clock.date() + LASTS })
  }
  return {
    enter: renew,
    alive: async () => {
      const now = clock.date()
      const leases = await db.getAll('leases')
      // One that ends later than any that is given now is of before the device's clock was set back.
      const holds = (until: number): boolean => until > now && until <= now + LASTS
      for (const { tab: dead, until } of leases) if (!holds(until) && dead !== tab) void db.delete('leases', dead)
      return new Set(leases.filter(({ until }) => holds(until)).map((lease) => lease.tab))
    },
    leave: () => {
      cancel()
      const ending = db.transaction('leases', 'readwrite')
      void ending.store.delete(tab)
      // Without it the transaction would wait for a turn of a page that has none left.
      ending.commit()
      ending.done.catch(() => undefined)
    },
  }
}
