/** An outbox that lives as long as the page: for screens, and where a browser keeps nothing. */

import type { Outbox, OutboxStore } from './outbox'

export const memoryOutbox = (): OutboxStore => ({
  open: () => Promise.resolve(FORGETFUL),
})

const FORGETFUL: Outbox = {
  put: () => undefined,
  remove: () => undefined,
  close: () => undefined,
}
