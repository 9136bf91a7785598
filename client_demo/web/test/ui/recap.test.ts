import { describe, expect, test } from 'vitest'

import type { DecisionRec, IdeaRec, ResultRec, StepRec, ZoneRec } from '../../src/sdk/api'
import { recapOf } from '../../src/ui/state/recap'

const step = (n: number, more: Partial<StepRec> = {}): StepRec => ({
  id: `step:${n}`, v: 1, kind: 'ideate', title: `Étape ${n}`, rank: `a${n}`, ...more,
})
const idea = (n: number, more: Partial<IdeaRec> = {}): IdeaRec => ({ id: `idea:${n}`, v: 1, text: `Idée ${n}`, rank: `a${n}`, ...more })
const zone = (n: number): ZoneRec => ({ id: `zone:${n}`, v: 1, title: `Groupe ${n}`, letter: 'A', rank: `a${n}` })
const decision = (n: number): DecisionRec => ({ id: `decision:${n}`, v: 1, text: `Décision ${n}`, at: n })
const result: ResultRec = {
  id: 'result:2', v: 1, step: 'step:2', at: 5,
  totals: [{ id: 'idea:1', text: 'Idée 1', dots: 2, voters: 2 }, { id: 'idea:2', text: 'Idée 2', dots: 5, voters: 3 }],
}
const nothing = { steps: [], now: null, ideas: [], zones: [], results: [], decisions: [] }

describe('what a latecomer is told', () => {
  test('nothing, where nothing has been missed', () => {
    expect(recapOf(nothing)).toBeNull()
    expect(recapOf({ ...nothing, steps: [step(1), step(2)], now: 'step:1' })).toBeNull()
  })

  test('what is behind, the largest groups, what was chosen and what was decided, three of each at most', () => {
    const ideas = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => idea(n, { zone: `zone:${n % 4}` }))
    const told = {
      steps: [step(1), step(2, { kind: 'vote', shown: true }), step(3)],
      now: 'step:3',
      ideas: [...ideas, idea(9, { zone: 'zone:1' }), idea(10, { hidden: true })],
      zones: [0, 1, 2, 3].map(zone),
      results: [result],
      decisions: [1, 2, 3, 4].map(decision),
    }
    expect(recapOf(told)).toEqual({
      behind: ['Étape 1', 'Étape 2'],
      ideas: 9,
      groups: [{ title: 'Groupe 1', count: 3 }, { title: 'Groupe 0', count: 2 }, { title: 'Groupe 2', count: 2 }],
      chosen: ['Idée 2', 'Idée 1'],
      decided: ['Décision 4', 'Décision 3', 'Décision 2'],
    })
  })

  test('no result that hosts alone have', () => {
    const told = { ...nothing, steps: [step(1), step(2, { kind: 'vote' }), step(3)], now: 'step:3', results: [result] }
    expect(recapOf(told)?.chosen).toEqual([])
  })
})
