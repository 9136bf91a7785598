import { describe, expect, test } from 'vitest'

import type { DecisionRec, IdeaRec, ResultRec, StepRec, ZoneRec } from '../../src/sdk/api'
import { recapOf, visitOf } from '../../src/ui/state/recap'

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
const nothing = { steps: [], now: null, over: false, ideas: [], mine: new Set<string>(), filed: [], zones: [], results: [], decisions: [], pulses: [] }
const held = { minutes: 10, left: 60_000 }

describe('what a latecomer is told', () => {
  test('nothing, where nothing has been missed', () => {
    expect(recapOf(nothing)).toBeNull()
    expect(recapOf({ ...nothing, steps: [step(1), step(2)], now: 'step:1' })).toBeNull()
  })

  test('what is behind, the largest groups, what was chosen and what was decided, three of each at most', () => {
    const ideas = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => idea(n, { zone: `zone:${n % 4}` }))
    const told = {
      ...nothing,
      steps: [step(1, held), step(2, { kind: 'vote', shown: true }), step(3)],
      now: 'step:3',
      ideas: [...ideas, idea(9, { zone: 'zone:1' })],
      zones: [0, 1, 2, 3].map(zone),
      results: [result],
      decisions: [1, 2, 3, 4].map(decision),
    }
    expect(recapOf(told)).toEqual({
      behind: ['Étape 1', 'Étape 2'],
      ideas: 9,
      own: 0,
      fresh: 0,
      groups: [{ title: 'Groupe 1', count: 3 }, { title: 'Groupe 0', count: 2 }, { title: 'Groupe 2', count: 2 }],
      chosen: ['Idée 2', 'Idée 1'],
      decided: ['Décision 4', 'Décision 3', 'Décision 2'],
    })
  })

  test('all steps are behind after the last one', () => {
    expect(recapOf({ ...nothing, steps: [step(1, held), step(2, held)], over: true })?.behind).toEqual(['Étape 1', 'Étape 2'])
  })

  test('only what was held: a host may go straight to any step', () => {
    const steps = [step(1, { minutes: 10 }), step(2, { minutes: 10 }), step(3), step(4, { minutes: 5, ends: 1 })]
    expect(recapOf({ ...nothing, steps, now: 'step:4' })).toBeNull()
    const filed = [idea(1, { step: 'step:3' })]
    expect(recapOf({ ...nothing, steps, now: 'step:4', filed })?.behind).toEqual(['Étape 3'])
    // To one and back to the beginning is a slip.
    expect(recapOf({ ...nothing, steps: [step(1, held)] })).toBeNull()
    // And back: what is behind need not stand before.
    expect(recapOf({ ...nothing, steps: [step(1, { ends: 1 }), step(2, held)], now: 'step:1' })?.behind).toEqual(['Étape 2'])
  })

  test('who comes back is told what has come since, and nothing where nothing has', () => {
    const before = { ...nothing, steps: [step(1, held), step(2, { minutes: 10, ends: 1 }), step(3)], now: 'step:2', ideas: [idea(1), idea(2)], decisions: [decision(1)] }
    const visit = visitOf(before, 4)
    expect(visit).toEqual({ at: 4, behind: ['step:1'], ideas: 2, others: 2 })
    expect(recapOf(before, visit)).toBeNull()
    const after = { ...before, steps: [step(1, held), step(2, held), step(3, held)], now: null, over: true, ideas: [idea(1), idea(2), idea(3)], decisions: [decision(1), decision(5)] }
    expect(recapOf(after, visit)).toEqual({ behind: ['Étape 2', 'Étape 3'], ideas: 3, own: 0, fresh: 1, groups: [], chosen: [], decided: ['Décision 5'] })
    expect(recapOf({ ...before, ideas: [idea(1)] }, visit), 'one that went is nothing new').toBeNull()
    const steps = [step(1, held), step(2, { kind: 'vote', shown: true }), step(3)]
    expect(recapOf({ ...before, steps, results: [result] }, visit)?.chosen).toEqual(['Idée 2', 'Idée 1'])
    expect(recapOf({ ...before, steps, results: [result] }, { ...visit, at: 5 })).toBeNull()
  })

  test('one\'s own ideas are nothing new, whatever device they were written on', () => {
    const before = { ...nothing, ideas: [idea(1), idea(2)], mine: new Set(['idea:1']) }
    const visit = visitOf(before, 4)
    const mine = new Set(['idea:1', 'idea:3', 'idea:4'])
    expect(recapOf({ ...before, ideas: [1, 2, 3, 4].map((n) => idea(n)), mine }, visit)).toBeNull()
    expect(recapOf({ ...before, ideas: [1, 2, 3, 4, 5].map((n) => idea(n)), mine }, visit)).toMatchObject({ ideas: 5, own: 3, fresh: 1 })
    // One of mine that went makes none of others' old.
    expect(recapOf({ ...before, ideas: [idea(2), idea(5)] }, visit)?.fresh).toBe(1)
    // A visit that an earlier release kept says how many there were, mine among them.
    expect(recapOf({ ...before, ideas: [1, 2, 3].map((n) => idea(n)), mine }, { at: 4, behind: [], ideas: 2 })).toBeNull()
    // A first time with this device: where there is nothing but one's own, nothing was missed.
    expect(recapOf({ ...nothing, ideas: [idea(1)], mine })).toBeNull()
    expect(recapOf({ ...nothing, ideas: [idea(1), idea(2)], mine })).toMatchObject({ ideas: 2, own: 1, fresh: 0 })
  })

  test('no result that hosts alone have', () => {
    const told = { ...nothing, steps: [step(1, held), step(2, { kind: 'vote' }), step(3)], now: 'step:3', results: [result] }
    expect(recapOf(told)?.chosen).toEqual([])
  })
})
