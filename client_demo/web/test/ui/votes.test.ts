import { describe, expect, it } from 'vitest'

import type { BallotRec, IdeaRec, Pending, ResultRec, StepRec, ZoneRec } from '../../src/sdk/api'
import { dotsOf, nobodyChose, placed, ranked, thingsOf } from '../../src/ui/state/votes'

const step = (more: Partial<StepRec> = {}): StepRec => ({ id: 's', v: 1, kind: 'vote', title: '', rank: 'a', ...more })
const idea = (id: string, more: Partial<IdeaRec> = {}): IdeaRec => ({ id, v: 1, text: id, rank: id, ...more })
const zone: ZoneRec = { id: 'z', v: 1, title: 'Zone', letter: 'C', rank: 'a' }
const put = (on: string, count: number, of = 's'): Pending => {
  return { id: `${on}${count}`, cmd: 'dots.put', args: { step: of, on, count }, at: 0, state: 'sent' }
}
const ballot: BallotRec = { id: 'b', v: 1, step: 's', dots: { a: 2, b: 1 } }

describe('a ballot', () => {
  it('is what the server holds, with what that does not show yet', () => {
    const dots = dotsOf('s', [ballot], [put('b', 0), put('c', 1), put('c', 3), put('d', 1, 't')])
    expect(Object.fromEntries(dots)).toEqual({ a: 2, c: 3 })
    expect(placed(dots)).toBe(5)
  })

  it('of another step is another', () => {
    expect(dotsOf('t', [ballot], []).size).toBe(0)
  })

  it('offers what everyone reads and what stands for itself, as it lies on the board', () => {
    const ideas = [
      idea('loose'),
      idea('zoned', { zone: 'z' }),
      idea('hidden', { hidden: true }),
      idea('gone', { removed: true }),
    ]
    expect(thingsOf(step(), [zone], ideas)).toEqual([
      { id: 'loose', text: 'loose', letter: undefined },
      { id: 'zoned', text: 'zoned', letter: 'C' },
    ])
    expect(thingsOf(step({ targets: 'zones' }), [zone], ideas)).toEqual([{ id: 'z', text: 'Zone', letter: 'C' }])
  })
})

describe('a result', () => {
  it('gives the same rank for as many dots, and leaves out what nobody chose or what has been hidden since', () => {
    const total = (id: string, dots: number, text = id) => ({ id, text, dots, voters: 1 })
    const totals = [total('a', 2), total('b', 5), total('c', 0), total('d', 2), total('e', 1), total('f', 9, '')]
    const result: ResultRec = { id: 'r', v: 1, step: 's', at: 0, totals }
    expect(ranked(result, new Set()).map(({ id, rank }) => `${id}${rank}`)).toEqual(['b1', 'a2', 'd2', 'e4'])
    expect(ranked(undefined, new Set())).toEqual([])
    // Its author was erased, and took the text along.
    expect(ranked(result, new Set(['f'])).map(({ id, rank }) => `${id}${rank}`)).toEqual(['f1', 'b2', 'a3', 'd3', 'e5'])
  })

  it('is nothing only where nobody has put a dot: what has been hidden since was chosen all the same', () => {
    const total = (dots: number, text: string) => ({ id: text, text, dots, voters: 1 })
    const result = (...totals: ReturnType<typeof total>[]): ResultRec => ({ id: 'r', v: 1, step: 's', at: 0, totals })
    expect(nobodyChose(result())).toBe(true)
    expect(nobodyChose(result(total(0, 'a')))).toBe(true)
    expect(nobodyChose(result(total(3, ''), total(0, 'a')))).toBe(false)
  })
})
