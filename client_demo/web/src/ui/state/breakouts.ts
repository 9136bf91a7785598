/** Small tables (T): who sits where. Pure. */

import type { MemberRec } from '../../sdk/api'

export const SIZES = [2, 3, 4, 5, 6] as const

/** Those who sit at a table, in the order of their names; null stands for no table. */
export function seatedAt(members: readonly MemberRec[], breakout: number | undefined, language: string): readonly MemberRec[] {
  const order = new Intl.Collator(language).compare
  return breakout ? members.filter((each) => each.breakout === breakout).toSorted((a, b) => order(a.name, b.name)) : []
}
