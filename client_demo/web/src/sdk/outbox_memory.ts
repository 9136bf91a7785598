/** An outbox that lives as long as the page: for screens, and where a browser keeps nothing. */

import type { Outbox, OutboxStore, Parting } from './outbox'

export const memoryOutbox = (): OutboxStore => ({
  open: (_scope, _adopted, lost) => {
    lost()
    return Promise.resolve(FORGETFUL)
  },
})

/** For a screen, which gives no commands. */
export const noParting: Parting = {
  take: () => [],
  follow: () => () => undefined,
}

const FORGETFUL: Outbox = {
  put: () => undefined,
  remove: () => undefined,
  clear: () => undefined,
  close: () => undefined,
}
