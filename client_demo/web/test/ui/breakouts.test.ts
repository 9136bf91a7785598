import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import type { BreakoutRec, BreakoutsRec, IdeaRec, MemberRec, ZoneRec } from '../../src/sdk/api'
import { bestOf, countsOf, reportsIn, roundOf, seatsOf, sharedTopic, sizesOf, tablesMatter, topicOf, writtenIn } from '../../src/ui/state/breakouts'

const { cases } = JSON.parse(readFileSync(new URL('../../../../protocol/vectors/breakouts.json', import.meta.url), 'utf8')) as {
  cases: readonly { people: number; size: number; sizes: number[] }[]
}

const person = (id: string, name: string, more: Partial<MemberRec> = {}): MemberRec => ({ id, v: 1, name, role: 'participant', ...more })
const PEOPLE = [
  person('claire', 'Claire', { role: 'host' }),
  person('zoe', 'Zoé', { breakout: 1 }),
  person('elodie', 'Élodie', { breakout: 1 }),
  person('paul', 'Paul', { breakout: 2 }),
  person('nadia', 'Nadia'),
]

const idea = (id: string, more: Partial<IdeaRec> = {}): IdeaRec => ({ id, v: 1, text: id, rank: 'a0', ...more })
const table = (round: number, breakout: number, more: Partial<BreakoutRec> = {}): BreakoutRec => ({ id: `breakout:${round}-${breakout}`, v: 1, round, breakout, ...more })

interface Part {
  tables?: BreakoutRec[]
  breakouts?: BreakoutsRec
  ideas?: IdeaRec[]
}

function room({ tables = [], breakouts, ideas = [] }: Part) {
  return {
    tables,
    breakouts,
    ideas,
    ideaById: new Map(ideas.map((each) => [each.id, each])),
    reads: ({ hidden, removed }: Pick<IdeaRec, 'hidden' | 'removed'>) => !hidden && !removed,
    zone: (id: string | null | undefined): ZoneRec | undefined => (id === 'zone:1' ? { id, v: 1, title: 'Garder', letter: 'A', rank: 'a0' } : undefined),
  }
}

const NOW: BreakoutsRec = { id: 'breakouts:of-this-room', v: 1, size: 3, count: 2, since: 0, round: 2 }

describe('small tables', () => {
  it.each(cases)('T1: $people people by $size sit as the server deals them', ({ people, size, sizes }) => {
    expect(sizesOf(people, size)).toEqual(sizes)
  })

  it('T1: one person alone is dealt to no table', () => {
    expect(sizesOf(1, 3)).toEqual([])
    expect(countsOf([6, 6, 5])).toEqual([[2, 6], [1, 5]])
  })

  it('names those at each table in the order of their names, and nobody who stands', () => {
    const seats = seatsOf(PEOPLE, 'fr')
    expect(seats.get(1)?.map(({ name }) => name)).toEqual(['Élodie', 'Zoé'])
    expect([...seats.keys()].toSorted()).toEqual([1, 2])
  })

  it('T4: a topic is what was typed, or an idea or zone as it reads now', () => {
    const ideas = [idea('idea:1', { text: 'Moins de réunions' }), idea('idea:2', { hidden: true })]
    const told = (more: Partial<BreakoutRec>) => topicOf(table(1, 1, more), room({ ideas }))
    expect(told({ topic: 'Le lundi' })).toBe('Le lundi')
    expect(told({ about: 'idea:1' })).toBe('Moins de réunions')
    expect(told({ about: 'zone:1' })).toBe('Garder')
    expect([told({ about: 'idea:2' }), told({ about: 'idea:9' }), topicOf(undefined, room({}))]).toEqual(['', '', ''])
  })

  it('T4: a topic is shared where all tables of now have it', () => {
    const both = [table(2, 1, { topic: 'Le lundi' }), table(2, 2, { topic: 'Le lundi' })]
    expect(sharedTopic(room({ tables: both, breakouts: NOW }))).toBe('Le lundi')
    expect(sharedTopic(room({ tables: both.slice(0, 1), breakouts: NOW }))).toBe('')
    expect(sharedTopic(room({ tables: [...both.slice(0, 1), table(2, 2, { topic: 'Le mardi' })], breakouts: NOW }))).toBe('')
  })

  it('T6: reports the best ideas of the last round, in the order of the tables, and none that is not read', () => {
    const ideas = [idea('idea:1'), idea('idea:2'), idea('idea:3', { hidden: true })]
    const tables = [table(1, 1, { best: 'idea:1' }), table(2, 10, { best: 'idea:2' }), table(2, 2, { best: 'idea:1' }), table(2, 3, { best: 'idea:3' })]
    const after = room({ tables, ideas })
    expect(roundOf(after)).toBe(2)
    expect(reportsIn(after, 2).map(({ table, best }) => [table.breakout, best.id])).toEqual([[2, 'idea:1'], [10, 'idea:2']])
    expect(bestOf(tables[3], after)).toBeUndefined()
    expect(tablesMatter(after)).toBe(true)
    expect(tablesMatter(room({ tables: tables.slice(3), ideas }))).toBe(false)
  })

  it('T3: what was written at a table is that of its round', () => {
    const ideas = [idea('idea:1', { round: 1, breakout: 2 }), idea('idea:2', { round: 2, breakout: 2 }), idea('idea:3', { round: 2, breakout: 2, removed: true }), idea('idea:4', { breakout: 2 })]
    expect(writtenIn(room({ ideas }), 2).get(2)?.map(({ id }) => id)).toEqual(['idea:2'])
    expect(writtenIn(room({ ideas }), 0).size).toBe(0)
  })
})
