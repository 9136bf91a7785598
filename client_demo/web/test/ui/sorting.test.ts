import { describe, expect, it } from 'vitest'

import type { HandRec, IdeaRec, Pending, ProposalRec, ZoneRec } from '../../src/sdk/api'
import { handOf, looseOf, nearest, progressOf, proposalsOf } from '../../src/ui/state/sorting'

const idea = (id: string, text: string, more: Partial<IdeaRec> = {}): IdeaRec => ({ id, v: 1, text, rank: id, ...more })
const zone: ZoneRec = { id: 'z', v: 1, title: 'Zone', letter: 'C', rank: 'a' }
const put = (on: string, to: string | null, step = 's'): Pending => {
  return { id: on, cmd: 'hand.put', args: { step, on, to }, at: 0, state: 'sent' }
}
const hand: HandRec = { id: 'hand:1', v: 1, step: 's', cards: ['a', 'b', 'c'], put: { a: 'z' } }

describe('a hand', () => {
  it('is what the server holds, with what that does not show yet', () => {
    const { cards, put: said } = handOf('s', [hand], [put('b', null), put('a', 'y'), put('c', 'z', 't')])
    expect(cards).toEqual(['a', 'b', 'c'])
    expect(Object.fromEntries(said)).toEqual({ a: 'y', b: '' })
    expect(handOf('t', [hand], []).cards).toEqual([])
  })
})

describe('progress', () => {
  it('counts what lies in no group, and of that what somebody has put somewhere', () => {
    const loose = looseOf([idea('a', 'a', { zone: 'z' }), idea('b', 'b', { zone: 'gone' }), idea('c', 'c')], [zone])
    expect(loose.map(({ id }) => id)).toEqual(['b', 'c'])
    const sorting = { id: 'sorting:1', v: 1, step: 's', placed: 1 }
    expect(progressOf(loose, sorting)).toEqual({ loose: 2, placed: 1 })
    // The record comes a moment before the ideas, or behind them.
    expect(progressOf([], sorting)).toEqual({ loose: 0, placed: 0 })
    expect(progressOf(loose, undefined)).toEqual({ loose: 2, placed: 0 })
  })
})

describe('proposals', () => {
  it('come with most hands first, and once where two say the same of each other', () => {
    const said = (on: string, to: string, hands: number): ProposalRec => ({ id: `proposal:${on}`, v: 1, step: 's', on, to, hands, of: hands })
    const all = [said('a', 'z', 3), said('b', 'c', 4), said('c', 'b', 4), said('d', 'z', 5)]
    expect(proposalsOf(all).map(({ on }) => on)).toEqual(['d', 'b', 'a'])
  })
})

describe('ideas that may say the same', () => {
  it('have the same words, whatever their ends and accents', () => {
    const ideas = [
      idea('a', 'Raccourcir les réunions du lundi'),
      idea('b', 'Moins de REUNION le lundi'),
      idea('c', 'Un badge pour tous'),
      idea('d', 'Une réunion de plus'),
    ]
    expect(nearest(ideas[0] as IdeaRec, ideas).map(({ id }) => id)).toEqual(['b', 'd'])
    expect(nearest(ideas[2] as IdeaRec, ideas)).toEqual([])
  })
})
