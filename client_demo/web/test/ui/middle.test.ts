import { describe, expect, it } from 'vitest'

import type { AgendaRec, PulseRec, ResultRec, StepKind, StepRec } from '../../src/sdk/api'
import { lastResult, middleOf, type Stand } from '../../src/ui/state/middle'
import { suggested, type Ranked } from '../../src/ui/state/votes'

const step = (kind: StepKind, more: Partial<StepRec> = {}): StepRec => ({ id: 's', v: 1, kind, title: '', rank: 'a', ...more })
const result = (of: string): ResultRec => ({ id: `r-${of}`, v: 1, step: of, at: 1 })
const pulse = (at: number, more: Partial<PulseRec> = {}): PulseRec => ({ id: `p${at}`, v: 1, question: '?', form: 'words', at, ...more })
const agenda: AgendaRec = { id: 'agenda', v: 1, now: 's', since: 10 }
const stand = (more: Partial<Stand>): Stand => ({ step: undefined, agenda, between: null, pulses: [], stage: undefined, results: [], ...more })
const middle = (more: Partial<Stand>) => middleOf(stand(more))

describe('the middle of a desk', () => {
  it('shows how people come in before the first step, and what is left of it after the last', () => {
    expect(middle({ between: 'before' })).toBe('invite')
    expect(middle({ between: 'after' })).toBe('next')
    expect(middle({})).toBe('board')
  })

  it('counts where nobody reads, and shows the board where the host does', () => {
    expect(middle({ step: step('ideate', { blind: 'nobody' }) })).toBe('writing')
    expect(middle({ step: step('ideate', { blind: 'hosts' }) })).toBe('board')
    expect(middle({ step: step('ideate', { blind: 'nobody', revealed: true }) })).toBe('board')
  })

  it('shows what was chosen where it is tested and decided on, once there is any', () => {
    for (const kind of ['discuss', 'decide'] as const) {
      expect(middle({ step: step(kind) })).toBe('board')
      expect(middle({ step: step(kind), results: [result('v')] })).toBe('chosen')
    }
  })

  it('shows a question of now, and none that was left open in an earlier step', () => {
    expect(middle({ step: step('decide'), pulses: [pulse(11)] })).toBe('asking')
    expect(middle({ step: step('decide'), pulses: [pulse(11, { closed: true })] })).toBe('board')
    expect(middle({ step: step('decide'), pulses: [pulse(9)], results: [result('v')] })).toBe('chosen')
    expect(middle({ step: step('pulse') })).toBe('asking')
  })
})

describe('what is gone on with', () => {
  const chosen = (...dots: number[]): Ranked[] => dots.map((each, n) => ({ id: `${n}`, text: '', dots: each, voters: 1, rank: n + 1 }))

  it('is the last vote of the agenda, in whatever order results came', () => {
    const steps = [step('vote', { id: 'first' }), step('vote', { id: 'second' }), step('vote', { id: 'third' })]
    expect(lastResult(steps, [result('second'), result('first')])?.step).toBe('second')
    expect(lastResult(steps, [])).toBeUndefined()
  })

  it('goes to where the dots fall most, and parts none that have as many', () => {
    expect(suggested(chosen())).toBe(0)
    expect(suggested(chosen(4, 2))).toBe(2)
    expect(suggested(chosen(9, 8, 7, 6, 1, 1))).toBe(4)
    expect(suggested(chosen(9, 5, 5, 5, 5))).toBe(5)
    expect(suggested(chosen(9, 8, 7, 7, 6, 5, 4, 3, 2))).toBe(4)
  })
})
