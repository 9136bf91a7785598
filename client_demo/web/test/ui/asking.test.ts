import { describe, expect, it } from 'vitest'

import type { IdeaRec, StepRec } from '../../src/sdk/api'
import { askedElsewhere, askedIn, awaiting, inAnswer, keep, supportsOf } from '../../src/ui/state/asking'

const question = (id: string, likes = 0, more: Partial<IdeaRec> = {}): IdeaRec => ({
  id, v: 1, text: id, rank: id, step: 's', ...(likes > 0 && { reactions: { like: likes } }), ...more,
})
const step: StepRec = { id: 's', v: 1, kind: 'questions', title: '', rank: 'a0' }

describe('questions of the room', () => {
  it('are those of their step that everyone reads (U12)', () => {
    const ideas = [question('a'), question('b', 0, { hidden: true }), question('c', 0, { step: 'other' })]
    expect(askedIn(step, ideas, ({ hidden }) => !hidden).map(({ id }) => id)).toEqual(['a'])
    expect(askedIn({ ...step, kind: 'ideate' }, ideas, () => true)).toEqual([])
  })

  it('of other steps are known, with how many await an answer', () => {
    const steps: StepRec[] = [step, { ...step, id: 't' }, { ...step, id: 'u' }, { ...step, id: 'v', kind: 'decide' }]
    const ideas = [question('a'), question('b', 0, { answered: true }), question('c', 0, { step: 't', answered: true }), question('d', 0, { step: 'v' })]
    const found = (now: StepRec | undefined) => askedElsewhere(steps, now, ideas, () => true).map(({ step, left }) => [step.id, left])
    expect(found(steps[3])).toEqual([['s', 1], ['t', 0]])
    expect(found(step)).toEqual([['t', 0]])
    expect(askedElsewhere(steps, undefined, ideas, () => false)).toEqual([])
  })

  it('stand most supported first, of as many as the board has them, without those that were answered', () => {
    const asked = [question('a', 1), question('b', 3, { answered: true }), question('c', 1), question('d', 2)]
    expect(awaiting(asked).map(({ id }) => id)).toEqual(['d', 'a', 'c'])
    expect(supportsOf(question('a', 0, { reactions: { love: 4 } }))).toBe(0)
  })

  it('keep their places while somebody looks: what comes stands behind, what goes leaves a gap', () => {
    expect(keep([], ['b', 'a'])).toEqual({ ids: ['b', 'a'], fresh: 0, stale: false })
    expect(keep(['a', 'b'], ['a', 'b'])).toEqual({ ids: ['a', 'b'], fresh: 0, stale: false })
    expect(keep(['a', 'b'], ['c', 'b', 'a'])).toEqual({ ids: ['a', 'b', 'c'], fresh: 1, stale: true })
    expect(keep(['a', 'b'], ['b'])).toEqual({ ids: ['a', 'b'], fresh: 0, stale: true })
  })

  it('are answered one at a time: what hosts have put on the screen (U13)', () => {
    const asked = [question('a'), question('b')]
    const stage = { id: 'stage:of-this-room', v: 1, view: 'ideas' as const, on: 'b' }
    expect(inAnswer(asked, stage)?.id).toBe('b')
    expect(inAnswer(asked, { ...stage, on: 'z' })).toBeUndefined()
    expect(inAnswer(asked, { ...stage, view: 'black' })).toBeUndefined()
    expect(inAnswer(asked, undefined)).toBeUndefined()
  })
})
