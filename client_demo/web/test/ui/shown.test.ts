import { describe, expect, it } from 'vitest'

import type { MemberRec, ResultRec, StepRec } from '../../src/sdk/api'
import { leavesFor } from '../../src/ui/state/ramure'
import { dotsOn, fruitsOf, tablesOf } from '../../src/ui/state/shown'

const vote = (id: string, shown: boolean): StepRec => ({ id, v: 1, kind: 'vote', title: '', rank: id, shown })
const result = (step: string, dots: number): ResultRec => {
  return { id: `result:${step}`, v: 1, step, at: 0, totals: [{ id: 'idea:a', text: 'a', dots, voters: 1 }] }
}

describe('what the big screen draws', () => {
  it('are the dots of the last vote whose result everyone sees, and none where there are none', () => {
    const results = [result('step:1', 3), result('step:2', 5), result('step:3', 8)]
    const steps = [vote('step:1', true), vote('step:2', true), vote('step:3', false)]
    expect(dotsOn('idea:a', steps, results)).toBe(5)
    expect(dotsOn('idea:b', steps, results)).toBeUndefined()
    expect(dotsOn('idea:a', steps, [result('step:1', 0)])).toBeUndefined()
    expect(dotsOn('idea:a', steps.slice(2), results)).toBeUndefined()
  })

  it('are the tables at which anybody sits', () => {
    const at = (breakout?: number): MemberRec => ({ id: `member:${breakout}`, v: 1, name: '', role: 'participant', ...(breakout && { breakout }) })
    expect(tablesOf([at(10), at(), at(2), at(10), at(1)])).toEqual([1, 2, 10])
  })

  it('is a fruit for each decision, each below a leaf of its own, as long as there are leaves', () => {
    const places = (people: number, decisions: number) => new Set(fruitsOf(leavesFor(people), decisions).map(({ x, y }) => `${x} ${y}`)).size
    expect(places(40, 5)).toBe(5)
    expect(places(3, 5)).toBe(3)
    expect(places(0, 2)).toBe(0)
    expect(places(300, 60)).toBe(15)
  })
})
