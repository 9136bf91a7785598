/** Small tables (T): who sits where, what they talk about and what they report back. Pure. */

import type { BreakoutRec, IdeaRec, MemberRec } from '../../sdk/api'
import type { Room } from './room.svelte'

export const SIZES = [2, 3, 4, 5, 6] as const
const LARGEST = 6

/**
 * How many will sit at each table, the larger ones first, as the server deals them (T1): as even as can be, and as near to `size` as
 * that allows; nobody alone, and no pair where more are asked for and there are enough.
 */
export function sizesOf(people: number, size: number): number[] {
  if (people < 2) return []
  const nearest = Math.floor((2 * people + size) / (2 * size))
  const fewest = size > 2 && people >= LARGEST ? 3 : 2
  const count = Math.max(1, Math.min(Math.floor(people / fewest), Math.max(nearest, Math.ceil(people / LARGEST))))
  return Array.from({ length: count }, (_, n) => Math.floor(people / count) + (n < people % count ? 1 : 0))
}

/** How often there is each size, the larger ones first. */
export function countsOf(sizes: readonly number[]): readonly (readonly [count: number, size: number])[] {
  return [...new Set(sizes)].map((size) => [sizes.filter((each) => each === size).length, size] as const)
}

/** By table, those who sit there, in the order of their names. */
export function seatsOf(members: readonly MemberRec[], language: string): ReadonlyMap<number, readonly MemberRec[]> {
  const order = new Intl.Collator(language).compare
  const seats = new Map<number, MemberRec[]>()
  for (const member of members.toSorted((a, b) => order(a.name, b.name))) {
    if (!member.breakout) continue
    const there = seats.get(member.breakout)
    if (there) there.push(member)
    else seats.set(member.breakout, [member])
  }
  return seats
}

type Said = Pick<Room, 'tables' | 'breakouts' | 'ideaById' | 'reads' | 'zone' | 'ideas'>

/** The round of now, or the last one of which something is said; 0: there was none. */
export function roundOf({ tables, breakouts }: Pick<Said, 'tables' | 'breakouts'>): number {
  return breakouts?.round ?? Math.max(0, ...tables.map(({ round }) => round))
}

/** What is said of the tables of a round, in their order. */
export function saidIn({ tables }: Pick<Said, 'tables'>, round: number): BreakoutRec[] {
  return tables.filter((table) => table.round === round).toSorted((a, b) => a.breakout - b.breakout)
}

/** What a table talks about, as everyone reads it; '' for nothing. */
export function topicOf(table: BreakoutRec | undefined, room: Pick<Said, 'ideaById' | 'reads' | 'zone'>): string {
  if (!table?.about) return table?.topic ?? ''
  const idea = room.ideaById.get(table.about)
  if (idea) return room.reads(idea) ? idea.text : ''
  return room.zone(table.about)?.title ?? ''
}

/** What all tables of now talk about, where that is the same; '' where it is not. */
export function sharedTopic(room: Said): string {
  const said = saidIn(room, room.breakouts?.round ?? 0)
  const [first = ''] = said.map((table) => topicOf(table, room))
  return said.length === room.breakouts?.count && said.every((table) => topicOf(table, room) === first) ? first : ''
}

/** A table's best idea, where everyone reads it. */
export function bestOf(table: BreakoutRec | undefined, { ideaById, reads }: Pick<Said, 'ideaById' | 'reads'>): IdeaRec | undefined {
  const idea = table?.best ? ideaById.get(table.best) : undefined
  return idea && reads(idea) ? idea : undefined
}

/** Ideas that were written at the tables of a round, and that everyone reads, by table. */
export function writtenIn({ ideas, reads }: Pick<Said, 'ideas' | 'reads'>, round: number): ReadonlyMap<number, readonly IdeaRec[]> {
  const written = new Map<number, IdeaRec[]>()
  for (const idea of ideas) {
    if (!round || idea.round !== round || !idea.breakout || !reads(idea)) continue
    const there = written.get(idea.breakout)
    if (there) there.push(idea)
    else written.set(idea.breakout, [idea])
  }
  return written
}

/** Of the tables of a round, those that have something to report back, in their order. */
export function reportsIn(said: Said, round: number): { table: BreakoutRec; best: IdeaRec }[] {
  return saidIn(said, round).flatMap((table) => {
    const best = bestOf(table, said)
    return best ? [{ table, best }] : []
  })
}

/** Whether people sit at small tables, or these have something to report back. */
export function tablesMatter(said: Said): boolean {
  return said.breakouts !== undefined || reportsIn(said, roundOf(said)).length > 0
}
