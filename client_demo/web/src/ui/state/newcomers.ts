/** Who came of late: where a machine fills a room, its hosts send out many at once. Pure. */

import type { MemberRec } from '../../sdk/api'

/** Minutes to choose from. */
export const WITHIN = [2, 10, 60] as const

/** Fewer than so many in ten minutes are sent out one by one. */
export const MANY = 20

/** As many as one command may name. */
const AT_ONCE = 1000

/** The participants who came within so many minutes (`now`: the server's clock, ms). */
export function newcomers(members: readonly MemberRec[], now: number, minutes: number): readonly string[] {
  const since = now - minutes * 60_000
  return members.filter(({ role, at }) => role !== 'host' && at !== undefined && at > since).map(({ id }) => id)
}

/** Their ids, as commands take them. */
export function batches(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, n) => ids.slice(n * AT_ONCE, (n + 1) * AT_ONCE))
}
